-- What the office changes at a card: edits, splits, taking back, workers' proposals.  After each part the
-- counters equal their recount and the second model.
BEGIN;
\ir lib/world.psql
\ir lib/parts.psql
\ir lib/model.psql
SELECT plan(99);

CREATE FUNCTION pg_temp.agrees(part text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(t.recount() || coalesce((SELECT string_agg(d::text, '; ') FROM t.model_differences() d), ''), '',
              part || ': counters equal their recount and the model')
$$;
CREATE FUNCTION pg_temp.rev() RETURNS bigint LANGUAGE sql AS $$ SELECT revision FROM qm.log_head WHERE county = 140522 $$;
CREATE FUNCTION pg_temp.undo(rev bigint, subject text DEFAULT NULL, prefix text DEFAULT '140522') RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.register_undo(140522, 'A0002', t.r0() + 1, prefix, rev, t.u(subject))
$$;
CREATE FUNCTION pg_temp.edit(what text, subject text, field text, value text, mac text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT status || ' ' || changed FROM qm.register_edit(140522, 'A0001', t.r0(), what, t.u(subject), ARRAY[field],
        ARRAY[CASE field WHEN 'place' THEN value END], ARRAY[CASE WHEN field <> 'place' THEN convert_to(value, 'UTF8') END], ARRAY[mac::bytea])
$$;
-- All facts and figures as one text: what a change and its taking back must leave alike.
CREATE FUNCTION pg_temp.facts() RETURNS text LANGUAGE sql AS $$
    SELECT md5((SELECT string_agg(concat_ws(' ', household, grid, place, status, merged_into, worker, flags, visits, door_key, pledge_key), ',' ORDER BY household) FROM qm.household)
        || (SELECT string_agg(concat_ws(' ', resident, household, grid, home, status, born, band, app_key), ',' ORDER BY resident) FROM qm.resident)
        || (SELECT string_agg(c::text, ',' ORDER BY household) FROM qm.household_card c)
        || (SELECT string_agg(c::text, ',' ORDER BY resident) FROM qm.resident_card c)
        || (SELECT string_agg(c::text, ',' ORDER BY grid) FROM qm.grid_counter c))
$$;

-- ---------------------------------------------------------------- edits
SELECT is(pg_temp.edit('household', 'nobody', 'door', '1'), '5 0', 'edit: unknown household');
SELECT is(pg_temp.edit('household', 'r1', 'door', '1'), '5 0', 'a resident is no household');
SELECT is(pg_temp.edit('resident', 'h1', 'name', 'x'), '5 0', 'and a household no resident');
SELECT is(pg_temp.edit('household', 'h1', 'status', '3'), '1 0', 'a status is no field of an edit');
SELECT is(pg_temp.edit('resident', 'r1', 'door', '3'), '1 0', 'nor the door a field of a resident');
CREATE TEMP TABLE was AS SELECT pg_temp.facts() AS f;
SELECT is(pg_temp.edit('household', 'h1', 'door', '7号'), '0 1', 'edit: a door');
SELECT is((SELECT door FROM qm.household_card WHERE household = t.u('h1')), '7号', 'is another');
SELECT is((SELECT concat_ws('|', what, old, new, by_account) FROM qm.register_change WHERE rev = pg_temp.rev()), 'door|||A0001', 'history says which field, not what');
SELECT is(pg_temp.edit('household', 'h1', 'door', '7号'), '0 0', 'the same again changes nothing');
SELECT is(pg_temp.undo(pg_temp.rev() - 1), 0, 'taken back');
SELECT is(pg_temp.facts(), f, 'all is as it was') FROM was;
SELECT is(pg_temp.edit('household', 'h1', 'place', '2'), '0 1', 'a home becomes a shop');
SELECT is(t.n(t.g(1), 'shops') || ' ' || t.n(t.g(1), 'population'), (SELECT count(*) FILTER (WHERE place = 2 AND status = 1 AND grid = t.g(1)) FROM qm.household) || ' '
    || (SELECT count(*) FROM qm.resident r JOIN qm.household h USING (county, household) WHERE r.grid = t.g(1) AND r.band = 2 AND r.status = 1 AND h.place = 1 AND h.status = 1), 'figures follow');
SELECT is((SELECT old || '>' || new FROM qm.register_change WHERE rev = pg_temp.rev()), '1>2', 'a place is said');
SELECT is(pg_temp.edit('household', 'h1', 'head', 'sealed'), '0 1', 'a sealed name');
SELECT is(pg_temp.edit('household', 'h1', 'phone', 'sealed phone', 'mac'), '0 1', 'a sealed phone number');
SELECT is((SELECT convert_from(phone_mac, 'UTF8') FROM qm.household_card WHERE household = t.u('h1')), 'mac', 'with its MAC');
SELECT is(pg_temp.undo(pg_temp.rev() - 2), 9, 'the place cannot be taken back before what came later');
SELECT is(pg_temp.undo(pg_temp.rev()), 0, 'the phone can');
SELECT is(pg_temp.undo(pg_temp.rev() - 2), 0, 'then the name');
SELECT is(pg_temp.undo(pg_temp.rev() - 4), 0, 'then the place');
SELECT is(pg_temp.facts(), f, 'all is as it was') FROM was;
SELECT is(pg_temp.undo(pg_temp.rev() - 5), 0, 'asked again: so it is');
SELECT is(pg_temp.undo(pg_temp.rev()), 10, 'a taking back is not taken back');
SELECT is(pg_temp.edit('resident', 'r1', 'born', ''), '0 2', 'a birthday that is not known');
SELECT is((SELECT status || ' ' || band FROM qm.resident WHERE resident = t.u('r1')), '5 0', 'says unknown_age');
SELECT is(pg_temp.edit('resident', 'r1', 'born', '1980-02-03'), '0 2', 'and one that is');
SELECT is((SELECT status || ' ' || band FROM qm.resident WHERE resident = t.u('r1')), '1 2', 'counts');
SELECT is(pg_temp.edit('resident', 'r1', 'groups', 'elder,alone'), '0 1', 'groups');
SELECT is((SELECT groups FROM qm.resident_card WHERE resident = t.u('r1')), '{elder,alone}'::text[], 'are two');
SELECT is(pg_temp.undo(pg_temp.rev()) + pg_temp.undo(pg_temp.rev() - 2) + pg_temp.undo(pg_temp.rev() - 4), 0, 'all three taken back');
SELECT is(pg_temp.facts(), f, 'all is as it was') FROM was;
SELECT is(pg_temp.edit('resident', 'r1', 'name', 'sealed name'), '0 1', 'a name');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), '{}', ARRAY[t.u('r1')])), 0::smallint, 'erased');
SELECT is((SELECT count(*) FROM qm.register_kept WHERE subject = t.u('r1')), 0::bigint, 'what an edit replaced is erased too');
SELECT is(pg_temp.undo((SELECT max(rev) FROM qm.register_change WHERE subject = t.u('r1'))), 10, 'and cannot come back');
SELECT * FROM pg_temp.agrees('edits');

-- ---------------------------------------------------------------- the village's own numbers
SELECT is(pg_temp.edit('household', 'h1', 'ref', '12-3'), '0 1', 'a number of the village');
SELECT is(pg_temp.edit('household', 'h2', 'ref', '12-3'), '12 0', 'is one household''s');
SELECT is(pg_temp.edit('household', 'h8', 'ref', '12-3'), '0 1', 'in its village');
CREATE FUNCTION pg_temp.refs(ids text[], grids bigint[], refs text[]) RETURNS text LANGUAGE sql AS $$
    SELECT status || coalesce(' row ' || bad, '') FROM qm.import_households(140522, 'A0001', t.r0(), ARRAY(SELECT t.u(i) FROM unnest(ids) i), grids,
        array_fill(1::smallint, ARRAY[cardinality(ids)]), array_fill(1::smallint, ARRAY[cardinality(ids)]), array_fill(''::text, ARRAY[cardinality(ids)]),
        array_fill(''::text, ARRAY[cardinality(ids)]), ids, array_fill(NULL::bytea, ARRAY[cardinality(ids)]), array_fill(NULL::bytea, ARRAY[cardinality(ids)]),
        array_fill(NULL::bytea, ARRAY[cardinality(ids)]), array_fill(NULL::text, ARRAY[cardinality(ids)]), refs)
$$;
SELECT is(pg_temp.refs(ARRAY['q1', 'q2', 'q3'], ARRAY[t.g(1), t.g(1), t.g(2)], ARRAY['1', '2', '1']), '12 row 3', 'a file: the same number twice in a village');
SELECT is(pg_temp.refs(ARRAY['q1', 'q2'], ARRAY[t.g(1), t.g(2)], ARRAY['1', '12-3']), '12 row 2', 'or that of a household outside the file');
SELECT is(pg_temp.refs(ARRAY['q1', 'h1', 'q2'], ARRAY[t.g(1), t.g(1), t.g(1)], ARRAY['12-3', '1', '']), '0', 'numbers that change hands in one file');
SELECT is((SELECT string_agg(coalesce(ref, '-'), ' ' ORDER BY door) FROM qm.household_card WHERE household IN (t.u('q1'), t.u('h1'), t.u('q2'))), '1 12-3 -', 'are kept');
SELECT is(pg_temp.refs(ARRAY['q1'], ARRAY[t.g(1)], NULL) || (SELECT ref FROM qm.household_card WHERE household = t.u('q1')), '012-3', 'a file without the column leaves them');
SELECT * FROM pg_temp.agrees('numbers');

-- ---------------------------------------------------------------- splits
SELECT t.put('d1', 's1v', 'visit', 'met', h => 'h2');
SELECT t.residents(ARRAY['a', 'b', 'c'], ARRAY['h2', 'h2', 'h2'], ARRAY['1980-01-01', '1990-01-01', '2000-01-01']::date[]);
SELECT t.put('d1', 'appb', 'app', 'installed', h => 'h2', r => 'b', alerts => 7);
CREATE FUNCTION pg_temp.split(from_ text, new_ text, people text[], g bigint DEFAULT t.g(1), place int DEFAULT 1) RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.split_household(140522, 'A0001', t.r0(), t.u(from_), t.u(new_), ARRAY(SELECT t.u(p) FROM unnest(people) p), g,
        place::smallint, '', '', 'new door', NULL, NULL, NULL)
$$;
DELETE FROM was;
INSERT INTO was SELECT pg_temp.facts();
SELECT is(pg_temp.split('nobody', 'n', ARRAY['b']), 5, 'split: unknown household');
SELECT is(pg_temp.split('h2', 'n', ARRAY['b'], g => t.g(9)), 6, 'unknown grid');
SELECT is(pg_temp.split('h2', 'n', '{}'), 1, 'nobody goes');
SELECT is(pg_temp.split('h2', 'h1', ARRAY['b']), 1, 'a household that is there');
SELECT is(pg_temp.split('h2', 'n', ARRAY['b', 'r5']), 8, 'somebody of another household');
SELECT is(pg_temp.facts(), f, 'nothing of it was kept') FROM was;
SELECT is(pg_temp.split('h2', 'n', ARRAY['b', 'c'], g => t.g(2)), 0, 'two go');
SELECT is((SELECT string_agg(resident || ' ' || grid, ',' ORDER BY resident) FROM qm.resident WHERE household = t.u('n')),
          (SELECT string_agg(t.u(x) || ' ' || t.g(2), ',' ORDER BY t.u(x)) FROM unnest(ARRAY['b', 'c']) x), 'and live in the new one, in its grid');
SELECT is(t.home('n') || ' / ' || t.home('h2'), 'door:- last:- / visited reached door:met last:-', 'what was recorded stays with the old one');
SELECT is(pg_temp.split('h2', 'n', ARRAY['b', 'c'], g => t.g(2)), 0, 'asked again: so it is');
SELECT * FROM pg_temp.agrees('a split');
SELECT is(pg_temp.undo(pg_temp.rev(), NULL, t.g(1)::text), 5, 'not from one of both grids alone');
SELECT t.put('d2', 'newv', 'notice', 'signed', h => 'n', g => t.g(2));
SELECT t.residents(ARRAY['late'], ARRAY['n'], ARRAY['1990-01-01']::date[]);
CREATE TEMP TABLE split AS SELECT max(rev) AS rev FROM qm.register_change WHERE what = 'split';
SELECT is(pg_temp.undo(rev), 9, 'with somebody else in it it stays') FROM split;
SELECT is((SELECT status FROM qm.move_resident(140522, 'A0001', t.r0(), t.u('late'), t.u('h1'))), 0::smallint, 'who moves on');
SELECT is(pg_temp.undo(rev), 0, 'and then it is taken back') FROM split;
INSERT INTO t.merged VALUES (t.u('n'), t.u('h2'));
SELECT is((SELECT count(*) FROM qm.resident WHERE household = t.u('h2') AND resident IN (t.u('b'), t.u('c'))), 2::bigint, 'both are back');
SELECT is((SELECT status || ' ' || merged_into FROM qm.household WHERE household = t.u('n')), '5 ' || t.u('h2'), 'the new one is merged into the old one');
SELECT is(t.home('h2'), 'visited reached delivered signed door:met last:-', 'where what was recorded at it counts');
SELECT * FROM pg_temp.agrees('a split taken back');

-- ---------------------------------------------------------------- merges, moves, claims taken back
DELETE FROM was;
INSERT INTO was SELECT pg_temp.facts();
SELECT t.status('household', 'h3', 2);
SELECT is((SELECT status FROM qm.merge_household(140522, 'A0001', t.r0(), t.u('h3'), t.u('h2'))), 0::smallint, 'a merge');
SELECT is(pg_temp.undo(pg_temp.rev(), 'h2'), 5, 'is not a change of the one that stands');
SELECT is(pg_temp.undo(pg_temp.rev(), 'h3'), 0, 'taken back');
SELECT is(pg_temp.undo(pg_temp.rev() - 2, 'h3'), 0, 'and what was before it');
SELECT is(pg_temp.facts(), f, 'residents, events and figures are as they were') FROM was;
SELECT is((SELECT status FROM qm.merge_household(140522, 'A0001', t.r0(), t.u('h2'), t.u('h3'))), 0::smallint, 'one that others were merged into');
SELECT is((SELECT merged_into FROM qm.household WHERE household = t.u('n')), t.u('h3'), 'takes them along');
SELECT is(t.move('h3', t.g(3)), 0, 'which moves');
SELECT is(pg_temp.undo(pg_temp.rev() - 1), 9, 'what was merged comes back only');
SELECT is(pg_temp.undo(pg_temp.rev()), 0, 'after the move');
SELECT is(pg_temp.undo(pg_temp.rev() - 2), 0, 'and brings those along');
SELECT is(pg_temp.facts(), f, 'all is as it was') FROM was;
SELECT is((SELECT status FROM qm.claim(140522, 'A0001', t.r0(), ARRAY[t.u('h1'), t.u('h2')], ARRAY['W0002', 'W0002'])), 0::smallint, 'two claims of one file');
SELECT is(pg_temp.undo(pg_temp.rev(), 'h1'), 0, 'one of them taken back');
SELECT is((SELECT string_agg(coalesce(worker, '-'), ' ' ORDER BY c.door) FROM qm.household h JOIN qm.household_card c USING (county, household) WHERE h.household IN (t.u('h1'), t.u('h2'))), '- W0002', 'the other stays');
SELECT is((SELECT status FROM qm.move_resident(140522, 'A0001', t.r0(), t.u('a'), t.u('h3'))), 0::smallint, 'a resident moves');
SELECT t.merge('h2', 'h1');
SELECT is(pg_temp.undo((SELECT max(rev) FROM qm.register_change WHERE subject = t.u('a') AND what = 'household')), 8, 'the household from then does not stand any more');
SELECT * FROM pg_temp.agrees('merges taken back');
SELECT is((SELECT status FROM qm.import_residents(140522, 'A0001', t.r0(), ARRAY[t.u('a')], ARRAY[t.u('h4')], ARRAY[NULL::bytea], ARRAY['1980-01-01'::date],
    ARRAY[NULL::bytea], ARRAY[NULL::bytea], ARRAY[1::smallint], ARRAY[''])), 0::smallint, 'a file that moves');
SELECT is(pg_temp.undo((SELECT max(rev) FROM qm.register_change WHERE subject = t.u('a') AND what = 'household')), 9, 'is a later change too');

-- ---------------------------------------------------------------- the grid on a card
SELECT throws_ok($$ UPDATE qm.household SET grid = t.g(2) WHERE household = t.u('h3') $$, '23503', NULL, 'no household changes its grid without its card');
SELECT throws_ok($$ UPDATE qm.household_card SET grid = t.g(2) WHERE household = t.u('h3') $$, '23503', NULL, 'and no card without its household');
CREATE FUNCTION pg_temp.cards(list text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(c.grid - t.g(0), 0)::text, ' ' ORDER BY i.o) FROM regexp_split_to_table(list, ' ') WITH ORDINALITY AS i (id, o)
      LEFT JOIN qm.household_card c ON c.household = t.u(i.id)
$$;
CREATE FUNCTION pg_temp.listed(grid bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM t.list_households('admin', '140522', grid::text, 'all', NULL, NULL, 1000)
$$;
SELECT t.households(ARRAY['k1', 'k2', 'k3'], ARRAY[t.g(1), t.g(1), t.g(2)]);
SELECT is(pg_temp.cards('k1 k2 k3'), '1 1 2', 'cards of a file');
SELECT t.merge('k2', 'k1');
SELECT t.households(ARRAY['k1', 'k3'], ARRAY[t.g(3), t.g(1)]);
SELECT is(pg_temp.cards('k1 k2 k3'), '3 3 1', 'a file that moves takes along what was merged');
SELECT is((SELECT status FROM qm.merge_household(140522, 'A0001', t.r0(), t.u('k3'), t.u('k1'))), 0::smallint, 'another one merged');
SELECT is(pg_temp.cards('k1 k2 k3'), '3 3 3', 'a merge');
SELECT t.move('k1', t.g(2));
SELECT is(pg_temp.cards('k1 k2 k3'), '2 2 2', 'a move');
SELECT is(pg_temp.undo(pg_temp.rev()), 0, 'taken back');
SELECT is(pg_temp.undo(pg_temp.rev() - 2), 0, 'and the merge');
SELECT is(pg_temp.cards('k1 k2 k3'), '3 3 1', 'as it was');
SELECT is(pg_temp.listed(g), (SELECT count(*) FROM qm.household WHERE grid = g AND status <> 5), 'a list has all of its grid')
  FROM unnest(ARRAY[t.g(1), t.g(2), t.g(3)]) AS g;
SELECT is(t.recount(), '', 'counters equal their recount, and all cards lie with their households');
SELECT * FROM finish();
ROLLBACK;
