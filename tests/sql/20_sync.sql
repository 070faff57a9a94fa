-- Sync: each verdict, its precedence and its words in the entry; batches; what the office knows of phones.
-- t.go() answers the verdict lines as they stand in the entry's bytes; batches parted by ' | '.
BEGIN;
\ir lib/world.psql
SELECT plan(93);

-- ---------------------------------------------------------------- words
SELECT is(qm.verdict_text(fault::smallint, dup, hold::smallint, flags::smallint), words, 'words: ' || coalesce(words, 'accepted'))
  FROM (VALUES (0, NULL::bigint, 0, 0, NULL), (1, 7, 3, 15, 'reject schema'), (2, 7, 3, 15, 'reject private'),
               (3, 7, 3, 15, 'reject county'), (4, 7, 3, 15, 'reject conflict'), (0, 7, 3, 15, 'dup 7'),
               (0, 0, 0, 0, 'dup 0'), (0, NULL, 1, 15, 'hold revoked'), (0, NULL, 2, 0, 'hold scope'),
               (0, NULL, 3, 0, 'hold moved'), (0, NULL, 0, 1, 'flag future'), (0, NULL, 0, 2, 'flag late'),
               (0, NULL, 0, 4, 'flag unknown'), (0, NULL, 0, 8, 'flag seq'), (0, NULL, 0, 13, 'flag future,unknown,seq'),
               (0, NULL, 0, 14, 'flag late,unknown,seq')) AS w (fault, dup, hold, flags, words);

-- ---------------------------------------------------------------- an accepted batch
SELECT t.batch('d1', 'first');
SELECT t.ev('v1', 'visit', 'met', h => 'h1');
SELECT t.ev('n1', 'notice', 'signed', h => 'h1');
SELECT pg_temp.same('SELECT status, accepted, held, rejected, dup, size - old_size, convert_from(entry, ''UTF8'') = format(E''batch/v1\nrecv %s\n\nnote %s\n'', t.r0(), t.u(''first'')) FROM t.send()',
                  $$ VALUES (0, 2, 0, 0, 0, 1::bigint, true) $$, 'an accepted batch: no verdict lines, the note verbatim');
SELECT pg_temp.same($$ SELECT a.idx = a.old_size, a.root = h.root, a.size = h.size, a.tree, a.entry = e.body, e.type::int, e.recv
                       FROM t.answer a JOIN qm.log_head h ON h.county = 140522
                       JOIN qm.log_entry e ON e.county = 140522 AND e.idx = a.idx $$,
                  $$ VALUES (true, true, true, 1, true, 1, t.r0()) $$, 'index, root, size and entry are those of the log');
SELECT pg_temp.same($$ SELECT e.id, e.line::int, e.seq, e.account, e.e = s.e, e.p IS NOT DISTINCT FROM s.p
                       FROM qm.event e JOIN t.sent s USING (id) WHERE e.county = 140522 ORDER BY e.line $$,
                  $$ VALUES (t.u('v1'), 0, 1::bigint, 'W0001', true, true), (t.u('n1'), 1, 2::bigint, 'W0001', true, true) $$,
                  'events are kept verbatim');
SELECT pg_temp.same($$ SELECT device, batch, ids FROM qm.batch WHERE county = 140522 AND batch = t.u('first') $$,
                  $$ VALUES (t.u('d1'), t.u('first'), ARRAY[t.u('v1'), t.u('n1')]) $$, 'the batch knows its lines');

-- ---------------------------------------------------------------- the batch again
SELECT t.batch('d1', 'first', recv => t.r0() + 5000);
SELECT t.ev('v1', 'visit', 'met', h => 'h1', seq => 1, at => t.r0() - 3600000);
SELECT t.ev('n1', 'notice', 'signed', h => 'h1', seq => 2, at => t.r0() - 3600000 + 1);
SELECT pg_temp.same('SELECT status, idx = (SELECT idx FROM t.answer WHERE call = 1), entry, size = old_size FROM t.send()',
                  $$ VALUES (1, true, NULL::bytea, true) $$, 'a known batch: the old index, nothing written');
SELECT t.batch('d1', 'first');
SELECT t.ev('vx', 'visit', 'met', h => 'h2');
SELECT is(t.go(), 'batch 2', 'the same origin with another root is a conflict');
SELECT is((SELECT count(*) FROM qm.event WHERE id = t.u('vx')), 0::bigint, 'of which nothing is kept');
SELECT t.batch('d1b', 'first');
SELECT t.ev('vb', 'visit', 'met', h => 'h2');
SELECT is(t.go(), '', 'the same UUID from another phone is another origin');

-- ---------------------------------------------------------------- rejects, their bytes, their place in the order
SELECT t.batch('d1', 'bad', recv => t.r0() + 10);
SELECT t.ev('x1', 'visit', fault => 1, seq => 50);
SELECT t.ev('x2', 'pledge', 'signed', h => 'h1', r => 'r1', fault => 2, seq => 51);
SELECT t.ev('x3', 'visit', 'met', h => 'h1', g => 140525100201001, seq => 52);
SELECT t.ev('v1', 'visit', 'absent', h => 'h1', seq => 53);
SELECT t.ev('x4', 'visit', 'met', h => 'h2', seq => 54);
SELECT t.ev('x4', 'visit', 'met', h => 'h2', seq => 54, at => t.r0() - 3600000 + 14);
SELECT is(t.go(), '0 reject schema; 1 reject private; 2 reject county; 3 reject conflict; 5 reject conflict',
          'each reject; also for the same bytes twice in a batch');
SELECT pg_temp.same($$ SELECT line::int, reason::int, q.leaf = s.leaf AND q.e = s.e AND q.p IS NOT DISTINCT FROM s.p, q.recv
                       FROM qm.quarantine q JOIN t.sent s USING (idx, line) ORDER BY line $$,
                  $$ VALUES (0, 1, true, t.r0() + 10), (1, 2, true, t.r0() + 10), (2, 3, true, t.r0() + 10),
                            (3, 4, true, t.r0() + 10), (5, 4, true, t.r0() + 10) $$, 'their leaf and bytes are quarantined');
SELECT pg_temp.same($$ SELECT ids FROM qm.batch WHERE batch = t.u('bad') $$,
                  $$ VALUES (ARRAY[NULL, NULL, NULL, NULL, t.u('x4'), NULL]::uuid[]) $$, 'a rejected line has no event');
SELECT pg_temp.same('SELECT accepted, held, rejected, dup FROM t.answer ORDER BY call DESC LIMIT 1', 'VALUES (1, 0, 5, 0)', 'counts');

-- schema > private > county > conflict > dup: a line that all could hit.
SELECT t.batch('d1');
SELECT t.ev('v1', 'visit', fault => 1);
SELECT t.ev('v1', 'pledge', 'signed', h => 'h1', r => 'r1', g => 140525100201001, fault => 2);
SELECT t.ev('v1', 'visit', 'gone', h => 'h1', g => 140525100201001);
SELECT t.ev('v1', 'visit', 'met', h => 'h1', seq => 1, at => t.r0() - 3600000);
SELECT is(t.go(), '0 reject schema; 1 reject private; 2 reject county; 3 reject conflict',
          'a line rejected for its county has its id in this batch: what follows is a conflict, not a dup');
SELECT t.batch('d1');
SELECT t.ev('v1', 'visit', fault => 1);
SELECT t.ev('v1', 'pledge', 'signed', h => 'h1', r => 'r1', fault => 2);
SELECT t.ev('v1', 'visit', 'met', h => 'h1', seq => 1, at => t.r0() - 3600000);
SELECT is(t.go(), '0 reject schema; 1 reject private; 2 dup ' || (SELECT idx FROM t.answer WHERE call = 1),
          'one that was not good in form has not');
SELECT is((SELECT count(*) FROM qm.event WHERE id IN (t.u('x1'), t.u('x2'), t.u('x3'))), 0::bigint, 'rejected events take no id');
SELECT is(t.put('d1', 'x3', 'visit', 'met', h => 'h1'), '', 'which stays free');

-- ---------------------------------------------------------------- dup and conflict across batches of a group
SELECT t.batch('d1');
SELECT t.ev('y1', 'visit', 'met', h => 'h1', seq => 60, at => t.r0() - 9);
SELECT t.ev('y2', 'visit', 'met', h => 'h1', seq => 61, g => 140525100201001);
SELECT t.batch('d2');
SELECT t.ev('y1', 'visit', 'met', h => 'h1', seq => 60, at => t.r0() - 9);
SELECT t.ev('y2', 'visit', 'met', h => 'h5', seq => 500, g => t.g(2));
SELECT t.batch('d1');
SELECT t.ev('y1', 'visit', 'absent', h => 'h1', seq => 60, at => t.r0() - 9);
SELECT t.ev('y2', 'visit', 'met', h => 'h5', seq => 500, g => t.g(2), at => t.r0() - 3600000 + 1);
SELECT is(t.go(), format('1 reject county | 0 dup %s | 0 reject conflict; 1 dup %s', h.size, h.size + 1),
          'in a group each batch is judged as if those before it were committed')
  FROM qm.log_head h WHERE county = 140522;

-- ---------------------------------------------------------------- scope and moved
SELECT is(t.put('d3', 's1', 'visit', 'met', h => 'h1'), '0 hold scope', 'scope: the account never had the grid');
SELECT is(t.put('d3', 's2', 'visit', 'met', h => 'nobody'), '0 hold scope', 'an unknown household: the grid of the event');
SELECT is(t.put('d3', 's3', 'visit', 'met', h => 'h1', g => t.g(1001)), '0 hold moved', 'moved: recorded in a grid it has, the household is elsewhere');
SELECT is(t.put('d2', 's4', 'visit', 'met', h => 'h5', g => t.g(1)), '', 'the register''s grid decides, not the event''s');
SELECT is((SELECT worker FROM qm.household WHERE household = t.u('h5')), 'W0001', '... whoever claims the door');
SELECT t.workers(ARRAY['W0002'], ARRAY['worker'], ARRAY[t.g(2)::text]);
SELECT is(t.put('d2', 's5', 'visit', 'met', h => 'h7', g => t.g(3)), '0 hold moved', 'moved: a grid that it had');
SELECT is(t.put('d2', 's6', 'visit', 'met', h => 'h1', g => t.g(3)), '0 hold moved', 'moved: the event''s grid is one that it had');
SELECT is(t.put('d2', 's7', 'visit', 'met', h => 'nobody2', g => t.g(3)), '0 hold moved', 'the same for an unknown household');
SELECT is(t.put('d2', 's8', 'void', target => 'zz', g => t.g(3)), '0 hold moved', 'and for a void');
SELECT is(t.put('d2', 's9', 'void', target => 'zz', g => t.g(1)), '0 hold scope', 'a void is judged by the grid of the event');
SELECT is(t.put('d2', 's10', 'void', target => 'zz', g => t.g(2)), '', 'accepted in one it has');
SELECT is(t.merge('h4', 'h5'), 0, 'h4 of grid 1 is merged into h5 of grid 2');
SELECT is(t.put('d2', 's11', 'visit', 'met', h => 'h4', g => t.g(1)), '', 'a merged household lies in the grid of the one that stands');
SELECT t.households(ARRAY['h5'], ARRAY[t.g(3)]);
SELECT is(t.put('d2', 's12', 'visit', 'met', h => 'h4', g => t.g(2)), '0 hold moved', 'also after an import that moved that one');
SELECT t.households(ARRAY['h5'], ARRAY[t.g(2)]);
SELECT is(t.home('h1'), 'visited reached delivered signed door:met last:-', 'what is held counts nowhere');
SELECT is(t.put('d3', 'f0', 'visit', 'met', h => 'h1', at => t.r0() + 600001), '0 hold scope', 'a held line carries no flags');

-- ---------------------------------------------------------------- flags
SELECT is(t.put('d1', 'f1', 'visit', 'met', h => 'h1', at => t.r0() + 600000), '', 'ten minutes ahead is no future');
SELECT is(t.put('d1', 'f2', 'visit', 'met', h => 'h1', at => t.r0() + 600001), '0 flag future', 'one ms more is');
SELECT is(t.put('d1', 'f3', 'visit', 'met', h => 'h1', at => t.r0() - 2592000000), '', '30 days back is not late');
SELECT is(t.put('d1', 'f4', 'visit', 'met', h => 'h1', at => t.r0() - 2592000001), '0 flag late', 'one ms more is');
SELECT is(t.put('d1', 'f5', 'visit', 'met', h => 'new1'), '0 flag unknown', 'unknown household');
SELECT is(t.put('d1', 'f6', 'app', 'refused', h => 'h1', r => 'newr'), '0 flag unknown', 'unknown resident');
SELECT is(t.put('d1', 'f7', 'resident', 'died', h => 'h1', r => 'newr'), '0 flag unknown', 'also when its death is what is told');
SELECT is(t.put('d1', 'f8', 'visit', 'met', h => 'h1', seq => 1), '0 flag seq', 'seq: recorded in an earlier call');
SELECT is(t.put('d1', 'f9', 'visit', 'met', h => 'h1', seq => 50), '', 'the number of a rejected line is free');
SELECT is(t.put('d1b', 'f10', 'visit', 'met', h => 'h1', seq => 50), '', 'each phone has numbers of its own');
SELECT is(t.put('d3', 'f11', 'visit', 'met', h => 'h8', g => t.g(1001), seq => 1), '0 flag seq', 'a held event has its number');
SELECT is(t.put('d1', 'f12', 'visit', 'met', h => 'new1', at => t.r0() + 600001, seq => 1), '0 flag future,unknown,seq', 'all of them, in order');
SELECT is(t.put('d1', 'f13', 'visit', 'met', h => 'new1', at => t.r0() - 2592000001, seq => 1), '0 flag late,unknown,seq', 'and with late');
SELECT t.batch('d1');
SELECT t.ev('g1', 'visit', 'met', h => 'h1', seq => 900);
SELECT t.ev('g2', 'visit', 'met', h => 'h1', seq => 900);
SELECT t.ev('g3', 'visit', fault => 2, h => 'h1', seq => 901);
SELECT t.batch('d1');
SELECT t.ev('g4', 'visit', 'met', h => 'h1', seq => 900);
SELECT t.ev('g5', 'visit', 'met', h => 'h1', seq => 901);
SELECT is(t.go(), '1 flag seq; 2 reject private | 0 flag seq', 'seq within a batch and a group');

-- ---------------------------------------------------------------- what an event creates is not unknown
SELECT t.batch('d1');
SELECT t.ev('u1', 'visit', 'met', h => 'a1');
SELECT t.ev('u2', 'household', 'home', h => 'a1', door => '7');
SELECT t.ev('u3', 'visit', 'met', h => 'a1');
SELECT t.ev('u4', 'app', 'later', h => 'a1', r => 'ra1');
SELECT t.ev('u5', 'resident', 'found', h => 'a1', r => 'ra1', born => '1980-01-01');
SELECT t.ev('u6', 'app', 'refused', h => 'a1', r => 'ra1');
SELECT t.batch('d1');
SELECT t.ev('u7', 'app', 'installed', h => 'a1', r => 'ra1', alerts => 7, at => t.r0() - 5);
SELECT t.ev('u8', 'resident', 'moved_in', h => 'a2', r => 'ra2', born => '1980-01-01');
SELECT is(t.go(), '0 flag unknown; 3 flag unknown | 1 flag unknown', 'created by the event itself, by an earlier line, by an earlier batch; not by a later line');
SELECT is(t.home('a1'), 'visited reached door:met last:-', 'all of them count at once');
SELECT is(t.app('ra1'), 'installed real_name call sms', 'for residents as well');
SELECT pg_temp.same($$ SELECT h.grid, place, status, worker, door, head FROM qm.household h JOIN qm.household_card c USING (county, household) WHERE household = t.u('a1') $$,
    $$ VALUES (t.g(1), 1, 1, 'W0001', '7', 'name u2'::bytea) $$, 'a household row with what the caller opened from P');
SELECT pg_temp.same($$ SELECT grid, home, status, born, band FROM qm.resident WHERE resident IN (t.u('ra1'), t.u('ra2')) ORDER BY home DESC $$,
    $$ VALUES (t.g(1), 1, 1, '1980-01-01'::date, 2), (t.g(1), 0, 1, '1980-01-01', 2) $$, 'resident rows: in a home, and in none yet');
SELECT is(t.n(t.g(1), 'population'), 3::bigint, 'of which the second is not counted');

SELECT t.batch('d3');
SELECT t.ev('w1', 'household', 'home', h => 'a3');
SELECT t.batch('d1');
SELECT t.ev('w2', 'void', target => 'w4');
SELECT t.ev('w3', 'visit', 'met', h => 'a3');
SELECT t.ev('w4', 'household', 'home', h => 'a4');
SELECT t.ev('w5', 'visit', 'met', h => 'a4');
SELECT t.ev('w6', 'household', 'home', h => 'a4');
SELECT t.ev('w7', 'visit', 'met', h => 'a4');
SELECT t.ev('w8', 'resident', 'found', h => 'h1', r => 'ra8');
SELECT t.ev('w9', 'void', target => 'w8');
SELECT t.ev('w10', 'app', 'refused', h => 'h1', r => 'ra8');
SELECT is(t.go(), '0 hold scope | 1 flag unknown; 2 flag unknown; 3 flag unknown',
          'a creator that is held or voided before creates nothing; one voided later has created');
SELECT is((SELECT array_agg(household ORDER BY household) FROM qm.household WHERE household IN (t.u('a3'), t.u('a4'))),
          ARRAY[t.u('a4')], 'the row is the one of the effective creator');
SELECT is((SELECT status FROM qm.resident WHERE resident = t.u('ra8')), 5::smallint, 'a resident without a birthday has unknown age');
SELECT is(t.put('d1', 'w11', 'household', 'shop', h => 'h2'), '', 'of a known pseudonym a household event does nothing');
SELECT is((SELECT place || ' ' || grid FROM qm.household WHERE household = t.u('h2')), '1 ' || t.g(1), 'indeed');

-- ---------------------------------------------------------------- keys and revocation
UPDATE t.phone SET key = sha256('other') WHERE name = 'd1b';
SELECT t.batch('d1b');
SELECT t.ev('k1', 'visit', 'met', h => 'h1');
SELECT is(t.go(), 'batch 3', 'another key than the phone''s is unknown');
INSERT INTO t.phone VALUES ('dx', t.u('dx'), sha256('x'), 'W0001');
SELECT t.batch('dx');
SELECT t.ev('k2', 'visit', 'met', h => 'h1');
SELECT t.batch('d1', 'mixed');
SELECT t.ev('k3', 'visit', 'met', h => 'h1');
SELECT is(t.go(), 'batch 3 | ', 'so is the key of an unknown phone; the others of the group are taken');
SELECT is((SELECT count(*) FROM qm.event WHERE id IN (t.u('k1'), t.u('k2'))), 0::bigint, 'nothing of theirs is kept');

SELECT t.batch('d3', 'before');
SELECT t.ev('l0', 'visit', 'absent', h => 'h8', g => t.g(1001), seq => 10, at => t.r0());
SELECT is(t.go(), '', 'a phone works');
SELECT is((SELECT status FROM qm.revoke(140522, 'A0001', t.u('d3'), 'name', t.r0() - 5, t.r0() + 1000)), 0::smallint, 'and is revoked');
SELECT t.batch('d3', recv => t.r0() + 1000 + 1209600000);
SELECT t.ev('l1', 'visit', 'met', h => 'h8', g => t.g(1001), at => t.r0());
SELECT t.ev('l2', 'visit', 'met', h => 'h1', at => t.r0());
SELECT t.ev('l0', 'visit', 'absent', h => 'h8', g => t.g(1001), seq => 10, at => t.r0());
SELECT t.ev('v1', 'visit', 'met', h => 'h8', g => t.g(1001));
SELECT t.ev('l3', 'household', 'home', h => 'al', g => t.g(1001));
SELECT is(t.go(), format('0 hold revoked; 1 hold revoked; 2 dup %s; 3 reject conflict; 4 hold revoked',
          (SELECT idx FROM qm.batch WHERE batch = t.u('before'))), 'for 14 days: revoked comes before scope, after dup and conflict');
SELECT t.batch('d3', recv => t.r0() - 1);
SELECT t.ev('l4', 'visit', 'met', h => 'h8', g => t.g(1001));
SELECT is(t.go(), '0 hold revoked', 'by index: an older recv does not help');
SELECT t.batch('d3', recv => t.r0() + 1001 + 1209600000);
SELECT t.ev('l5', 'visit', 'met', h => 'h8', g => t.g(1001));
SELECT t.batch('d3', 'before', recv => t.r0() + 9999999999);
SELECT t.ev('l0', 'visit', 'absent', h => 'h8', g => t.g(1001), seq => 10, at => t.r0());
SELECT is(t.go(), 'batch 4 | batch 1', 'then no more, but for receipts of known batches');
SELECT is((SELECT count(*) FROM qm.household WHERE household = t.u('al')), 0::bigint, 'a held creator creates nothing');

-- ---------------------------------------------------------------- what the office knows of a phone
SELECT t.enrol('d9', 'W0001');
SELECT t.batch('d9', recv => t.r0() + 7);
SELECT t.ev('o1', 'visit', 'met', h => 'h1', seq => 1);
SELECT t.ev('o2', 'visit', 'met', h => 'h1', seq => 2);
SELECT t.ev('o3', 'pledge', fault => 2, h => 'h1', r => 'r1', seq => 3);
SELECT t.ev('o4', 'visit', fault => 1);
SELECT t.ev('v1', 'visit', 'absent', h => 'h2', seq => 7);
SELECT t.ev('o5', 'visit', 'met', h => 'h7', g => t.far(), seq => 9);
SELECT t.batch('d9', recv => t.r0() + 3);
SELECT t.ev('o6', 'visit', 'met', h => 'h1', seq => 10);
SELECT is(t.go(), '2 reject private; 3 reject schema; 4 reject conflict; 5 hold scope | ', 'a phone sends with gaps');
SELECT pg_temp.same($$ SELECT recorded, rejected, last_recv FROM qm.device WHERE device = t.u('d9') $$,
    $$ VALUES ('{[1,3),[9,11)}'::int8multirange, '{[3,4),[7,8)}'::int8multirange, t.r0() + 7) $$,
    'numbers recorded and rejected are ranges; what is in neither is owed');

-- ---------------------------------------------------------------- evidence that is asked for
SELECT is(t.blob('here'), 0, 'a picture that is there before its event');
SELECT is(t.put('d1', 'p1', 'notice', 'signed', h => 'h2', sha => ARRAY['here', 'missing']), '', 'an event names it and another');
SELECT pg_temp.same($$ SELECT sha256, event, account FROM qm.want $$, $$ VALUES (t.sha('missing'), t.u('p1'), 'W0001') $$, 'the missing one is wanted');
SELECT t.batch('d1');
SELECT t.ev('p2', 'pledge', fault => 2, h => 'h2', sha => ARRAY['not-kept']);
SELECT is(t.go(), '0 reject private', 'a rejected event');
SELECT is((SELECT count(*) FROM qm.evidence WHERE sha256 = t.sha('not-kept')), 0::bigint, 'names nothing');

SELECT is(t.recount(), '', 'counters equal their recount');
SELECT is((SELECT count(*) = max(idx) + 1 AND max(idx) + 1 = (SELECT size FROM qm.log_head WHERE county = 140522)
             FROM qm.log_entry WHERE county = 140522), true, 'the log has no gap');
SELECT is((SELECT root FROM qm.log_head WHERE county = 140522), (SELECT root FROM t.answer ORDER BY size DESC LIMIT 1), 'the last answer is the head');
SELECT * FROM finish();
ROLLBACK;
