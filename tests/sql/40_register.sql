-- The register: imports, all or nothing; status, claims, moves, merges; birthdays; the denominators of the
-- contract's section 6.  After each part the counters equal their recount and the second model.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
SELECT plan(113);

CREATE FUNCTION pg_temp.agrees(part text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(t.recount() || coalesce((SELECT string_agg(d::text, '; ') FROM t.model_differences() d), ''), '',
              part || ': counters equal their recount and the model')
$$;
CREATE FUNCTION pg_temp.row_counts() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT count(*) FROM qm.grid), (SELECT count(*) FROM qm.account), (SELECT count(*) FROM qm.account_role),
        (SELECT count(*) FROM qm.account_grid WHERE now), (SELECT count(*) FROM qm.household), (SELECT count(*) FROM qm.household_card),
        (SELECT count(*) FROM qm.resident), (SELECT count(*) FROM qm.resident_card), (SELECT sum(v[1]) FROM qm.grid_counter),
        (SELECT revision FROM qm.log_head WHERE county = 140522))
$$;
CREATE TEMP TABLE was AS SELECT pg_temp.row_counts() AS rows;

-- ---------------------------------------------------------------- imports that are refused keep nothing
CREATE FUNCTION pg_temp.grids(g bigint[]) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' row ', status, bad) FROM qm.import_grids(140522, 'A0001', t.r0(), g, array_fill('x'::text, ARRAY[cardinality(g)]),
        array_fill(10, ARRAY[cardinality(g)]), array_fill('book'::text, ARRAY[cardinality(g)]), array_fill('2025-01-01'::date, ARRAY[cardinality(g)]))
$$;
SELECT is(pg_temp.grids(ARRAY[t.g(4), 140525100201001]), '6 row 2', 'grids: another county''s');
SELECT is(pg_temp.grids(ARRAY[t.g(4), 140522110999001, t.g(5)]), '6 row 2', 'grids: of no village');
SELECT is(pg_temp.grids(ARRAY[t.g(4), t.g(5), t.g(4)]), '1 row 3', 'grids: one twice');
SELECT is(t.workers(ARRAY['W0009', 'W0010'], ARRAY['worker', 'worker'], ARRAY[t.g(1)::text, t.g(9)::text]), '6 row 2', 'accounts: a worker of no grid');
SELECT is(t.workers(ARRAY['W0009', 'W0010'], ARRAY['worker', 'township'], ARRAY[t.g(1)::text, '140525']), '6 row 2', 'accounts: outside the county');
SELECT is(t.workers(ARRAY['W0009', 'W0010'], ARRAY['worker', 'chief'], ARRAY[t.g(1)::text, '140522']), '1 row 2', 'accounts: no such role');
SELECT is(t.workers(ARRAY['W0009', 'w0010'], ARRAY['worker', 'township'], ARRAY[t.g(1)::text, '140522']), '1 row 2', 'accounts: no account name');
SELECT is(t.workers(ARRAY['W0009', 'W0010'], ARRAY['worker', 'township'], ARRAY[t.g(1)::text, '1405221']), '1 row 2', 'accounts: no area');
SELECT is(t.households(ARRAY['n1', 'n2', 'n3'], ARRAY[t.g(1), t.g(9), t.g(8)]), '6 row 2', 'households: the first unknown grid');
SELECT is(t.households(ARRAY['n1', 'n2'], ARRAY[t.g(1), t.g(1)], worker => 'W9999'), '7 row 1', 'households: an unknown worker');
SELECT is(t.households(ARRAY['n1', 'n2'], ARRAY[t.g(1), t.g(1)], place => 7), '1 row 1', 'households: no such place');
SELECT is(t.households(ARRAY['n1', 'n2'], ARRAY[t.g(1), t.g(1)], status => 5), '1 row 1', 'households: merged is no status of a file');
SELECT is(t.households(ARRAY['n1', 'n2', 'n1'], ARRAY[t.g(1), t.g(1), t.g(1)]), '1 row 3', 'households: one twice');
SELECT is(t.residents(ARRAY['x1', 'x2'], ARRAY['h1', 'nowhere'], ARRAY[NULL, NULL]::date[]), '8 row 2', 'residents: an unknown household');
SELECT is(t.residents(ARRAY['x1', 'x1'], ARRAY['h1', 'h1'], ARRAY[NULL, NULL]::date[]), '1 row 2', 'residents: one twice');
SELECT is(t.residents(ARRAY['x1'], ARRAY['h1'], ARRAY[NULL]::date[], status => 6), '1 row 1', 'residents: no such status');
SELECT is(pg_temp.row_counts(), rows, 'nothing of them was kept') FROM was;

-- ---------------------------------------------------------------- imports
SELECT is(pg_temp.grids(ARRAY[t.g(4), t.g(1)]), '0', 'grids: a new one and a known one');
SELECT is((SELECT name || population FROM qm.grid WHERE grid = t.g(1)), 'x10', 'what the file says is taken over');
SELECT is(t.n(t.g(1), 'homes') || ' ' || t.n(t.g(4), 'homes'), '4 0', 'counters of the known one stay, the new one starts at 0');
SELECT is(t.workers(ARRAY['W0001', 'W0001'], ARRAY['worker', 'leader'], ARRAY[t.g(2)::text, t.g(4)::text]), '0', 'accounts: other areas');
SELECT pg_temp.same($$ SELECT grid, now FROM qm.account_grid WHERE account = 'W0001' ORDER BY grid $$,
    $$ VALUES (t.g(1), false), (t.g(2), true), (t.g(4), true) $$, 'a grid that is not named any more is one it had');
SELECT is(t.workers(ARRAY['W0001', 'W0001'], ARRAY['worker', 'worker'], ARRAY[t.g(1)::text, t.g(2)::text]), '0', 'and back');
SELECT pg_temp.same($$ SELECT role, prefix FROM qm.account_role WHERE account = 'W0001' ORDER BY prefix $$,
    $$ VALUES ('worker', t.g(1)), ('worker', t.g(2)) $$, 'roles are those of the file');
SELECT is(t.put('d1', 'v1', 'visit', 'met', h => 'h1'), '', 'a visit');
SELECT is(t.households(ARRAY['h1', 'n1'], ARRAY[t.g(2), t.g(2)]), '0', 'households: a known one, in another grid, and a new one');
SELECT is(t.home('h1') || t.n(t.g(2), 'visited') || t.n(t.g(1), 'visited'), 'visited reached door:met last:-10', 'it keeps its events');
SELECT is(t.n(t.g(2), 'population') || ' ' || t.n(t.g(1), 'population'), '3 0', 'its residents come along');
SELECT is(t.households(ARRAY['h1', 'n1'], ARRAY[t.g(1), t.g(1)], worker => NULL), '0', 'the same file again, without a worker');
SELECT is(t.n(t.g(1), 'unclaimed'), 2::bigint, 'holes are counted');
SELECT is(t.residents(ARRAY['r1', 'x1'], ARRAY['h2', 'h2'], ARRAY['1990-05-05', '1930-01-01']::date[]), '0', 'residents: a known one in another household, a new one');
SELECT is((SELECT household FROM qm.resident WHERE resident = t.u('r1')), t.u('h2'), 'moves it');
SELECT * FROM pg_temp.agrees('imports');

-- ---------------------------------------------------------------- status
SELECT is(t.status('household', 'nobody', 2), 5, 'status: unknown household');
SELECT is(t.status('resident', 'nobody', 2), 5, 'unknown resident');
SELECT is(t.status('household', 'h1', 5), 5, 'merged is set by merging only');
SELECT is(t.status('household', 'h2', 2), 0, 'away');
SELECT is(concat_ws(' ', t.n(t.g(1), 'homes'), t.n(t.g(1), 'homes_near'), t.n(t.g(1), 'away'), t.n(t.g(1), 'population')), '4 5 1 1', 'reached keeps it, the others and its residents do not');
SELECT t.put('d1', 'v2', 'visit', 'met', h => 'h2', via => 'phone');
SELECT is(concat_ws(' ', t.n(t.g(1), 'reached'), t.n(t.g(1), 'away_reached'), t.n(t.g(1), 'visited')), '2 1 1', 'and is reached by phone');
SELECT is(t.status('household', 'h2', 3), 0, 'vacant');
SELECT is(concat_ws(' ', t.n(t.g(1), 'homes_near'), t.n(t.g(1), 'vacant'), t.n(t.g(1), 'reached')), '4 1 1', 'stands beside the figure');
SELECT is(t.status('household', 'h2', 4), 0, 'gone');
SELECT is(t.n(t.g(1), 'gone') || ' ' || t.n(t.g(1), 'vacant'), '1 0', 'also');
SELECT is(t.status('household', 'h2', 6), 0, 'other');
SELECT is(t.n(t.g(1), 'other'), 1::bigint, 'not a home');
SELECT is(t.status('household', 'h2', 1), 0, 'and counted again');
SELECT is(t.n(t.g(1), 'population') || ' ' || t.n(t.g(1), 'homes'), '2 5', 'with its residents');
SELECT is((SELECT string_agg(old || '>' || new, ' ' ORDER BY rev) FROM qm.register_change WHERE subject = t.u('h2') AND what = 'status'), '1>2 2>3 3>4 4>6 6>1', 'who changed what is kept');
SELECT is(t.status('resident', 'r1', s), 0, 'resident to status ' || s) FROM generate_series(2, 5) s;
SELECT is(t.n(t.g(1), 'population') || ' ' || t.n(t.g(1), 'residents_unknown_age'), '1 2', 'is out of the population');
SELECT is(t.status('resident', 'r1', 1), 0, 'and in again');
SELECT is(t.status('household', 's1', 4), 0, 'a shop closes');
SELECT is(t.n(t.g(1), 'shops'), 0::bigint, 'and is no shop to visit');
SELECT t.status('household', 's1', 1);
SELECT * FROM pg_temp.agrees('status');

-- ---------------------------------------------------------------- claims
CREATE FUNCTION pg_temp.claim(h text[], w text[]) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' row ', status, bad) FROM qm.claim(140522, 'A0001', t.r0(), ARRAY(SELECT t.u(x) FROM unnest(h) x), w)
$$;
SELECT is(pg_temp.claim(ARRAY['h1', 'nobody'], ARRAY['W0001', 'W0001']), '5 row 2', 'claim: unknown household');
SELECT is(pg_temp.claim(ARRAY['h1', 'h2'], ARRAY['W0001', 'W9999']), '7 row 2', 'claim: unknown worker');
SELECT is(t.n(t.g(1), 'unclaimed'), 2::bigint, 'all or nothing');
SELECT is(pg_temp.claim(ARRAY['h1', 'n1', 'h2'], ARRAY['W0001', 'W0002', '']), '0', 'two claims and a hole');
SELECT is(t.n(t.g(1), 'unclaimed'), 1::bigint, 'counted');
SELECT is(pg_temp.claim(ARRAY['h1', 'n1', 'h2'], ARRAY['W0001', 'W0002', 'W0001']), '0', 'again and filled');
SELECT * FROM pg_temp.agrees('claims');

-- ---------------------------------------------------------------- moves and merges
SELECT is(t.move('nobody', t.g(2)), 5, 'move: unknown household');
SELECT is(t.move('h1', t.g(9)), 6, 'move: unknown grid');
SELECT is(t.move('h1', t.g(1001)), 0, 'move: into another village');
SELECT is(t.n(140522110204, 'visited') || ' ' || t.n(140522110205, 'visited'), '0 1', 'village counters follow');
SELECT t.put('d1', 'm1', 'notice', 'signed', h => 'h3');
SELECT t.put('d1', 'm2', 'app', 'installed', h => 'h3', r => 'r5', alerts => 7);
SELECT is(t.merge('h3', 'h3'), 5, 'merge: with itself');
SELECT is(t.merge('h3', 'nobody'), 5, 'merge: into nobody');
SELECT is(t.merge('h3', 'h4'), 0, 'merge h3 into h4');
SELECT is(t.merge('h3', 'h2'), 5, 'merge: twice');
SELECT is(t.merge('h2', 'h3'), 5, 'merge: into a merged one');
SELECT is(t.n(t.g(1), 'homes'), 3::bigint, 'one home less');
SELECT is(t.home('h4'), 'delivered signed door:- last:-', 'with the events of both');
SELECT is((SELECT household FROM qm.resident WHERE resident = t.u('r5')), t.u('h4'), 'and the residents');
SELECT t.put('d1', 'm3', 'visit', 'met', h => 'h5', g => t.g(2), police => true);
SELECT is(t.merge('h4', 'h5'), 0, 'and h4 into h5 of grid 2');
SELECT is((SELECT string_agg(merged_into || ' ' || grid, ', ') FROM qm.household WHERE household IN (t.u('h3'), t.u('h4'))),
          concat_ws(' ', t.u('h5'), t.g(2) || ',', t.u('h5'), t.g(2)), 'a chain names the one that stands in the end');
SELECT is(t.home('h5'), 'visited reached delivered signed door:met last:-', 'which has all the events');
SELECT is(t.put('d1', 'm4', 'pledge', 'signed', h => 'h3', r => 'r5', g => t.g(1)), '', 'an event for the first of the chain');
SELECT is(t.home('h5'), 'visited reached delivered signed door:met pledge last:signed', 'counts for the last');
SELECT is(t.put('d1', 'm5', 'void', target => 'm1'), '', 'a void of an event of the first');
SELECT is(t.home('h5'), 'visited reached door:met pledge last:signed', 'too');
SELECT is(t.move('h5', t.g(3)) || t.move('h4', t.g(1))::text, '05', 'the last moves, a merged one does not');
SELECT is((SELECT count(*) FROM qm.household WHERE grid = t.g(3) AND household IN (t.u('h3'), t.u('h4'), t.u('h5'))), 3::bigint, 'and takes the others along');
SELECT is(t.households(ARRAY['h4'], ARRAY[t.g(1)]) || '/' || t.residents(ARRAY['r5'], ARRAY['h4'], ARRAY[NULL]::date[]) || '/' || t.status('household', 'h4', 1),
          '1 row 1/8 row 1/5', 'a merged one takes no import, no residents, no status');
SELECT is((SELECT status FROM qm.move_resident(140522, 'A0001', t.r0(), t.u('nobody'), t.u('h5'))), 5::smallint, 'move resident: unknown');
SELECT is((SELECT status FROM qm.move_resident(140522, 'A0001', t.r0(), t.u('r5'), t.u('h4'))), 8::smallint, 'move resident: into a merged one');
SELECT is((SELECT status FROM qm.move_resident(140522, 'A0001', t.r0(), t.u('r2'), t.u('h8'))), 0::smallint, 'move resident');
SELECT is((SELECT household || ' ' || grid FROM qm.resident WHERE resident = t.u('r2')), t.u('h8') || ' ' || t.g(1001), 'follows its household''s grid');
SELECT * FROM pg_temp.agrees('moves and merges');

-- ---------------------------------------------------------------- birthdays
SELECT is(qm.age_band(born::date, day::date)::int, band, format('born %s: band %s on %s', born, band, day))
  FROM (VALUES ('2009-11-22', '2025-11-21', 1), ('2009-11-21', '2025-11-21', 2), ('1964-11-22', '2025-11-21', 2),
               ('1964-11-21', '2025-11-21', 3), ('2008-02-29', '2024-02-28', 1), ('2008-02-29', '2024-02-29', 2),
               ('2010-02-28', '2026-02-28', 2), ('1964-02-29', '2025-02-28', 2), ('1964-02-29', '2025-03-01', 3)) b (born, day, band);
SELECT t.residents(ARRAY['b16', 'b61', 'leap'], ARRAY['h2', 'h2', 'h2'], ARRAY['2009-12-01', '1964-12-01', '1968-02-29']::date[]);
SELECT t.put('d1', 'app61', 'app', 'installed', h => 'h2', r => 'b61', alerts => 1);
CREATE TEMP TABLE pop AS SELECT t.n(t.g(1), 'population') AS n, t.n(t.g(1), 'app') AS app;
SELECT is((SELECT moved FROM qm.birthdays(140522, '2025-11-30')), 0, 'birthdays: nobody on this day');
SELECT is((SELECT moved FROM qm.birthdays(140522, '2025-12-01')), 2, 'one turns 16, one 61');
SELECT is((SELECT concat_ws(' ', t.n(t.g(1), 'population') - n, t.n(t.g(1), 'app') - app, t.n(t.g(1), 'elders_app')) FROM pop), '0 -1 1', 'in and out of the denominator');
SELECT is((SELECT moved FROM qm.birthdays(140522, '2025-12-01')), 0, 'repeated: nobody');
SELECT is((SELECT age_day FROM qm.log_head WHERE county = 140522), '2025-12-01'::date, 'the county''s day is kept');
SELECT is((SELECT moved FROM qm.birthdays(140522, '2029-02-28')), 0, '28 February in a year without the 29th');
SELECT is((SELECT band FROM qm.resident WHERE resident = t.u('leap'))::int, 2, 'born on 29 February: not yet 61');
SELECT is((SELECT moved FROM qm.birthdays(140522, '2029-03-01')), 1, '1 March');
SELECT is((SELECT band FROM qm.resident WHERE resident = t.u('leap'))::int, 3, '61');
CREATE TEMP TABLE then_head AS SELECT revision, age_day FROM qm.log_head WHERE county = 140522;
SELECT is((SELECT moved FROM qm.birthdays(140522, '2029-02-28')), 0, 'a day that is past moves nobody back');
SELECT is((SELECT band FROM qm.resident WHERE resident = t.u('leap'))::int, 3, 'still 61');
SELECT results_eq('SELECT revision, age_day FROM qm.log_head WHERE county = 140522', 'SELECT * FROM then_head', 'and the county''s day stands');
SELECT * FROM pg_temp.agrees('birthdays');
SELECT * FROM finish();
ROLLBACK;
