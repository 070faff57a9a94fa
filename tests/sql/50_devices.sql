-- Codes, enrolment, rotation, revocation, pictures; each also called again, as after a lost answer.
BEGIN;
\ir lib/world.psql
SELECT plan(77);

CREATE FUNCTION pg_temp.last() RETURNS text LANGUAGE sql AS $$
    SELECT convert_from(body, 'UTF8') FROM qm.log_entry WHERE county = 140522 ORDER BY idx DESC LIMIT 1
$$;
CREATE FUNCTION pg_temp.size() RETURNS bigint LANGUAGE sql AS $$ SELECT size FROM qm.log_head WHERE county = 140522 $$;
CREATE FUNCTION pg_temp.code(account text, code text, expires bigint DEFAULT t.r0() + 1000) RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.code_new(140522, 'A0001', account, code::bytea, expires)
$$;
CREATE FUNCTION pg_temp.enrol(code text, device text, key text, now bigint DEFAULT t.r0(), hard boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, account, grids::text, idx, CASE WHEN size > old_size THEN 'new' END)
      FROM qm.enrol(140522, code::bytea, t.u(device), t.sha(key), hard, convert_to(E'note — ' || device || E'\n', 'UTF8'), now)
$$;
CREATE FUNCTION pg_temp.rotate(device text, old text, new text, hard boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, account, idx, CASE WHEN size > old_size THEN 'new' END)
      FROM qm.rotate(140522, t.u(device), t.sha(old), t.sha(new), hard, convert_to(E'rotation\n', 'UTF8'), t.r0() + 7)
$$;
CREATE FUNCTION pg_temp.revoke(device text, now bigint DEFAULT t.r0()) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, idx, CASE WHEN size > old_size THEN 'new' END)
      FROM qm.revoke(140522, 'A0001', t.u(device), 'qm.example.gov.cn/d/' || t.u(device), t.r0() - 50, now)
$$;

-- ---------------------------------------------------------------- codes and enrolment
SELECT is(pg_temp.code('W9999', 'c'), 5, 'a code for nobody');
SELECT is(pg_temp.code('T0001', 'c'), 5, 'for somebody who is no worker');
SELECT is(pg_temp.code('W0001', 'c1'), 0, 'for a worker');
SELECT is(pg_temp.code('W0001', 'c1'), 0, 'and again');
SELECT is(pg_temp.code('L0001', 'c2'), 0, 'for a leader');
UPDATE qm.account SET closed = true WHERE account = 'W0003';
SELECT is(pg_temp.code('W0003', 'c3'), 5, 'not for a closed account');
UPDATE qm.account SET closed = false WHERE account = 'W0003';
CREATE TEMP TABLE s AS SELECT pg_temp.size() AS n;
SELECT is(pg_temp.enrol('unknown', 'p1', 'k1'), '1', 'an unknown code');
SELECT is(pg_temp.enrol('c1', 'p1', 'k1', now => t.r0() + 1000), '1 W0001', 'an expired one');
SELECT is(pg_temp.enrol('c1', 'd2', 'k1'), '2 W0001', 'a device name that was seen');
SELECT is(pg_temp.enrol('c1', 'p1', 'key d2'), '2 W0001', 'a key that was seen');
SELECT is(pg_temp.size(), n, 'nothing was written') FROM s;
SELECT is(pg_temp.enrol('c1', 'p1', 'k1'), format('0 W0001 {%s,%s} %s new', t.g(1), t.g(2), n), 'a refused attempt leaves the code unused') FROM s;
SELECT is(pg_temp.last(), format(E'device/v1\nrecv %s\nby A0001\naccount W0001\nkey hard\n\nnote — p1\n', t.r0()), 'the entry, to the byte');
SELECT is(pg_temp.enrol('c1', 'p1', 'k1', now => t.r0() + 99999), format('0 W0001 {%s,%s} %s', t.g(1), t.g(2), n), 'again, also later: the same answer, nothing written') FROM s;
SELECT is(pg_temp.enrol('c1', 'p1', 'k2'), '1 W0001', 'with another key: the code is used');
SELECT is(pg_temp.enrol('c1', 'p2', 'k1'), '1 W0001', 'with another new device as well');
SELECT is(pg_temp.enrol('c1', 'd2', 'k1'), '1 W0001', 'or with another device that there is');
SELECT is(pg_temp.enrol('c2', 'p3', 'k3', hard => false), format('0 L0001 {%s} %s new', t.g(1), n + 1), 'a soft key of a leader') FROM s;
SELECT is(pg_temp.last() ~ E'\nkey soft\n', true, 'the entry says soft');
SELECT is((SELECT e.tree || ' ' || (e.root = h.root) || ' ' || e.size FROM qm.enrol(140522, 'c2', t.u('p3'), t.sha('k3'), false, '\x', t.r0()) e
             JOIN LATERAL (SELECT l.root FROM qm.log_head l WHERE l.county = 140522) h ON true), '1 true ' || n + 2, 'the answer carries the head') FROM s;

-- ---------------------------------------------------------------- rotation
SELECT t.batch('d1', 'old');
SELECT t.ev('v1', 'visit', 'met', h => 'h1', seq => 5);
SELECT is(t.go(), '', 'a batch under the old key');
CREATE TEMP TABLE s2 AS SELECT pg_temp.size() AS n;
SELECT is(pg_temp.rotate('nobody', 'key d1', 'kn'), '3', 'rotation of nobody');
SELECT is(pg_temp.rotate('d1', 'wrong', 'kn'), '3 W0001', 'with another old key');
SELECT is(pg_temp.rotate('d1', 'key d1', 'key d2'), '2 W0001', 'to a key that was seen');
SELECT is(pg_temp.rotate('d1', 'key d1', 'key d1'), '0 W0001 ' || enrolled_idx, 'to the key it has: nothing to do') FROM qm.device WHERE device = t.u('d1');
SELECT is(pg_temp.size(), n, 'nothing was written') FROM s2;
SELECT is(pg_temp.rotate('d1', 'key d1', 'kn'), format('0 W0001 %s new', n), 'to a new one') FROM s2;
SELECT is(pg_temp.last(), format(E'device/v1\nrecv %s\nby W0001\naccount W0001\nkey soft\n\nrotation\n', t.r0() + 7), 'the entry is by the worker''s own account');
SELECT is(pg_temp.rotate('d1', 'key d1', 'kn'), format('0 W0001 %s', n), 'again: the same answer, nothing written') FROM s2;
SELECT t.batch('d1', 'old');
SELECT t.ev('v1', 'visit', 'met', h => 'h1', seq => 5);
SELECT is(t.go(), 'batch 3', 'the old key is unknown, also for known batches');
UPDATE t.phone SET key = t.sha('kn') WHERE name = 'd1';
SELECT t.batch('d1', 'old');
SELECT t.ev('v1', 'visit', 'met', h => 'h1', seq => 5);
SELECT is(t.go(), 'batch 1', 'signed anew it gets its old entry');
SELECT is(t.put('d1', 'v2', 'visit', 'met', h => 'h1', seq => 5), '0 flag seq', 'numbers go on under the new key');
SELECT is(pg_temp.rotate('d1', 'kn', 'key d1'), '2 W0001', 'back to an old key: it was seen');
SELECT is(pg_temp.enrol('c1', 'd1', 'kn'), '1 W0001', 'a used code does not open a rotated phone');

-- ---------------------------------------------------------------- revocation
CREATE TEMP TABLE s3 AS SELECT pg_temp.size() AS n;
SELECT is(pg_temp.revoke('nobody'), '5', 'revocation of nobody');
SELECT is(pg_temp.revoke('d2'), format('0 %s new', n), 'of a phone') FROM s3;
SELECT is(pg_temp.last(), format(E'revoke/v1\nrecv %s\nby A0001\n\nqm.example.gov.cn/d/%s\nlost %s\n', t.r0(), t.u('d2'), t.r0() - 50), 'the entry, to the byte');
SELECT is(pg_temp.revoke('d2', t.r0() + 5000), format('0 %s', n), 'again: the first one counts') FROM s3;
SELECT is((SELECT revoked_recv FROM qm.device WHERE device = t.u('d2')), t.r0(), '... with its time');
SELECT is(pg_temp.rotate('d2', 'key d2', 'kx'), '4 W0002', 'a revoked phone does not rotate');
SELECT is(pg_temp.enrol('c1', 'd2', 'kx'), '1 W0001', 'nor enrol');

-- ---------------------------------------------------------------- pictures
CREATE FUNCTION pg_temp.blob(phone text, name text, bytes int DEFAULT 100, budget bigint DEFAULT 1000, day date DEFAULT '2025-11-21',
                             now bigint DEFAULT t.r0()) RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.blob_put(140522, t.u(phone), t.sha(name), bytes, 1::smallint, convert_to('sealed ' || name, 'UTF8'), now, day, budget)
$$;
SELECT is(pg_temp.blob('d1', 'b1', 600), 0, 'a picture is stored');
SELECT is(pg_temp.blob('d1', 'b1', 600), 1, 'again: it was there');
SELECT is(pg_temp.blob('d1b', 'b1', 600), 1, 'also from another phone, at no cost');
SELECT is(pg_temp.blob('d1', 'b2', 401), 2, 'above the day''s budget');
SELECT is(pg_temp.blob('d1', 'b2', 400), 0, 'exactly the budget');
SELECT is(pg_temp.blob('d1', 'b3', 1000, day => '2025-11-22'), 0, 'a new day, a new budget');
SELECT is((SELECT blob_day || ' ' || blob_bytes FROM qm.device WHERE device = t.u('d1')), '2025-11-22 1000', 'kept with the phone');
SELECT is((SELECT blob_bytes FROM qm.device WHERE device = t.u('d1b')), 0::bigint, 'only of the one that brought bytes');
SELECT is(t.note(), 0, 'no event names them: nothing is listed');
SELECT is(t.put('d1', 'n1', 'notice', 'signed', h => 'h1', sha => ARRAY['b1', 'b4']), '', 'an event names two');
CREATE TEMP TABLE s4 AS SELECT pg_temp.size() AS n;
SELECT is(t.note(t.r0() + 3), 1, 'one is there');
SELECT is(pg_temp.last(), format(E'blob/v1\nrecv %s\n\n%s\n', t.r0() + 3, encode(t.sha('b1'), 'hex')), 'the entry, to the byte');
SELECT is(t.note(), 0, 'again: nothing new');
SELECT is(pg_temp.size(), n + 1, 'and nothing written') FROM s4;
SELECT is(pg_temp.blob('d1', 'b4', day => '2025-11-23'), 0, 'the missing one comes');
SELECT is((SELECT count(*) FROM qm.want), 0::bigint, 'and is wanted no more');
SELECT is(t.put('d1', 'n2', 'notice', 'signed', h => 'h2', sha => ARRAY['b2', 'b3']), '', 'an event names older ones');
SELECT is(t.note(), 3, 'all three at once');
SELECT is((SELECT array_agg(l ORDER BY o) = array_agg(l ORDER BY l COLLATE "C") FROM unnest(string_to_array(rtrim(split_part(pg_temp.last(), E'\n\n', 2), E'\n'), E'\n')) WITH ORDINALITY AS u (l, o)),
    true, 'sorted');
SELECT pg_temp.blob('d3', 'many' || i, 1, 100000) FROM generate_series(1, 2000) i;
SELECT t.batch('d3');
SELECT t.ev('many' || i, 'notice', 'left', h => 'h8', g => t.g(1001), sha => ARRAY(SELECT 'many' || 4 * i + j FROM generate_series(0, 3) j)) FROM generate_series(1, 250) i;
SELECT t.send();
SELECT t.batch('d3');
SELECT t.ev('many' || i, 'notice', 'left', h => 'h8', g => t.g(1001), sha => ARRAY(SELECT 'many' || 4 * i + j FROM generate_series(0, 3) j)) FROM generate_series(251, 499) i;
SELECT t.send();
SELECT is(t.note(), 1996, 'a long list');
SELECT is((SELECT string_agg((octet_length(body) - 28) / 65 || '', ' ' ORDER BY idx) FROM (SELECT * FROM qm.log_entry WHERE county = 140522 AND type = 4 ORDER BY idx DESC LIMIT 3) e), '900 900 196', 'is split');
SELECT is((SELECT count(*) FROM qm.blob b JOIN qm.log_entry e ON e.county = b.county AND e.idx = b.listed_idx
            WHERE b.listed_idx IS NOT NULL AND position(encode(b.sha256, 'hex')::bytea in e.body) = 0), 0::bigint, 'each picture knows the entry that lists it');
SELECT is((SELECT count(*) FROM qm.log_entry WHERE octet_length(body) > 65535), 0::bigint, 'no entry is too long');
SELECT is(t.recount(), '', 'counters equal their recount');

-- A revoked phone brings the pictures of its events for 14 days.
SELECT t.batch('d2');
SELECT t.ev('r1', 'notice', 'signed', h => 'h5', g => t.g(2), sha => ARRAY['late']);
SELECT is(t.go(), '0 hold revoked', 'a revoked phone''s event');
SELECT is(pg_temp.blob('d2', 'other'), 4, 'a picture that it does not name');
SELECT is(pg_temp.blob('d2', 'b1'), 4, 'or that others name');
SELECT is(pg_temp.blob('d2', 'late', now => t.r0() + 1209600001), 4, 'or after 14 days');
SELECT is(pg_temp.blob('d2', 'late', now => t.r0() + 1209600000), 0, 'one that it names, in time');

-- ---------------------------------------------------------------- what may go
SELECT pg_temp.blob('d1b', 'unnamed'), pg_temp.blob('d1b', 'named');
SELECT t.put('d1b', 'n9', 'notice', 'left', h => 'h1', sha => ARRAY['named']);
SELECT t.batch('d1b', recv => t.r0());
SELECT t.ev('q1', 'pledge', fault => 1);
SELECT t.ev('q2', 'pledge', 'signed', h => 'h1', r => 'r1', fault => 2);
SELECT t.ev('q3', 'pledge', 'signed', h => 'h1', r => 'r1', g => 140525100201001);
SELECT t.ev('v1', 'visit', 'gone', h => 'h1');
SELECT is(t.go(), '0 reject schema; 1 reject private; 2 reject county; 3 reject conflict', 'four rejected lines');
SELECT is((SELECT removed FROM qm.blob_sweep(140522, t.r0() + 1209600000)), 0, 'for 14 days all stays');
SELECT is((SELECT removed FROM qm.blob_sweep(140522, t.r0() + 1209600001)) > 0, true, 'then what no event names goes');
SELECT is((SELECT count(*) FROM qm.blob WHERE sha256 IN (t.sha('unnamed'), t.sha('named'))), 1::bigint, 'what is named stays');
SELECT is((SELECT removed FROM qm.blob_sweep(140522, t.r0() + 2592000001)), 3, 'after 30 days quarantined bytes go');
SELECT pg_temp.same($$ SELECT reason, e IS NULL, p IS NULL, leaf IS NULL FROM qm.quarantine ORDER BY reason $$,
    $$ VALUES (1, true, true, false), (2, true, true, false), (3, false, true, false), (4, false, true, false) $$,
    'the leaf stays, and E of those that were good in form');
SELECT is((SELECT removed FROM qm.blob_sweep(140522, t.r0() + 2592000001)), 0, 'again: nothing');
SELECT * FROM finish();
ROLLBACK;
