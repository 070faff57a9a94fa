-- Accounts: closed and opened again, roles that hold on some days only.
BEGIN;
\ir lib/world.psql
SELECT plan(27);

CREATE FUNCTION pg_temp.close(account text, by_account text DEFAULT 'A0001', now bigint DEFAULT t.r0()) RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.account_close(140522, by_account, now, account, 'left the office')
$$;
CREATE FUNCTION pg_temp.open(account text) RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.account_open(140522, 'A0001', t.r0() + 1, account, 'is back')
$$;
CREATE FUNCTION pg_temp.days(account text, role text, prefix text, since date, until date, by_account text DEFAULT 'A0001') RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.account_days(140522, by_account, t.r0(), account, role, prefix, since, until)
$$;
CREATE FUNCTION pg_temp.grids(account text) RETURNS bigint[] LANGUAGE sql AS $$ SELECT qm.grids_of(140522, account) $$;
CREATE FUNCTION pg_temp.comes_in(account text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT 'session' FROM qm.session s WHERE s.account = comes_in.account),
                     (SELECT 'token' FROM qm.token k WHERE k.account = comes_in.account),
                     (SELECT 'password' FROM qm.password w WHERE w.account = comes_in.account),
                     (SELECT 'enrol' FROM qm.enrol_code c WHERE c.account = comes_in.account AND c.used_key IS NULL AND c.expires_ms > t.r0()),
                     (SELECT 'login' FROM qm.login_code c WHERE c.account = comes_in.account AND c.expires_ms > t.r0()))
$$;
CREATE TEMP TABLE day AS SELECT qm.day_of(t.r0()) AS today;

CREATE TEMP TABLE had AS SELECT pg_temp.grids('W0001') AS grids;
SELECT isnt(grids, '{}', 'a worker has grids') FROM had;
INSERT INTO qm.password VALUES (140522, 'W0001', '$argon2id$x', 1);
SELECT is((SELECT status FROM qm.session_begin(140522, 'W0001', 's', t.r0(), t.r0() + 1000, (SELECT today FROM day))), 0::smallint, 'signs in');
SELECT is((SELECT status FROM qm.token_new(140522, 'W0001', 'worker', (SELECT grids[1]::text FROM had), 'k', t.r0() + 1000)), 0::smallint, 'has a token');
SELECT is((SELECT status FROM qm.code_new(140522, 'A0001', 'W0001', 'c', t.r0() + 1000)), 0::smallint, 'and a code for a phone');
SELECT is((SELECT status FROM qm.login_code_new(140522, 'A0001', 'W0001', 'l', t.r0() + 1000)), 0::smallint, 'and one for a browser');
SELECT is(pg_temp.comes_in('W0001'), 'session token password enrol login', 'all of them open the account');

SELECT is(pg_temp.close('W0001', 'W0001'), 2, 'nobody closes the own account');
SELECT is(pg_temp.close('W9999'), 5, 'nor one that is not there');
SELECT is(pg_temp.close('A0001', 'T0001'), 9, 'nor the only admin');
SELECT is((SELECT closed FROM qm.account WHERE account = 'A0001'), false, '... which stays open');
SELECT is(pg_temp.close('W0001'), 0, 'a worker who leaves');
SELECT is(pg_temp.close('W0001'), 1, '... once');
SELECT is(pg_temp.comes_in('W0001'), '', 'nothing opens the account any more');
SELECT is(pg_temp.grids('W0001'), '{}', '... and the phone gets no list');
SELECT is((SELECT count(*) FROM qm.account_grid WHERE account = 'W0001'), (SELECT cardinality(grids)::bigint FROM had), '... but had the grids');
SELECT is(pg_temp.open('W0001'), 0, 'opened again');
SELECT is(pg_temp.open('W0001'), 1, '... once');
SELECT is(pg_temp.grids('W0001'), (SELECT grids FROM had), 'the grids are there again');
SELECT is(pg_temp.comes_in('W0001'), '', '... but no old way in');
SELECT is((SELECT string_agg(concat_ws(' ', closed, by_account, reason), ', ' ORDER BY at) FROM qm.account_closing WHERE account = 'W0001'),
    't A0001 left the office, f A0001 is back', 'who did it and why is kept');

SELECT is(pg_temp.days('W0001', 'worker', grids[1]::text, NULL, today - 1), 0, 'a role that ended yesterday') FROM had, day;
SELECT is(pg_temp.grids('W0001'), grids[2:], '... has no grid today') FROM had;
SELECT is(pg_temp.days('W0001', 'worker', grids[1]::text, today + 1, NULL), 0, 'one that begins tomorrow') FROM had, day;
SELECT is((SELECT array_agg(moved IS NOT NULL) FROM qm.birthdays(140522, today + 1)), '{t}', 'the night passes') FROM day;
SELECT is(pg_temp.grids('W0001'), grids, '... and it has begun') FROM had;
SELECT is(pg_temp.days('A0001', 'admin', '140522', NULL, today - 1, 'T0001'), 9, 'the only admin''s role does not end') FROM day;
SELECT is((SELECT status FROM qm.import_accounts(140522, 'A0001', t.r0(), ARRAY['A0001'], ARRAY['township'], ARRAY['n'::bytea],
    ARRAY['p'::bytea], ARRAY['140522110'], NULL, NULL)), 9::smallint, '... by a file either');
SELECT * FROM finish();
ROLLBACK;
