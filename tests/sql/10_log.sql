-- The log: entries, leaves, nodes, frontier, root, checkpoint and head in one commit.  The values are
-- those of the contract's vectors (tests/vectors/protocol-vectors.json).
BEGIN;
\ir lib/tap.psql
SELECT plan(24);

CREATE TEMP TABLE vector (idx int, type smallint, recv bigint, leaf text, root text, entry text);
INSERT INTO vector VALUES
(0, 7, 1757200000000,
 '52a4c8bc28f496112a18818d6c992ba3f17592ae2307bcde50e1f4ae76acd83f',
 '52a4c8bc28f496112a18818d6c992ba3f17592ae2307bcde50e1f4ae76acd83f',
$e$config/v1
recv 1757200000000
by A0001

key qm.example.gov.cn/log/140522+b69283c8+ATMzRcQaosNH0ePqy9ZyKNPCTqbiCol8I5T0jiLdwofU
$e$),
(1, 2, 1757200100000,
 '01bfc098ad371b3e27aadb1b5ca07cd158559fcf20066d1fa43a37bf09fb23e6',
 'd052e9536d2b94ca32d9d11c45ba9b6d66af0dce391c63cab558acb01a65ff3a',
$e$device/v1
recv 1757200100000
by A0001
account W0123
key hard

qm.example.gov.cn/device/v1
qm.example.gov.cn/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41
qm.example.gov.cn/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41+19b590ca+AT6MzxIhf0WH/Su1loib3YYnvQE/nL8sDm2VDvhq2lL5

— qm.example.gov.cn/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41 GbWQyv/hTMGnygckeDK5bx1imHvaL34D5jVxbx77Tn7B48swlGyPjsul7T0kKc+4Mxz5zPTdboo6YQWSMMSSB0Ya+A4=
$e$),
(2, 1, 1757203210777,
 '48fa7d3e144c42dc3abd3c79313198295ca7278a246aa83d7118903a1f865e4e',
 'a98bf38878e6103b7d38d545dc32f847e60fda71f6824eaa6b9d14e4df5d1906',
$e$batch/v1
recv 1757203210777
2 reject schema

qm.example.gov.cn/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41/b/01992179-0b88-7d55-b344-5566778899aa
5
3rRO7yhKAVz+vGbewJwVgkGXYIhfa/Ylk9/5hpH9fRg=

— qm.example.gov.cn/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41 GbWQyo1uI96buUQQDDuKWyi58O7+VOi2c8CH//L/5XENV5lO0zI5PGfN4yovCXO5RfQCUf30w+T/dqDdHKcs6qtpAQI=
$e$),
(3, 4, 1757203215000,
 '048d86c0f7888ab5d137fa16c8d7d0a440c62c65177145770b13dba5b4f186e0',
 'ff9220a550af3d05588b74aa578aa90b1b0ad9005f48c84109a627779f790d64',
$e$blob/v1
recv 1757203215000

c1141b27cde2602d810c31a3457ed9f209e7814f2a41dfa1affb38be1616eb61
$e$),
(4, 7, 1757299000000,
 '9cc00d74e529c8d9ef5b148bf5494ccdeee8b1f621f8407f77f291b7f2ee7b37',
 'e3bd273ef46f25af1740bc53d7a17474df456deed341da8eaad2a64f6fc0dd28',
$e$config/v1
recv 1757299000000
by A0001

rule sha256:29e7fcf1e92413eaece1a3f75ff62ec88ef5af980deb60459727f5e488c347d9
$e$),
(5, 9, 1757300000000,
 '035497b0b693e61ba29e66ff5cf2952afeb1363dcf7a9740b7a1dcdd9b5d7dc2',
 'b29b1aee20bc08a3c3eaf9b648757cca587e43b3dad833e8c307ee5983eda650',
$e$roster/v1
recv 1757300000000
by A0001
scope 140522110

period 2025-W36
to 4
day 2025-09-07
sha256:a77c97a1a8e9aed70fcba2b784e052e6511d0953409df61a823e8294d14bec82
$e$),
(6, 10, 1757300100000,
 '606af104681c173a6854810d11cdda426aecc899bf97b1caa4e933535b8f71b1',
 '23d6773fcd707244955ba556ff4ac034a6d79876a19dcd4006fae58e6e53018d',
$e$bulletin/v1
recv 1757300100000
by A0002
prepared A0001
scope 140522110

2025-W36
from 0
to 4
root /5IgpVCvPQVYi3SqV4qpCxsK2QBfSMhBCaYnd595DWQ=
roster sha256:a77c97a1a8e9aed70fcba2b784e052e6511d0953409df61a823e8294d14bec82
rule sha256:29e7fcf1e92413eaece1a3f75ff62ec88ef5af980deb60459727f5e488c347d9
result sha256:9d315a456a770f763a8d1a8d972b0b724c78440702befb2830a5078b1b4d7284
public sha256:98e1352da734fe4c27e82b0575763b6b650c52db7080a61ea4fcfc3534cd9273
$e$);
CREATE TEMP TABLE consistency (old int, new int, proof text[]);
INSERT INTO consistency VALUES
(3, 7, ARRAY['SPp9PhRMQtw6vTx5MTGYKVynJ4okaqg9cRiQOh+GXk4=', 'BI2GwPeIirXRN/oWyNfQpEDGLGUXcUV3CxPbpbTxhuA=', '0FLpU20rlMoy2dEcRbqbbWavDc45HGPKtVissBpl/zo=', '21pvB5u6i65B53YeKDkTvy1epHslCQ55qU8bnZch6tk=']),
(4, 7, ARRAY['21pvB5u6i65B53YeKDkTvy1epHslCQ55qU8bnZch6tk=']),
(6, 7, ARRAY['eMXAmeJL2jnijlnnmvd3SIBP9TJA7AboXCAqBmEkS1A=', 'YGrxBGgcFzpoVIENEc3aQmrsyJm/l7HKpOkzU1uPcbE=', '/5IgpVCvPQVYi3SqV4qpCxsK2QBfSMhBCaYnd595DWQ=']);

INSERT INTO qm.division VALUES ('140522', '阳城县', '1405', 'county');
INSERT INTO qm.log_head (county, name, root, age_day) VALUES (140522, '阳城县', sha256(''), '2025-11-21'),
                                                             (140525, '泽州县', sha256(''), '2025-11-21');

-- RFC 6962 section 2.1 as it is written: split at the largest power of two below n.
CREATE FUNCTION pg_temp.tree(p_leaves bytea[]) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    n int := coalesce(cardinality(p_leaves), 0);
    k int := 1;
BEGIN
    IF n = 0 THEN
        RETURN sha256('');
    ELSIF n = 1 THEN
        RETURN p_leaves[1];
    END IF;
    WHILE k * 2 < n LOOP
        k := k * 2;
    END LOOP;
    RETURN sha256('\x01'::bytea || pg_temp.tree(p_leaves[1:k]) || pg_temp.tree(p_leaves[k + 1:n]));
END
$$;
-- RFC 6962 section 2.1.2, SUBPROOF.
CREATE FUNCTION pg_temp.subproof(m int, p_leaves bytea[], p_whole boolean) RETURNS bytea[] LANGUAGE plpgsql AS $$
DECLARE
    n int := cardinality(p_leaves);
    k int := 1;
BEGIN
    IF m = n THEN
        RETURN CASE WHEN p_whole THEN '{}'::bytea[] ELSE ARRAY[pg_temp.tree(p_leaves)] END;
    END IF;
    WHILE k * 2 < n LOOP
        k := k * 2;
    END LOOP;
    IF m <= k THEN
        RETURN pg_temp.subproof(m, p_leaves[1:k], p_whole) || pg_temp.tree(p_leaves[k + 1:n]);
    END IF;
    RETURN pg_temp.subproof(m - k, p_leaves[k + 1:n], false) || pg_temp.tree(p_leaves[1:k]);
END
$$;
CREATE FUNCTION pg_temp.append(p_county int, p_types smallint[], p_recvs bigint[], p_bodies bytea[]) RETURNS qm.log_head
LANGUAGE sql AS $$ SELECT qm.log_commit(qm.lock_head(p_county), p_types, p_recvs, p_bodies) $$;
CREATE FUNCTION pg_temp.leaves(p_county int) RETURNS bytea[] LANGUAGE sql AS $$
    SELECT array_agg(hash ORDER BY pos) FROM qm.log_node WHERE county = p_county AND level = 0
$$;

SELECT is(qm.frontier_root('{}'), sha256(''), 'the root of the empty tree is the hash of nothing');
SELECT throws_ok('SELECT qm.lock_head(999999)', 'QM001', NULL, 'a county that is not set up is an error');

-- One entry a commit.
SELECT is(encode((pg_temp.append(140522, ARRAY[type], ARRAY[recv], ARRAY[convert_to(entry, 'UTF8')])).root, 'hex'), root,
          'vector: root of size ' || idx + 1)
  FROM vector ORDER BY idx;
SELECT results_eq($$ SELECT encode(hash, 'hex') FROM qm.log_node WHERE county = 140522 AND level = 0 ORDER BY pos $$,
                  $$ SELECT leaf FROM vector ORDER BY idx $$, 'vector: leaf hashes');
SELECT results_eq($$ SELECT size, tree, encode(root, 'hex') FROM qm.log_checkpoint WHERE county = 140522 ORDER BY size $$,
                  $$ SELECT idx + 1::bigint, 1, root FROM vector ORDER BY idx $$, 'vector: a checkpoint row a commit');
SELECT results_eq($$ SELECT idx, type, recv, body FROM qm.log_entry WHERE county = 140522 ORDER BY idx $$,
                  $$ SELECT idx::bigint, type, recv, convert_to(entry, 'UTF8') FROM vector ORDER BY idx $$, 'entries are kept to the byte');
SELECT results_eq($$ SELECT size, revision, cardinality(frontier), encode(root, 'hex') FROM qm.log_head WHERE county = 140522 $$,
                  $$ SELECT 7::bigint, 7::bigint, 3, root FROM vector WHERE idx = 6 $$, 'the head says the same');
SELECT results_eq($$ SELECT old, new, ARRAY(SELECT encode(h, 'base64') FROM unnest(
                         pg_temp.subproof(old, (pg_temp.leaves(140522))[1:new], true)) WITH ORDINALITY AS u (h, o) ORDER BY o)
                       FROM consistency ORDER BY old $$,
                  $$ SELECT old, new, proof FROM consistency ORDER BY old $$, 'vector: consistency proofs of the stored leaves');
-- A proof is made of stored nodes: with 7 leaves the subtrees at (2, 0), (1, 2), (1, 0) and (1, 1) are there.
SELECT is_empty($$ SELECT c.old, u.p FROM consistency c, unnest(c.proof) AS u (p)
                    WHERE NOT EXISTS (SELECT FROM qm.log_node n WHERE n.county = 140522 AND n.hash = decode(u.p, 'base64'))
                      AND decode(u.p, 'base64') <> pg_temp.tree((pg_temp.leaves(140522))[5:7]) $$,
                'a proof is made of stored nodes, apart from the right edge');

-- Several entries a commit, sizes up to 70: groups of 1, 2, 3, 5, 8 and so on.
CREATE FUNCTION pg_temp.grow() RETURNS TABLE (size bigint, kept bytea, naive bytea, nodes bigint, due bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_n int;
    v_i int := 0;
    v_head qm.log_head;
BEGIN
    WHILE v_i < 70 LOOP
        v_n := least(1 + (v_i * 7) % 9, 70 - v_i);
        v_head := pg_temp.append(140525, array_fill(1::smallint, ARRAY[v_n]), array_fill(5::bigint, ARRAY[v_n]),
            ARRAY(SELECT convert_to('entry ' || g, 'UTF8') FROM generate_series(v_i + 1, v_i + v_n) g));
        v_i := v_i + v_n;
        RETURN QUERY SELECT v_head.size, v_head.root, pg_temp.tree(pg_temp.leaves(140525)),
            (SELECT count(*) FROM qm.log_node n WHERE n.county = 140525),
            (SELECT sum(v_i >> l)::bigint FROM generate_series(0, 7) l);
    END LOOP;
END
$$;
CREATE TEMP TABLE grown AS SELECT * FROM pg_temp.grow();
SELECT is_empty('SELECT size FROM grown WHERE kept <> naive', 'the root is that of the naive tree at each commit up to 70');
SELECT is((SELECT max(size) FROM grown), 70::bigint, 'which has 70 entries');
SELECT is_empty('SELECT size FROM grown WHERE nodes <> due', 'each perfect subtree is stored once');
SELECT is_empty($$ SELECT n.level, n.pos FROM qm.log_node n
      JOIN qm.log_node a ON a.county = n.county AND a.level = n.level - 1 AND a.pos = n.pos * 2
      JOIN qm.log_node b ON b.county = n.county AND b.level = n.level - 1 AND b.pos = n.pos * 2 + 1
     WHERE n.hash <> sha256('\x01'::bytea || a.hash || b.hash) $$, 'and is the hash of its halves');
SELECT is((SELECT count(*) FROM qm.log_checkpoint WHERE county = 140525), (SELECT count(*) FROM grown),
          'one checkpoint a commit, whatever its entries');

-- A commit that fails leaves no gap; one without entries raises the revision only.
CREATE FUNCTION pg_temp.fail() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.append(140525, ARRAY[1::smallint], ARRAY[5::bigint], ARRAY['lost'::bytea]);
    RAISE EXCEPTION 'cut';
EXCEPTION WHEN raise_exception THEN
    RETURN (SELECT size FROM qm.log_head WHERE county = 140525);
END
$$;
SELECT is(pg_temp.fail(), 70::bigint, 'a rolled back commit is not in the log');
SELECT is((SELECT size || ' ' || revision FROM qm.log_head WHERE county = 140525), 
          (SELECT '70 ' || count(*) FROM grown), 'nor in the head');
SELECT results_eq($$ SELECT a.size - b.size, a.revision - b.revision, a.root = b.root
                       FROM qm.log_head b, pg_temp.append(140525, '{}', '{}', '{}') a WHERE b.county = 140525 $$,
                  $$ VALUES (0::bigint, 1::bigint, true) $$, 'a commit without entries raises the revision, not the size');
SELECT (pg_temp.append(140525, ARRAY[1::smallint], ARRAY[5::bigint], ARRAY['next'::bytea])).size;
SELECT results_eq($$ SELECT array_agg(idx ORDER BY idx) = ARRAY(SELECT generate_series(0::bigint, 70)) FROM qm.log_entry WHERE county = 140525 $$,
                  $$ VALUES (true) $$, 'indexes are dense');
SELECT * FROM finish();
ROLLBACK;
