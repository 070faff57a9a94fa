-- The rules that let one schema run on one PostgreSQL and on a sharded one, read from the catalogue.
BEGIN;
\ir lib/tap.psql
SELECT plan(29);

-- Tables of schema qm; a county table has the column county and is no reference table.
CREATE TEMP VIEW tables AS
    SELECT c.oid, c.relname::text AS name,
           c.relname NOT IN ('site', 'division', 'device_home', 'account_home', 'counter_place', 'migration') AS of_county
      FROM pg_class c WHERE c.relnamespace = 'qm'::regnamespace AND c.relkind IN ('r', 'p');
CREATE TEMP VIEW functions AS
    SELECT p.oid, p.oid::regprocedure::text AS name, p.prosrc AS src, l.lanname AS lang, p.proconfig AS conf, p.prokind
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'qm'::regnamespace;

SELECT cmp_ok((SELECT count(*) FROM tables WHERE of_county), '>', 25::bigint, 'there are county tables');
SELECT is((SELECT count(*) FROM tables WHERE NOT of_county), 6::bigint, 'and six reference tables');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'qm'::regnamespace
            AND relkind NOT IN ('r', 'p', 'i', 'I', 'c', 't')), 0::bigint,
          'nothing else: no view, sequence or foreign table');

SELECT is_empty($$
    SELECT t.name FROM tables t WHERE of_county AND NOT EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = 1 AND a.attname = 'county'
           AND a.atttypid = 'int'::regtype AND a.attnotnull) $$,
    'county int NOT NULL is the first column of every county table');
SELECT is_empty($$
    SELECT t.name FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
     WHERE a.attname = 'county' AND a.atttypid <> 'int'::regtype $$, 'county has the same type everywhere');
SELECT is_empty($$ SELECT name FROM tables t WHERE NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary) $$, 'every table has a primary key');
SELECT is_empty($$
    SELECT i.indexrelid::regclass FROM pg_index i JOIN tables t ON t.oid = i.indrelid
     WHERE t.of_county AND i.indisunique
       AND i.indkey[0] IS DISTINCT FROM (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'county') $$,
    'county is the first column of every primary key, unique constraint and unique index');
SELECT is_empty($$
    SELECT i.indexrelid::regclass FROM pg_index i JOIN tables t ON t.oid = i.indrelid
     WHERE t.of_county AND i.indkey[0] IS DISTINCT FROM 1 $$, 'and of every other index of a county table');
SELECT is_empty($$
    SELECT i.indexrelid::regclass FROM pg_index i JOIN tables t ON t.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
     WHERE t.name IN ('household', 'resident') AND a.attname = 'rev' $$,
    'the revision stands in no index, which keeps updates heap-only');

SELECT is_empty($$ SELECT tgname FROM pg_trigger JOIN tables t ON t.oid = tgrelid WHERE NOT tgisinternal $$, 'no triggers');
SELECT is_empty($$ SELECT rulename FROM pg_rewrite JOIN tables t ON t.oid = ev_class $$, 'no rules');
SELECT is_empty($$ SELECT t.name FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
                    WHERE a.attidentity <> '' OR a.attgenerated <> '' $$, 'no identity and no generated columns');
SELECT is_empty($$
    SELECT t.name, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN tables t ON t.oid = d.adrelid
     WHERE pg_get_expr(d.adbin, d.adrelid) ~ '\(' $$, 'defaults are constants');
SELECT is_empty($$ SELECT name FROM tables t JOIN pg_class c ON c.oid = t.oid WHERE c.relrowsecurity $$,
    'no row level security: scope is an argument');

SELECT cmp_ok((SELECT count(*) FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'), '>', 5::bigint,
    'there are foreign keys');
SELECT is_empty($$
    SELECT k.conname FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid JOIN tables r ON r.oid = k.confrelid
     WHERE k.contype = 'f' AND t.of_county AND r.of_county
       AND array_position(k.conkey, (SELECT attnum FROM pg_attribute WHERE attrelid = k.conrelid AND attname = 'county'))
           IS DISTINCT FROM
           array_position(k.confkey, (SELECT attnum FROM pg_attribute WHERE attrelid = k.confrelid AND attname = 'county')) $$,
    'county to county: at the same place of both keys');
SELECT is_empty($$
    SELECT k.conname FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid JOIN tables r ON r.oid = k.confrelid
     WHERE k.contype = 'f' AND NOT t.of_county AND r.of_county $$, 'no reference table points at a county table');
SELECT is_empty($$
    SELECT k.conname FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
     WHERE k.contype = 'f' AND (k.confdeltype <> 'a' OR k.confupdtype <> 'a') $$, 'no ON DELETE or ON UPDATE action');

-- A SET on a function keeps the planner from inlining it.  Those without one must be SQL, one expression
-- that the hot statements take in; they name everything in full, so that a caller's path means nothing.
SELECT is_empty($$ SELECT name FROM functions WHERE lang = 'plpgsql'
     AND NOT EXISTS (SELECT FROM unnest(conf) c WHERE c LIKE 'search_path=%') $$, 'a search_path on every plpgsql function');
SELECT is_empty($$ SELECT name FROM functions WHERE lang NOT IN ('plpgsql', 'sql') OR prokind <> 'f' $$,
    'functions are SQL or plpgsql; no procedures, no aggregates');
SELECT is_empty($$ SELECT name, c FROM functions, unnest(conf) c
     WHERE c LIKE 'search_path=%' AND c NOT IN ('search_path=qm, pg_temp') $$, 'pg_temp is searched last');
CREATE FUNCTION pg_temp.resolves(p_function oid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('search_path', '', true);
    EXECUTE pg_get_functiondef(p_function);
    PERFORM set_config('search_path', 'public', true);
    RETURN NULL;
EXCEPTION WHEN undefined_table OR undefined_function OR undefined_object THEN
    RETURN SQLERRM;
END
$$;
SELECT is_empty($$ SELECT name, pg_temp.resolves(oid) FROM functions
     WHERE lang = 'sql' AND conf IS NULL AND pg_temp.resolves(oid) IS NOT NULL $$,
    'SQL functions without a search_path resolve with an empty one');

SELECT is_empty($$ SELECT name FROM functions
     WHERE src ~* '\m(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid|nextval)\s*\('
        OR src ~* '\m(current_date|current_time|current_timestamp|localtime|localtimestamp)\M'
        OR src ~* '\m(pg_advisory|pg_notify|notify|dblink)' OR src ~* '\mcreate\s+(temp|temporary|table)' $$,
    'no clock, chance, sequence, advisory lock, notification or temporary table: times come as parameters');

SELECT results_eq(
    $$ SELECT place FROM qm.counter_place ORDER BY place $$, $$ SELECT generate_series(1, 68) $$,
    'counter places are 1..68');
SELECT results_eq($$
    SELECT cardinality(v), (SELECT count(*) FROM qm.counter_place)::int
      FROM qm.sum_states(ARRAY[ROW(1, 1, 1, 1, false, 0, 0, 0, 0, false, false, 0)::qm.household_state],
                         ARRAY[ROW(1, 1, 1, 1, 2, 0, 0, 0, false)::qm.resident_state])
    UNION ALL
    SELECT cardinality(v), 68 FROM qm.sum_states(ARRAY[ROW(1, 1, 1, 1, false, 0, 0, 0, 0, false, false, 0)::qm.household_state], NULL)
    UNION ALL
    SELECT cardinality(v), 68 FROM qm.sum_states(NULL, ARRAY[ROW(1, 1, 1, 1, 2, 0, 0, 0, false)::qm.resident_state]) $$,
    $$ VALUES (68, 68), (68, 68), (68, 68) $$, 'and sum_states makes as many, with one side or both');

-- The lock on the head is the only lock order there is.
SELECT is_empty($$ SELECT unnest(ARRAY['sync', 'enrol', 'rotate', 'revoke', 'decide', 'erase', 'set_config', 'setting_put', 'county_add',
        'log_continue', 'blob_put', 'blob_note', 'blob_sweep', 'birthdays', 'import_grids', 'import_accounts',
        'import_households', 'import_residents', 'set_status', 'claim', 'move_household', 'merge_household',
        'move_resident', 'split_household', 'register_edit', 'register_undo', 'proposals_settle', 'code_new', 'recount_note', 'token_new', 'freeze_commit', 'bulletin_publish', 'bulletin_drop',
        'wording_set', 'bulletin_seal_set', 'proposal_decide', 'signoff_prepare', 'signoff_confirm', 'figures_set',
        'login_code_new', 'login_first', 'password_change', 'login_fail', 'session_begin', 'session_end', 'access_note', 'directive_publish',
        'directive_acknowledge', 'duties_put', 'duty_trained', 'duty_remove', 'preference_set', 'preference_put', 'groups_sweep'])
    EXCEPT SELECT split_part(split_part(name, '(', 1), '.', 2) FROM functions WHERE src ~ 'qm\.lock_head\(p_county\)' $$,
    'every function that a caller writes with takes the head lock');
SELECT is_empty($$ SELECT split_part(split_part(name, '(', 1), '.', 2) FROM functions
     WHERE src ~ '\m(INSERT INTO|UPDATE|DELETE FROM)\s+qm\.' AND src !~ 'qm\.lock_head\(p_county\)'
    EXCEPT SELECT unnest(ARRAY['log_commit', 'post', 'carried_note', 'apply_events', 'refold', 'rehome', 'sync_store', 'sync_phones', 'sync_create',
        'decide_create', 'erase_parts', 'erase_cards', 'put_facts', 'put_household_facts', 'put_resident_facts', 'do_split', 'bulletin_object', 'day_close', 'account_grids']) $$,
    'what writes without it is the inside of one that has it');
SELECT is_empty($$ SELECT name FROM functions WHERE src ~ 'qm\.lock_head\(p_county\)'
     AND src !~ '(v_head|v_old) qm\.log_head := qm\.lock_head\(p_county\)' AND src !~ 'BEGIN\s+PERFORM qm\.lock_head\(p_county\)'
     AND name !~ 'county_add' $$,
    'with their first statement (a new county makes its head row before)');
SELECT is_empty($$ SELECT name FROM tables t WHERE obj_description(t.oid, 'pg_class') IS NULL
    $$,
    'every table has a comment');
SELECT * FROM finish();
ROLLBACK;
