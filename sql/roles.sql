-- Who may do what; applied by every migrate, in one transaction with the functions.
--
-- qiaomen_app is what the server needs and no more: a login of a site is made a member of it.  It can
-- add to the log, the events and the proofs, and cannot change or drop any of them.  qiaomen_office is
-- what people of the office do at the browser: the register, accounts, decisions, settings; it cannot
-- change a record either.  Erasing P, restores and tokens belong to the owner of the tables, as whom
-- `admin` and `migrate` run.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'qiaomen_app') THEN
        CREATE ROLE qiaomen_app NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'qiaomen_office') THEN
        CREATE ROLE qiaomen_office NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the whole cluster: another database's migrate may be at work.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- The owner's login may take the roles on, which is how `serve` runs on one login.
GRANT qiaomen_app, qiaomen_office TO CURRENT_USER;

REVOKE ALL ON SCHEMA qm FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA qm FROM PUBLIC, qiaomen_app, qiaomen_office;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA qm FROM PUBLIC, qiaomen_app, qiaomen_office;
GRANT USAGE ON SCHEMA qm TO qiaomen_app, qiaomen_office;

GRANT SELECT ON ALL TABLES IN SCHEMA qm TO qiaomen_app, qiaomen_office;
REVOKE SELECT ON qm.migration FROM qiaomen_app, qiaomen_office;

-- Facts: added, never changed.
GRANT INSERT ON qm.log_entry, qm.log_node, qm.log_checkpoint, qm.batch, qm.event, qm.void_mark,
    qm.evidence, qm.device_key, qm.device_home, qm.household_left, qm.register_change, qm.recount
    TO qiaomen_app;
-- Bytes of rejected lines go after 30 days, the fact that they came stays.
GRANT INSERT, UPDATE (e, p) ON qm.quarantine TO qiaomen_app;
-- A picture that no event names goes after 14 days; that one is there and listed stays.
GRANT INSERT, UPDATE (listed_idx), DELETE ON qm.blob TO qiaomen_app;
GRANT INSERT, DELETE ON qm.want TO qiaomen_app;

-- Rankings: what was frozen and published stays as it is; a draft's state moves on, its words and what
-- people decide on proposals are theirs, sign-offs and figures are renewed until they are used.
GRANT INSERT ON qm.object, qm.object_part, qm.bulletin_row, qm.bulletin_seal TO qiaomen_app;
-- Its age and never its bytes.
GRANT UPDATE (put_ms) ON qm.object_part TO qiaomen_app;
GRANT INSERT, UPDATE (state, idx, published_by, published_ms, number) ON qm.bulletin TO qiaomen_app;
GRANT INSERT, UPDATE (body, by_account, at) ON qm.bulletin_text TO qiaomen_app;
GRANT INSERT, UPDATE (state, by_account, at, remark) ON qm.proposal TO qiaomen_app;
GRANT INSERT, UPDATE (prepared_by, prepared_ms, to_size, roster_sha, confirmed_by, confirmed_ms, idx)
    ON qm.signoff TO qiaomen_app;
GRANT INSERT, UPDATE (value, source, by_account, at) ON qm.figure TO qiaomen_app;

-- States, counters and the head: a fold of the facts, kept by the functions.
GRANT UPDATE ON qm.log_head TO qiaomen_app;
GRANT INSERT, UPDATE ON qm.device, qm.household, qm.resident, qm.grid_counter, qm.village_counter, qm.carried_gain
    TO qiaomen_app;
GRANT INSERT ON qm.household_card, qm.resident_card TO qiaomen_app;
GRANT UPDATE (used_key) ON qm.enrol_code TO qiaomen_app;
-- At night, as roles begin and end.
GRANT INSERT, UPDATE (now) ON qm.account_grid TO qiaomen_app;

-- Signing in at a browser.  Who looked at what is added and never changed.
GRANT INSERT, UPDATE ON qm.password TO qiaomen_app;
GRANT UPDATE (used_ms) ON qm.login_code TO qiaomen_app;
GRANT INSERT, DELETE ON qm.session TO qiaomen_app;
GRANT INSERT ON qm.access TO qiaomen_app;

-- Days that were closed; directives and who read them.
GRANT INSERT ON qm.area_day, qm.directive, qm.directive_ack TO qiaomen_app;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA qm TO qiaomen_app;
REVOKE EXECUTE ON FUNCTION qm.county_add, qm.log_continue, qm.set_config, qm.setting_put, qm.decide, qm.decide_create,
    qm.erase, qm.erase_parts, qm.erase_cards, qm.token_new, qm.code_new, qm.login_code_new, qm.revoke, qm.import_grids, qm.import_accounts,
    qm.account_close, qm.account_open, qm.account_days,
    qm.import_households, qm.import_residents, qm.set_status, qm.claim, qm.put_facts,
    qm.put_household_facts, qm.put_resident_facts, qm.move_household, qm.do_move_household, qm.merge_household,
    qm.do_merge, qm.move_resident, qm.do_move_resident, qm.split_household, qm.do_split, qm.register_edit,
    qm.register_undo, qm.proposals_settle, qm.proposals_status, qm.do_proposal FROM qiaomen_app;

-- ---- the office at the browser

GRANT INSERT ON qm.log_entry, qm.log_node, qm.log_checkpoint, qm.decision, qm.object, qm.household_left,
    qm.resident_left, qm.register_change, qm.register_kept, qm.register_proposal, qm.enrol_code, qm.login_code
    TO qiaomen_office;
-- A change that is taken back stays and says so; a proposal that it settled is open again.
GRANT UPDATE (undone) ON qm.register_change TO qiaomen_office;
GRANT DELETE ON qm.register_proposal TO qiaomen_office;
GRANT UPDATE ON qm.log_head TO qiaomen_office;
GRANT INSERT, UPDATE ON qm.setting, qm.grid, qm.account, qm.account_grid, qm.household, qm.household_card,
    qm.resident, qm.resident_card, qm.grid_counter, qm.village_counter TO qiaomen_office;
GRANT INSERT, UPDATE (from_day, until_day), DELETE ON qm.account_role TO qiaomen_office;
-- Closing an account ends what somebody could come in with.
GRANT INSERT ON qm.account_closing TO qiaomen_office;
GRANT DELETE ON qm.session, qm.token, qm.password TO qiaomen_office;
GRANT UPDATE (expires_ms) ON qm.enrol_code, qm.login_code TO qiaomen_office;
-- Names of townships and villages; the server lets only a county's admin import them, and only within it.
GRANT INSERT, UPDATE ON qm.division TO qiaomen_office;
GRANT INSERT, UPDATE, DELETE ON qm.duty_person TO qiaomen_office;
GRANT INSERT, UPDATE ON qm.preference TO qiaomen_office;
REVOKE EXECUTE ON FUNCTION qm.duties_put, qm.duty_trained, qm.duty_remove, qm.preference_set, qm.preference_put FROM qiaomen_app;
GRANT UPDATE (revoked_idx, revoked_recv, lost_ms) ON qm.device TO qiaomen_office;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA qm TO qiaomen_office;
REVOKE EXECUTE ON FUNCTION qm.county_add, qm.log_continue, qm.erase, qm.token_new, qm.sync, qm.enrol, qm.rotate
    FROM qiaomen_office;
