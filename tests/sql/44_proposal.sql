-- Workers' proposals: none takes anyone out of a denominator by itself; the office settles them.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
SELECT plan(45);

CREATE TABLE t.names AS SELECT x AS name, t.u(x) AS id
  FROM unnest(ARRAY['v1', 'v2', 'v3', 'v4', 'v5', 'e1', 'e2', 'e3', 'e4', 'e5', 'n1', 'x1']) x;
CREATE FUNCTION pg_temp.open(within text DEFAULT '140522', prefix text DEFAULT '140522') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', (SELECT name FROM t.names n WHERE n.id = p.event), p.kind, p.code, p.proposed), ', '
                               ORDER BY (SELECT name FROM t.names n WHERE n.id = p.event)), '')
      FROM qm.proposal_list(140522, 'township', prefix, within, 0, '00000000-0000-0000-0000-000000000000', 100) p
$$;
CREATE FUNCTION pg_temp.settle(events text[], how text, home int DEFAULT NULL, person int DEFAULT NULL, target text DEFAULT NULL,
                               grid bigint DEFAULT NULL, people text[] DEFAULT '{}', prefix text DEFAULT '140522') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', s.status, s.settled, (SELECT name FROM t.names n WHERE n.id = s.bad))
      FROM qm.proposals_settle(140522, 'A0001', t.r0(), prefix, ARRAY(SELECT t.u(e) FROM unnest(events) e), how, home::smallint, person::smallint,
                               t.u(target), grid, ARRAY(SELECT t.u(p) FROM unnest(people) p)) s
$$;
CREATE FUNCTION pg_temp.undo() RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.register_undo(140522, 'A0001', t.r0(), '140522', (SELECT revision FROM qm.log_head WHERE county = 140522), NULL)
$$;

-- ---------------------------------------------------------------- what is one
SELECT is(pg_temp.open(), '', 'nothing is proposed');
SELECT t.put('d1', 'v1', 'visit', 'vacant', h => 'h1');
SELECT t.put('d1', 'v2', 'visit', 'moved', h => 'h2');
SELECT t.put('d1', 'v3', 'visit', 'none', h => 'h3');
SELECT t.put('d1', 'v4', 'visit', 'gone', h => 'h4');
SELECT t.put('d1', 'e1', 'resident', 'died', h => 'h1', r => 'r1');
SELECT t.put('d2', 'e2', 'resident', 'moved_out', h => 'h5', r => 'r4', g => t.g(2));
SELECT t.put('d2', 'e3', 'resident', 'away', h => 'h5', r => 'r6', g => t.g(2));
SELECT t.put('d2', 'e4', 'resident', 'back', h => 'h5', r => 'r6', g => t.g(2));
SELECT t.put('d3', 'v5', 'visit', 'vacant', h => 'h8', g => t.g(1001));
SELECT t.put('d1', 'e5', 'resident', 'found', h => 'h1', r => 'new', born => '1990-01-01');
SELECT is(pg_temp.open(), 'e1 6 6 4, e2 6 3 3, e3 6 4 2, v1 1 9 3, v2 1 8 4, v3 1 10 4, v4 1 5 2, v5 1 9 3',
          'visits without a household there and events that say so; one who is back is counted already, one who is found is no proposal');
SELECT is(t.n(t.g(1), 'homes'), 4::bigint, 'all are in the denominator');
SELECT is(pg_temp.open(t.g(2)::text), 'e2 6 3 3, e3 6 4 2', 'an area has its own');
SELECT is(pg_temp.open('140522', '140522110204'), '', 'an area outside the caller''s has none');
SELECT is((SELECT count(*) FROM qm.proposal_list(140522, 'township', '140522', '140522', t.g(1), '00000000-0000-0000-0000-000000000000', 2)), 2::bigint, 'by pages');
SELECT is((SELECT count(*) FROM qm.proposal_list(140522, 'township', '140522', '140522', t.g(2), 'ffffffff-ffff-ffff-ffff-ffffffffffff', 9)), 1::bigint, 'from a place on');
SELECT t.put('d1', 'met', 'visit', 'met', h => 'h4', at => t.r0(), recv => t.r0());
SELECT is(pg_temp.open(t.g(1)::text), 'e1 6 6 4, v1 1 9 3, v2 1 8 4, v3 1 10 4', 'a later visit that met them takes the proposal away');
SELECT t.put('d1', 'x1', 'void', target => 'v3');
SELECT is(pg_temp.open(t.g(1)::text), 'e1 6 6 4, v1 1 9 3, v2 1 8 4', 'and so does the worker who takes it back');

-- ---------------------------------------------------------------- settled
SELECT is(pg_temp.settle(ARRAY['v1', 'x1'], 'proposed'), '5 0 x1', 'an event that proposes nothing');
SELECT is(pg_temp.settle(ARRAY['v1', 'v5'], 'proposed', prefix => '140522110204'), '5 0 v5', 'one of another area');
SELECT is(pg_temp.settle(ARRAY['v1', 'e1'], 'status', home => 3), '1 0 e1', 'a status that a resident cannot have');
SELECT is(left(pg_temp.settle(ARRAY['v1', 'v2'], 'move', grid => t.g(2)), 3), '1 0', 'a move of two');
SELECT is(pg_temp.settle(ARRAY['e1'], 'merge', target => 'h2'), '1 0 e1', 'a resident is not merged');
SELECT is(pg_temp.open(t.g(1)::text), 'e1 6 6 4, v1 1 9 3, v2 1 8 4', 'nothing of it was kept');
SELECT is(pg_temp.settle(ARRAY['v1', 'v2', 'e1'], 'proposed'), '0 3', 'accepted in bulk');
SELECT is((SELECT string_agg(status::text, ' ' ORDER BY household = t.u('h1')) FROM qm.household WHERE household IN (t.u('h1'), t.u('h2'))), '4 3', 'as proposed');
SELECT is((SELECT status FROM qm.resident WHERE resident = t.u('r1')), 4::smallint, 'the resident too');
SELECT is((SELECT count(DISTINCT rev) || ' ' || count(*) FROM qm.register_change), '1 3', 'one change of three subjects');
SELECT is(pg_temp.open(t.g(1)::text), '', 'and no proposals any more');
SELECT is(pg_temp.settle(ARRAY['v1', 'v2', 'e1'], 'proposed'), '0 0', 'asked again: so it is');
SELECT is(pg_temp.settle(ARRAY['v1'], 'decline'), '4 0 v1', 'not declined any more');
SELECT is(pg_temp.settle(ARRAY['v1'], 'decline', prefix => '140522110205'), '5 0 v1', 'elsewhere it is not known');
SELECT is((SELECT status FROM qm.register_undo(140522, 'A0001', t.r0(), '140522', (SELECT max(rev) FROM qm.register_change), t.u('h1'))), 0::smallint, 'one of them taken back');
SELECT is(pg_temp.open(t.g(1)::text), 'v1 1 9 3', 'is a proposal again');
SELECT is(pg_temp.settle(ARRAY['v1'], 'decline'), '0 1', 'and declined');
SELECT is(pg_temp.open(t.g(1)::text), '', 'is settled');
SELECT is((SELECT concat_ws(' ', accepted, by_account, at) FROM qm.register_proposal WHERE event = t.u('v1')), 'f A0001 ' || t.r0(), 'with who and when');
SELECT is((SELECT status FROM qm.household WHERE household = t.u('h1')), 1::smallint, 'the household counts');
SELECT is(pg_temp.settle(ARRAY['v1'], 'proposed'), '4 0 v1', 'not accepted any more');
SELECT is(pg_temp.settle(ARRAY['e2', 'e3'], 'status', home => 3, person => 2), '0 2', 'a status that the office chose');
SELECT is((SELECT string_agg(status::text, ' ') FROM qm.resident WHERE resident IN (t.u('r4'), t.u('r6'))), '2 2', 'is what they have');
SELECT is(pg_temp.open(t.g(2)::text), 'e4 6 5 1', 'who is back is one now');

-- ---------------------------------------------------------------- moves, merges, splits
SELECT is(pg_temp.settle(ARRAY['v5'], 'move', grid => t.g(9)), '6 0 v5', 'a move into an unknown grid');
SELECT is(pg_temp.settle(ARRAY['v5'], 'move', grid => t.g(1001), prefix => '140522110205'), '0 1', 'where it is: nothing changes, and it is settled');
SELECT t.put('d1', 'n1', 'household', 'home', h => 'fresh');
UPDATE qm.event SET e = convert_to(format('{"kind":"household","why":"split","from":"%s"}', qm.pseudonym(t.u('h2'))), 'UTF8') WHERE id = t.u('n1');
SELECT is(pg_temp.open(t.g(1)::text), 'n1 5 3', 'a split that a worker found');
SELECT is((SELECT from_household FROM qm.open_proposals(140522, ARRAY[t.u('n1')])), t.u('h2'), 'says from where');
SELECT is(pg_temp.settle(ARRAY['n1', 'e4'], 'proposed'), '1 0 n1', 'it is not accepted in bulk: it does not say who goes');
SELECT is(pg_temp.settle(ARRAY['n1'], 'split', people => ARRAY['r1']), '8 0 n1', 'who lives elsewhere does not go along');
SELECT is(pg_temp.settle(ARRAY['n1'], 'merge', target => 'nobody'), '8 0 n1', 'merging into nobody');
SELECT is(pg_temp.settle(ARRAY['n1'], 'split', people => ARRAY['r3']), '0 1', 'who lives there does');
SELECT is((SELECT household FROM qm.resident WHERE resident = t.u('r3')), t.u('fresh'), 'into the new one');
SELECT is(pg_temp.undo(), 0, 'taken back');
SELECT is(pg_temp.settle(ARRAY['n1'], 'merge', target => 'h2'), '0 1', 'and merged: it was the old one');
SELECT is(t.recount(), '', 'counters equal their recount');
SELECT * FROM finish();
ROLLBACK;
