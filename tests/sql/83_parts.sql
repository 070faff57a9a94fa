-- Parts that no commit came to are removed, by the server's role too; parts of an object never are, nor those
-- that a freeze has just put.
BEGIN;
\ir lib/world.psql
\ir ../../sql/roles.sql
SELECT plan(11);
CREATE FUNCTION pg_temp.left_of(what text) RETURNS int LANGUAGE sql AS $$
    SELECT count(*)::int FROM qm.object_part WHERE sha256 = sha256(what::bytea)
$$;
INSERT INTO qm.object_part SELECT 140522, sha256('kept'), i, 'x', 1000 FROM generate_series(0, 2) i;
INSERT INTO qm.object_part SELECT 140522, sha256('lost'), i, 'y', 1000 + i FROM generate_series(0, 4) i;
INSERT INTO qm.object (county, sha256, kind, open, body, parts, bytes) VALUES (140522, sha256('kept'), 'roster', false, '', 3, 3);
\set put `cat ../../sql/queries/object_part_put.sql`
PREPARE put (int, bytea, int, bytea, bigint) AS :put;
SET LOCAL ROLE qiaomen_app;
SELECT throws_ok('DELETE FROM qm.object_part', '42501', NULL, 'the server''s role deletes no parts itself');
SELECT throws_ok($$ UPDATE qm.object_part SET body = 'z' $$, '42501', NULL, 'and changes no bytes');
SELECT is((SELECT removed FROM qm.parts_sweep(140522, 1003)), 3, 'what nothing names goes, if it was put before');
SELECT is((SELECT removed FROM qm.parts_sweep(140522, 1003)), 0, 'once');
SELECT lives_ok($$ EXECUTE put(140522, sha256('lost'), 3, 'other', 2000) $$, 'a later freeze finds a part there');
SELECT lives_ok($$ EXECUTE put(140522, sha256('lost'), 3, 'other', 1500) $$, 'a clock that went back makes nothing older');
SELECT is((SELECT removed FROM qm.parts_sweep(140522, 2000)), 1, 'it is as young as that freeze, the other one goes');
SELECT is((SELECT convert_from(body, 'UTF8') || put_ms FROM qm.object_part WHERE sha256 = sha256('lost')), 'y2000', 'with the bytes that it had');
RESET ROLE;
SELECT is(pg_temp.left_of('kept'), 3, 'parts of an object stay');
SELECT is((SELECT removed FROM qm.parts_sweep(140522, 2001)), 1, 'the last one goes when it is old');
SELECT throws_ok('SELECT * FROM qm.parts_sweep(999999, 1)', 'QM001', NULL, 'an unknown county is refused');
SELECT * FROM finish();
ROLLBACK;
