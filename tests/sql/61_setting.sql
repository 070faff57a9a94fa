-- Who sets what: a township's office the targets of its own area, the county's office all that holds for the county.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
SELECT plan(25);

CREATE FUNCTION pg_temp.target(prefix text, threshold int DEFAULT 5000) RETURNS text LANGUAGE sql AS $$
    SELECT format('{"metric": "visited", "prefix": "%s", "threshold": %s, "from": "2026-01-01", "due": "2026-12-31"}', prefix, threshold)
$$;
CREATE FUNCTION pg_temp.put(by text, body text, kind text DEFAULT 'targets', prefix text DEFAULT '140522', rows_max int DEFAULT 100,
                            bytes_max int DEFAULT 10000) RETURNS text LANGUAGE sql AS $$
    SELECT p.status || ' ' || coalesce(p.bad::text, '-')
      FROM qm.setting_put(140522, by, t.r0(), prefix, kind, convert_to(body, 'UTF8'), rows_max, bytes_max) p
$$;
CREATE FUNCTION pg_temp.kept(kind text DEFAULT 'targets') RETURNS text LANGUAGE sql AS $$
    SELECT convert_from(o.body, 'UTF8') FROM qm.setting s JOIN qm.object o USING (county, sha256)
     WHERE s.county = 140522 AND s.kind = kept.kind
$$;
CREATE FUNCTION pg_temp.size() RETURNS bigint LANGUAGE sql AS $$ SELECT size FROM qm.log_head WHERE county = 140522 $$;

-- T0001 is the office of 140522110, T0002 that of 140522111; A0001 is the county's admin.
SELECT t.workers(ARRAY['T0002', 'T0003', 'V0001', 'T0004', 'T0004'], ARRAY['township', 'township', 'secretary', 'township', 'township'],
                 ARRAY['140522111', '140522110', '140522110204', '140522110', '140522111']);
UPDATE qm.account_role SET until_day = '2000-01-01' WHERE account = 'T0003';

SELECT is(pg_temp.put('T0001', format('[%s]', pg_temp.target('140522110'))), '0 -', 'the first targets there are');
SELECT is(pg_temp.kept(), format('[%s]', pg_temp.target('140522110')), '... as they were written');
SELECT is(pg_temp.put('A0001', format(E'[ %s,\n %s ]', pg_temp.target('140522'), pg_temp.target('140522110', 10))), '0 -', 'the county sets all');
SELECT is(pg_temp.kept(), format(E'[ %s,\n %s ]', pg_temp.target('140522'), pg_temp.target('140522110', 10)), '... its bytes are kept');
SELECT is(pg_temp.put('T0001', format('[%s,%s]', pg_temp.target('140522110', 20), pg_temp.target('140522110204', 30))), '0 -',
          'a township sets its own and its villages''');
SELECT is(pg_temp.kept(), format('[%s,%s,%s]', pg_temp.target('140522'), pg_temp.target('140522110', 20), pg_temp.target('140522110204', 30)),
          '... in the place of those that it had');
SELECT is(pg_temp.put('T0002', format('[%s]', pg_temp.target('140522111', 40))), '0 -', 'another one too');
SELECT is(pg_temp.kept(), format('[%s,%s,%s,%s]', pg_temp.target('140522'), pg_temp.target('140522110', 20),
                                 pg_temp.target('140522110204', 30), pg_temp.target('140522111', 40)), '... and nobody else''s change');
CREATE TEMP TABLE was AS SELECT pg_temp.size() AS size, pg_temp.kept() AS kept;
SELECT is(pg_temp.put('T0002', format('[%s]', pg_temp.target('140522111', 40))), '1 -', 'the same again writes nothing');
SELECT is(pg_temp.put('T0001', format('[%s,%s]', pg_temp.target('140522110'), pg_temp.target('140522'))), '3 1', 'the county''s are not the township''s');
SELECT is(pg_temp.put('T0001', format('[%s]', pg_temp.target('140522111'))), '3 0', 'nor another township''s');
SELECT is(pg_temp.put('A0001', format('[%s]', pg_temp.target('140522')), prefix => '140522110'), '3 0', 'nor who works in a township now, though he is the county''s');
SELECT is(pg_temp.put('V0001', '[]'), '2 -', 'a village sets none');
SELECT is(pg_temp.put('T0003', '[]'), '2 -', 'nor one whose days are over');
SELECT is(pg_temp.put('T0001', '[]', prefix => '140522111'), '2 -', 'nor one who works where the account has no area');
SELECT is(pg_temp.put('NOBODY', '[]'), '2 -', 'nor an account that is none');
SELECT is(pg_temp.put('T0001', format('[%s]', pg_temp.target('140522110')), rows_max => 2), '4 -', 'all together have a limit of rows');
SELECT is(pg_temp.put('T0001', format('[%s]', pg_temp.target('140522110')), bytes_max => 300), '4 -', '... and of bytes');
SELECT is((pg_temp.size(), pg_temp.kept()), (size, kept), 'none of this wrote anything') FROM was;
SELECT is(pg_temp.put('T0004', format('[%s]', pg_temp.target('140522111', 50))), '0 -', 'an account of two townships at the console sets both''s');
SELECT is(pg_temp.kept(), format('[%s,%s]', pg_temp.target('140522'), pg_temp.target('140522111', 50)), '... those that it leaves out are gone');
SELECT is(pg_temp.put('T0001', '[]', kind => 'rule'), '2 -', 'the rule is the county''s');
SELECT is(pg_temp.put('A0001', '[]', kind => 'topics'), '0 -', '... who sets it');
CREATE FUNCTION pg_temp.prefer(by text, prefix text, name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(p.status::text, ' ') FROM qm.preference_put(140522, by, t.r0(), prefix, name, '{}') p
$$;
SELECT is(concat_ws(' ', pg_temp.prefer('A0001', '140522', 'groups'), pg_temp.prefer('T0001', '140522', 'groups'), pg_temp.prefer('T0001', '140522110', 'duties'),
                    pg_temp.prefer('A0001', '140522110', 'groups')), '0 2 2 2', 'the county''s list of groups is the county''s');
SELECT is(pg_temp.prefer('T0001', '140522110', 'columns_households'), '0', 'the columns of a list are not');
SELECT * FROM finish();
ROLLBACK;
