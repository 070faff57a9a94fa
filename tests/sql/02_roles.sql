-- The server's role: all that a running server calls works for it, and no record can be changed by it.
BEGIN;
\ir lib/world.psql
\ir lib/parts.psql
\ir ../../sql/roles.sql
SELECT plan(53);
GRANT USAGE ON SCHEMA t TO qiaomen_app;
GRANT ALL ON ALL TABLES IN SCHEMA t TO qiaomen_app;
SELECT qm.code_new(140522, 'A0001', 'L0001', 'code', t.r0());
SELECT t.put('d3', 'held', 'visit', 'met', h => 'h1');
SELECT t.decide('in', 'held');

SET LOCAL ROLE qiaomen_app;

-- ---------------------------------------------------------------- what it does all day
SELECT t.batch('d1');
SELECT t.ev('v1', 'visit', 'met', h => 'h1');
SELECT t.ev('v2', 'visit', fault => 1);
SELECT t.ev('v3', 'household', 'home', h => 'new', door => '1');
SELECT t.ev('v4', 'resident', 'found', h => 'new', r => 'rnew', born => '1990-01-01');
SELECT t.ev('v5', 'notice', 'signed', h => 'h1', sha => ARRAY['b']);
SELECT t.ev('v6', 'app', 'installed', h => 'new', r => 'rnew', alerts => 7);
SELECT t.ev('v7', 'void', target => 'v1');
SELECT is(t.go(), '1 reject schema', 'sync: events of every kind, a rejected line, a void');
SELECT is(t.blob('b') || ' ' || t.blob('unnamed'), '0 0', 'blob_put');
SELECT is(t.note(), 1, 'blob_note');
SELECT is((SELECT removed FROM qm.blob_sweep(140522, t.r0() + t.day_ms(60))), 2, 'blob_sweep: a picture and quarantined bytes');
SELECT is((SELECT status FROM qm.enrol(140522, 'code', t.u('phone'), t.sha('k'), true, 'note', t.r0() - 1)), 0::smallint, 'enrol');
SELECT is((SELECT status FROM qm.rotate(140522, t.u('phone'), t.sha('k'), t.sha('k2'), true, 'note', t.r0())), 0::smallint, 'rotate');
SELECT lives_ok($$ SELECT * FROM qm.birthdays(140522, '2031-01-01') $$, 'birthdays');
SELECT is(t.recount(), '', 'recount');
SELECT lives_ok($$ SELECT * FROM qm.recount_note(140522, 1, 1, 0) $$, 'recount_note');
SELECT isnt_empty($$ SELECT * FROM qm.changes(140522, 'W0001', -1, '{}') $$, 'changes');
SELECT isnt_empty($$ SELECT * FROM qm.coverage(140522, 'admin', '140522', 'township', '140522') $$, 'coverage');
SELECT isnt_empty($$ SELECT * FROM t.list_households('admin', '140522', '140522', 'all', NULL, NULL, 9) $$, 'list_households');
SELECT isnt_empty($$ SELECT * FROM t.list_residents('admin', '140522', '140522', 'all', NULL, NULL, NULL, 9) $$, 'list_residents');
SELECT isnt_empty($$ SELECT l.* FROM qm.batch b, qm.batch_lines(140522, b.idx) l $$, 'batch_lines');

-- ---------------------------------------------------------------- what it cannot
SELECT throws_ok(format('%s %s', verb, tab), '42501', NULL, format('no %s %s', verb, tab))
  FROM (VALUES ('DELETE FROM', 'qm.log_entry'), ('DELETE FROM', 'qm.log_node'), ('DELETE FROM', 'qm.log_checkpoint'), ('DELETE FROM', 'qm.event'),
               ('DELETE FROM', 'qm.void_mark'), ('DELETE FROM', 'qm.evidence'), ('DELETE FROM', 'qm.batch'), ('DELETE FROM', 'qm.decision'),
               ('DELETE FROM', 'qm.quarantine'), ('DELETE FROM', 'qm.log_head'), ('TRUNCATE', 'qm.log_entry'), ('TRUNCATE', 'qm.event'),
               ('UPDATE', 'qm.log_entry SET recv = 1'), ('UPDATE', 'qm.log_node SET level = 1'), ('UPDATE', 'qm.log_checkpoint SET tree = 2'),
               ('UPDATE', 'qm.event SET e = NULL'), ('UPDATE', 'qm.event SET p = NULL'), ('UPDATE', 'qm.event SET hold = 0'), ('UPDATE', 'qm.evidence SET event = NULL'),
               ('UPDATE', 'qm.decision SET way = true'), ('UPDATE', 'qm.quarantine SET leaf = NULL'), ('UPDATE', 'qm.blob SET sealed = NULL'),
               ('INSERT INTO', 'qm.decision SELECT * FROM qm.decision')) AS x (verb, tab);
SELECT throws_ok(q, '42501', NULL, 'no ' || q)
  FROM unnest(ARRAY['SELECT t.decide(''in'', ''held'')', 'SELECT t.merge(''h1'', ''h2'')', 'SELECT t.status(''household'', ''h1'', 4)',
                    'SELECT qm.erase(140522, ''A0001'', 1, ''{}'', ''{}'')']) q;
RESET ROLE;

-- ---------------------------------------------------------------- the office at the browser
GRANT USAGE ON SCHEMA t TO qiaomen_office;
GRANT ALL ON ALL TABLES IN SCHEMA t TO qiaomen_office;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t TO qiaomen_office;
SET LOCAL ROLE qiaomen_office;
SELECT lives_ok(q, q)
  FROM unnest(ARRAY['SELECT t.status(''household'', ''h1'', 2)', 'SELECT t.decide(''out'', ''held'')',
                    'SELECT * FROM qm.code_new(140522, ''A0001'', ''W0001'', ''code2'', 9)',
                    'SELECT * FROM qm.set_config(140522, ''A0001'', 1, ''topics'', sha256(''[]''), ''[]'', true)']) q;
SELECT throws_ok(format('%s %s', verb, tab), '42501', NULL, format('the office: no %s %s', verb, tab))
  FROM (VALUES ('DELETE FROM', 'qm.log_entry'), ('DELETE FROM', 'qm.event'), ('DELETE FROM', 'qm.decision'), ('DELETE FROM', 'qm.void_mark'),
               ('UPDATE', 'qm.event SET p = NULL'), ('UPDATE', 'qm.log_entry SET recv = 1'), ('UPDATE', 'qm.register_change SET new = '''''),
               ('UPDATE', 'qm.decision SET way = true')) AS x (verb, tab);
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
