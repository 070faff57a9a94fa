-- Parts that no commit came to are removed, by the server's role too; parts of an object never are.
BEGIN;
\ir lib/world.psql
\ir ../../sql/roles.sql
SELECT plan(6);
INSERT INTO qm.object_part SELECT 140522, sha256('kept'), i, 'x' FROM generate_series(0, 2) i;
INSERT INTO qm.object_part SELECT 140522, sha256('lost'), i, 'y' FROM generate_series(0, 4) i;
INSERT INTO qm.object (county, sha256, kind, open, body, parts, bytes) VALUES (140522, sha256('kept'), 'roster', false, '', 3, 3);
SET LOCAL ROLE qiaomen_app;
SELECT throws_ok('DELETE FROM qm.object_part', '42501', NULL, 'the server''s role deletes no parts itself');
SELECT is((SELECT removed FROM qm.parts_sweep(140522)), 5, 'what nothing names goes');
SELECT is((SELECT removed FROM qm.parts_sweep(140522)), 0, 'once');
RESET ROLE;
SELECT is((SELECT count(*)::int FROM qm.object_part WHERE sha256 = sha256('kept')), 3, 'parts of an object stay');
SELECT is((SELECT count(*)::int FROM qm.object_part WHERE sha256 = sha256('lost')), 0, 'the others are gone');
SELECT throws_ok('SELECT * FROM qm.parts_sweep(999999)', NULL, NULL, 'an unknown county is refused');
SELECT * FROM finish();
ROLLBACK;
