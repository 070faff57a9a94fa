-- Responsible persons and lecturers, and what pages remember.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
SELECT plan(24);

CREATE FUNCTION pg_temp.put(p_replace boolean, VARIADIC p_rows text[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s %s %s', r.status, coalesce(r.bad::text, '-'), r.rows)
      FROM (SELECT array_agg(t.u(split_part(x, ' ', 3)) ORDER BY o) AS id, array_agg(split_part(x, ' ', 1) ORDER BY o) AS division,
                   array_agg(split_part(x, ' ', 2)::smallint ORDER BY o) AS duty,
                   array_agg(nullif(split_part(x, ' ', 3), '-')::bytea ORDER BY o) AS name, array_agg(NULL::bytea ORDER BY o) AS phone,
                   array_agg(nullif(split_part(x, ' ', 4), '')::date ORDER BY o) AS day
              FROM unnest(p_rows) WITH ORDINALITY AS u (x, o)) a,
           qm.duties_put(140522, 'A0001', t.r0(), p_replace, a.id, a.division, a.duty, a.name, a.phone, a.day) r
$$;
CREATE FUNCTION pg_temp.village() RETURNS text LANGUAGE sql AS $$
    SELECT left(min(grid)::text, 12) FROM qm.grid WHERE county = 140522
$$;
CREATE FUNCTION pg_temp.held(p_division text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(duty || ' ' || convert_from(name, 'UTF8'), ', ' ORDER BY duty, name)
      FROM qm.duty_person WHERE county = 140522 AND division = p_division
$$;

SELECT is(pg_temp.put(true, pg_temp.village() || ' 1 first', pg_temp.village() || ' 5 one 2025-11-01', pg_temp.village() || ' 5 two'), '0 - 3', 'three persons');
SELECT is(pg_temp.held(pg_temp.village()), '1 first, 5 one, 5 two', 'are there');
SELECT is(pg_temp.put(true, pg_temp.village() || ' 5 three'), '0 - 1', 'a file with one lecturer');
SELECT is(pg_temp.held(pg_temp.village()), '1 first, 5 three', '... takes the place of the two, and of no one else');
SELECT is(pg_temp.put(false, pg_temp.village() || ' 5 four 2025-11-02'), '0 - 1', 'one is added');
SELECT is(pg_temp.put(false, pg_temp.village() || ' 5 four 2025-11-02'), '0 - 1', '... and again after a lost answer');
SELECT is(pg_temp.held(pg_temp.village()), '1 first, 5 four, 5 three', '... once');
SELECT is(pg_temp.put(true, pg_temp.village() || ' 1 new', '140522999999 1 x'), '6 2 2', 'a division that nobody knows');
SELECT is(pg_temp.put(true, pg_temp.village() || ' 1 new', '140525 1 x'), '6 2 2', '... or of another county');
SELECT is(pg_temp.put(true, pg_temp.village() || ' 6 new'), '1 1 1', 'a duty that is none');
SELECT is(pg_temp.put(true, pg_temp.village() || ' 1 -'), '1 1 1', 'nobody''s name');
SELECT is(pg_temp.held(pg_temp.village()), '1 first, 5 four, 5 three', 'and nothing was kept of these');

SELECT is((SELECT status FROM qm.duty_trained(140522, 'A0001', t.r0(), '140522', t.u('three'), '2025-11-03')), 0::smallint, 'trained');
SELECT is((SELECT trained_on FROM qm.duty_person WHERE person = t.u('three')), '2025-11-03'::date, '... on a day');
SELECT is((SELECT status FROM qm.duty_trained(140522, 'A0001', t.r0(), '140522999', t.u('three'), '2025-11-04')), 5::smallint, 'nobody of another area');
SELECT is((SELECT status FROM qm.duty_remove(140522, 'A0001', t.r0(), '140522999', t.u('three'))), 5::smallint, '... nor is one taken off');
SELECT pg_temp.same($$ SELECT level, n[1], n[5], trained FROM qm.duty_table(140522, 'township', '140522', '140522') WHERE code = pg_temp.village() $$,
    $$ VALUES ('village', 1, 2, 2) $$, 'counted by division');
SELECT is((SELECT count(*) FROM qm.duty_table(140522, 'township', '140522999', '140522')), 0::bigint, 'nothing outside the prefix');
SELECT is((SELECT status FROM qm.duty_remove(140522, 'A0001', t.r0(), '140522', t.u('three'))), 0::smallint, 'taken off');
SELECT is((SELECT status FROM qm.duty_remove(140522, 'A0001', t.r0(), '140522', t.u('three'))), 5::smallint, '... once');

SELECT pg_temp.same($$ SELECT n, qm.lecturers_needed(n, 1000, 'down'), qm.lecturers_needed(n, 1000, 'nearest'), qm.lecturers_needed(n, 1000, 'up')
      FROM unnest(ARRAY[0, 1, 999, 1000, 1499, 1500, 1999, 2000, 2001]::bigint[]) AS n $$,
    $$ VALUES (0, 1, 1, 1), (1, 1, 1, 1), (999, 1, 1, 1), (1000, 1, 1, 1), (1499, 1, 1, 2), (1500, 1, 2, 2), (1999, 1, 2, 2), (2000, 2, 2, 2), (2001, 2, 2, 3) $$,
    'at least one lecturer, rounded as the county says');
UPDATE qm.grid SET population = 2600 WHERE county = 140522;
SELECT is((SELECT needed >= 2 FROM qm.duty_table(140522, 'township', '140522', pg_temp.village())), true, 'by the population of the grids');
SELECT is((SELECT status FROM qm.preference_set(140522, 'C0001', t.r0(), 'duties', '{"people":100000,"round":"down"}')), 0::smallint, 'the county says otherwise');
SELECT is((SELECT needed FROM qm.duty_table(140522, 'township', '140522', pg_temp.village())), 1, '... and it holds');
SELECT * FROM finish();
ROLLBACK;
