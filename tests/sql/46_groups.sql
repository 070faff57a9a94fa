-- Care groups: the county's list, what a target in force names, and what the night takes away.
BEGIN;
\ir lib/world.psql
SELECT plan(22);

CREATE FUNCTION pg_temp.targets(rows text, at int) RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.set_config(140522, 'A0001', t.r0() + at, 'targets', sha256(convert_to(rows, 'UTF8')), convert_to(rows, 'UTF8'), true)
$$;
CREATE FUNCTION pg_temp.used(day date) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(code, ' '), '') FROM qm.care_groups(140522, day, '140522') WHERE used
$$;
CREATE FUNCTION pg_temp.groups(subject text, list text) RETURNS text LANGUAGE sql AS $$
    SELECT status || ' ' || changed FROM qm.register_edit(140522, 'A0001', t.r0(), 'resident', t.u(subject), ARRAY['groups'],
        ARRAY[NULL], ARRAY[convert_to(list, 'UTF8')], ARRAY[NULL::bytea])
$$;
CREATE FUNCTION pg_temp.of(subject text) RETURNS text[] LANGUAGE sql AS $$
    SELECT groups FROM qm.resident_card WHERE county = 140522 AND resident = t.u(subject)
$$;
CREATE FUNCTION pg_temp.rev() RETURNS bigint LANGUAGE sql AS $$ SELECT revision FROM qm.log_head WHERE county = 140522 $$;

SELECT is((SELECT count(*) FROM qm.care_groups(140522, '2026-11-01', '140522')), 21::bigint, 'a list comes with it');
SELECT is(pg_temp.used('2026-11-01'), '', 'none is used without a target that names it');
SELECT pg_temp.targets('[{"prefix":"140522","from":"2026-10-01","due":"2026-11-30","groups":["student","parent"]},{"prefix":"140522","from":"2026-12-01","due":"2026-12-31","groups":["trader"]},{"prefix":"140522","from":"2026-10-01","due":"2026-12-31"}]', 1);
SELECT is(pg_temp.used('2026-11-30'), 'student parent', 'in force: from its first day to the day it is due');
SELECT is(pg_temp.used('2026-12-01'), 'trader', 'and not a day longer');
SELECT is(pg_temp.groups('r1', 'student,parent'), '0 1', 'two groups');
CREATE TEMP TABLE edited AS SELECT pg_temp.rev() AS rev;
SELECT is((SELECT removed FROM qm.groups_sweep(140522, '2026-11-30')), 0, 'what a target names stays');
SELECT is(pg_temp.rev(), rev, 'nothing was written') FROM edited;
SELECT pg_temp.targets('[{"prefix":"140522","from":"2026-10-01","due":"2026-12-31","groups":["parent"]}]', 2);
SELECT is((SELECT removed FROM qm.groups_sweep(140522, '2026-12-01')), 1, 'one person had one that no target names any more');
SELECT is(pg_temp.of('r1'), '{parent}'::text[], 'it is gone, the other one stays');
SELECT ok((SELECT rev FROM qm.resident WHERE resident = t.u('r1')) = pg_temp.rev(), 'phones hear of it');
SELECT is_empty($$ SELECT 1 FROM qm.register_kept WHERE position('student' in convert_from(coalesce(old, '') || coalesce(new, ''), 'UTF8')) > 0 $$,
    'nor is it kept for taking back');
SELECT is((SELECT status FROM qm.register_undo(140522, 'A0001', t.r0(), '140522', (SELECT rev FROM edited), NULL)), 0::smallint, 'the edit can be taken back still');
SELECT is(pg_temp.of('r1'), '{}'::text[], 'all is as it was before');

-- A township's own target is a reason in its own area only.
SELECT t.households(ARRAY['hf'], ARRAY[t.far()]);
SELECT t.residents(ARRAY['rf'], ARRAY['hf'], ARRAY['1990-01-01']::date[]);
SELECT is((SELECT status FROM qm.setting_put(140522, 'T0001', t.r0() + 3, '140522110', 'targets',
    convert_to('[{"prefix":"140522110","from":"2026-10-01","due":"2026-12-31","groups":["student"]}]', 'UTF8'), 100, 60000)), 0::smallint, 'a township sets a target of its own');
SELECT results_eq($$ SELECT code, areas FROM qm.care_groups(140522, '2026-12-01', '140522') WHERE used ORDER BY code $$,
    $$ VALUES ('parent', '{140522}'::text[]), ('student', '{140522110}') $$, 'the county sees which area''s target names which group');
SELECT results_eq($$ SELECT code FROM qm.care_groups(140522, '2026-12-01', '140522110204001') WHERE used ORDER BY code $$, ARRAY['parent', 'student'], 'in its area both are used');
SELECT results_eq($$ SELECT code FROM qm.care_groups(140522, '2026-12-01', '140522111') WHERE used $$, ARRAY['parent'], 'next door only that of the county');
SELECT pg_temp.groups('r1', 'student,parent'), pg_temp.groups('rf', 'student,parent');
SELECT is((SELECT removed FROM qm.groups_sweep(140522, '2026-12-01')) || ' ' || pg_temp.of('r1')::text || pg_temp.of('rf')::text,
    '1 {student,parent}{parent}', 'what no target names where somebody lives is taken away');
SELECT is((SELECT string_agg(convert_from(new, 'UTF8'), ' ' ORDER BY subject = t.u('rf')) FROM qm.register_kept
            WHERE what = 'groups' AND rev > (SELECT rev FROM edited) AND octet_length(new) > 0), 'student,parent parent', 'also from what can be taken back, there alone');
SELECT t.move('h1', t.far());
SELECT is((SELECT removed FROM qm.groups_sweep(140522, '2026-12-01')) || ' ' || pg_temp.of('r1')::text, '1 {parent}', 'whoever moves away loses it');
SELECT is(t.recount(), '', 'a recount agrees');

INSERT INTO qm.preference (county, name, body, by_account, at)
VALUES (140522, 'groups', '{"version":2,"groups":[{"code":"parent","zh":"家长","en":"parent"}]}', 'A0001', 1);
SELECT results_eq($$ SELECT code, zh, used FROM qm.care_groups(140522, '2026-12-01', '140522') $$, $$ VALUES ('parent', '家长', true) $$, 'a county keeps a list of its own');
SELECT * FROM finish();
ROLLBACK;
