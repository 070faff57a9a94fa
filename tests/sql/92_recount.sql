-- What a recount finds is a county's own: a neighbour's wrong counter is no difference here.  That it holds up
-- no publication here either is in 82_bulletin.sql.
BEGIN;
\ir lib/world.psql
SELECT plan(17);
SELECT is((SELECT status FROM qm.county_add(140525, '泽州县', 'B0001', t.r0(),
           'qm.example.gov.cn/log/140525+00000001+AAAA', '2025-11-21')), 0::smallint, 'a second county');
SELECT is((SELECT status FROM qm.import_grids(140525, 'B0001', t.r0(), ARRAY[140525100201001], ARRAY['网格'], ARRAY[1], ARRAY['test'],
           ARRAY['2025-11-21'::date])), 0::smallint, 'with a grid');
CREATE FUNCTION pg_temp.found(county int) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', subject, place, kept, counted), '; ' ORDER BY subject), '')
      FROM qm.recount(county, county::text)
$$;
SELECT is(pg_temp.found(140522) || pg_temp.found(140525), '', 'both agree');
UPDATE qm.grid_counter SET v[2] = v[2] + 7 WHERE county = 140525;
SELECT is(pg_temp.found(140525), 'grid 140525100201001 2 7 0; village 140525100201 2 0 7', 'a counter that is wrong is found, with what it should be');
SELECT is(pg_temp.found(140522), '', 'and is none of the neighbour''s differences');
SELECT is((SELECT count(*) FROM qm.recount(140522, '140525')), 0::bigint, 'not even when asked about its area');

-- What pages read packed: the board's row of a village, and a stored day's sums.
UPDATE qm.grid_counter SET v[2] = v[2] - 7 WHERE county = 140525;
SAVEPOINT packed;
UPDATE qm.village_counter c SET packed = qm.packed_add(c.packed, ARRAY[0, 0, 5] || array_fill(0, ARRAY[65])) WHERE c.county = 140525;
SELECT is(pg_temp.found(140525) || pg_temp.found(140522), 'board 140525100201 3 5 0', 'a board that shows another number than was counted');
UPDATE qm.village_counter c SET packed = substr(qm.pack(c.v), 1, 4 * 67) WHERE c.county = 140525;
SELECT is(pg_temp.found(140525), 'board 140525100201 68 0 0', 'and one whose row is too short');
ROLLBACK TO packed;
SELECT is((SELECT moved FROM qm.birthdays(140525, '2025-11-22')), 0, 'a day is closed');
SELECT is((SELECT count(*) FROM qm.area_day WHERE county = 140525) || pg_temp.found(140525), '3',
          'that of the village, of its township and of the county, and they agree');
UPDATE qm.area_day d SET packed = qm.packed_add(d.packed, ARRAY[9] || array_fill(0, ARRAY[67])) WHERE d.county = 140525 AND d.code = '140525100';
SELECT is(pg_temp.found(140525), 'day 140525100 2025-11-21 1 9 0', 'a township''s day that its villages do not add up to');
ROLLBACK TO packed;

-- States: of those with events and those without, and of a resident whose household is not in the register.
SELECT t.put('d1', 'v1', 'visit', 'met', h => 'h1'), t.put('d1', 'i1', 'app', 'installed', h => 'h1', r => 'r1');
SELECT t.put('d1', 'lone found', 'resident', 'found', h => 'nowhere', r => 'lone', born => '1990-01-01'),
       t.put('d1', 'i2', 'app', 'later', h => 'nowhere', r => 'lone');
SELECT is(pg_temp.found(140522), '', 'states agree with their events');
CREATE FUNCTION pg_temp.states() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', split_part(subject, ' ', 1), kept, counted), '; ' ORDER BY subject COLLATE "C"), '')
      FROM qm.recount(140522, '140522') WHERE subject LIKE 'household %' OR subject LIKE 'resident %'
$$;
SAVEPOINT good;
UPDATE qm.household SET flags = 0 WHERE county = 140522 AND household = t.u('h1');
UPDATE qm.resident SET app_key = NULL WHERE county = 140522 AND resident IN (t.u('r1'), t.u('lone'));
SELECT matches(pg_temp.states(), '^household 0 3; resident 0 [13]; resident 0 [13]$', 'states that lost what their events say');
ROLLBACK TO good;
UPDATE qm.household SET visits = 1 WHERE county = 140522 AND household = t.u('h2');
UPDATE qm.resident SET evidenced = true WHERE county = 140522 AND resident = t.u('r2');
SELECT is(pg_temp.states(), 'household 0 0; resident 0 0', 'states that have what no event says');
ROLLBACK TO good;
UPDATE qm.resident SET band = 3 WHERE county = 140522 AND resident IN (t.u('r1'), t.u('lone'));
SELECT is(pg_temp.states(), 'resident 1 1; resident 3 3', 'ages that the day does not say');
ROLLBACK TO good;
UPDATE qm.resident SET home = 1 WHERE county = 140522 AND resident = t.u('lone');
SELECT is(pg_temp.states(), 'resident 3 3', 'somebody without a household in the register, in one that is counted');
ROLLBACK TO good;

\set counties `cat ../../sql/queries/jobs_counties.sql`
CREATE TEMP VIEW shown AS :counties;
CREATE FUNCTION pg_temp.note(county int, at int, differences int) RETURNS void LANGUAGE sql AS $$
    SELECT qm.recount_note(county, t.r0() + at, 1, differences)
$$;
SELECT pg_temp.note(140522, 1, 9), pg_temp.note(140525, 2, 0), pg_temp.note(140525, 3, 2), pg_temp.note(140522, 4, 0);
SELECT results_eq('SELECT county, at - t.r0(), differences FROM shown', 'VALUES (140522, 4::bigint, 0::bigint), (140525, 3, 2)',
                  'each has its own last recount');
SELECT * FROM finish();
ROLLBACK;
