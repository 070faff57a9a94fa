-- Drafts, publication, corrections, wording, proposals, sign-offs; and the bytes of the contract's example.
BEGIN;
\set vectors `cat ../vectors/protocol-vectors.json`
\ir lib/world.psql
\ir lib/bulletin.psql
SELECT plan(117);

-- ---------------------------------------------------------------- the contract's example, in a county of its own log
CREATE TABLE t.vector AS SELECT (o - 1)::int AS idx, x AS body FROM jsonb_array_elements_text(:'vectors'::jsonb -> 'log_entries') WITH ORDINALITY AS u (x, o);
CREATE TABLE t.example AS SELECT :'vectors'::jsonb -> 'bulletin' ->> 'roster' AS roster, :'vectors'::jsonb -> 'bulletin' ->> 'rule' AS rule,
    :'vectors'::jsonb -> 'bulletin' ->> 'result' AS result, :'vectors'::jsonb -> 'bulletin' ->> 'public' AS public;
SAVEPOINT world;
DO $$
DECLARE
    v_head qm.log_head;
    v_home uuid := encode(decode(translate('ewN5FqXIVXT7T-Os6zNFFw', '-_', '+/') || '==', 'base64'), 'hex')::uuid;
    v_person uuid := encode(decode(translate('dMni7W2dy9A-P0bDtI_5xw', '-_', '+/') || '==', 'base64'), 'hex')::uuid;
BEGIN
    DELETE FROM qm.log_entry;
    DELETE FROM qm.log_node;
    DELETE FROM qm.log_checkpoint;
    UPDATE qm.log_head SET size = 0, frontier = '{}', root = sha256('');
    SELECT * INTO v_head FROM qm.log_head;
    PERFORM qm.log_commit(v_head, ARRAY[7, 2, 1, 4]::smallint[], ARRAY[0, 0, 0, 0]::bigint[],
        (SELECT array_agg(convert_to(body, 'UTF8') ORDER BY idx) FROM t.vector WHERE idx < 4));
    DELETE FROM qm.resident_card;
    DELETE FROM qm.resident;
    DELETE FROM qm.household_card;
    DELETE FROM qm.household;
    INSERT INTO qm.household (county, household, grid, place, status, rev) VALUES (140522, v_home, t.g(1), 1, 1, 1);
    INSERT INTO qm.resident (county, resident, household, grid, home, status, born, band, rev)
    VALUES (140522, v_person, v_home, t.g(1), 1, 1, '1990-01-01', 2, 1);
END
$$;
SELECT size AS to_size, root, revision, tree FROM qm.log_head \gset f_
SELECT is((SELECT string_agg(lines, '') FROM qm.freeze_roster(140522, '140522110', '2025-09-07')), roster, 'the example''s roster') FROM t.example;
SELECT status FROM t.example e, qm.set_config(140522, 'A0001', 1757299000000, 'rule', sha256(e.rule::bytea), e.rule::bytea, true) \gset c_
INSERT INTO qm.object_part SELECT 140522, sha256(roster::bytea), 0, roster::bytea FROM t.example;
SELECT is(c.status || ' ' || c.idx, '0 5', 'the example''s draft')
  FROM t.example e, qm.freeze_commit(140522, 'A0001', 1757300000000, t.u('example'), '140522110', '2025-W36', 1::smallint, NULL, NULL, 0,
       :f_to_size, :'f_root', 0, :f_revision, :f_tree, '2025-09-07', sha256(e.roster::bytea), 1, octet_length(e.roster), sha256(e.rule::bytea), NULL,
       sha256(e.result::bytea), sha256(e.public::bytea), NULL, e.result::bytea, e.public::bytea, ARRAY['140522110204'], ARRAY[1], ARRAY[0],
       ARRAY[0]::bigint[], ARRAY[0]::smallint[], ARRAY[1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0], 2, array_fill(1::bigint, ARRAY[68]),
       array_fill(0::bigint, ARRAY[9]), '{}', '{}', '{}', '{}') c;
SELECT is(t.publish('example', 'A0002', 1757300100000), '0 6 1', 'is published');
SELECT is(t.entry(idx), body, 'entry ' || idx || ' is the example''s') FROM t.vector WHERE idx >= 4;
SELECT is(encode(root, 'base64'), split_part(:'vectors'::jsonb -> 'checkpoints' ->> '7', E'\n', 3), 'and so is the root behind them') FROM qm.log_head;
SELECT is((SELECT string_agg(kind || ' ' || open || ' ' || parts, ', ' ORDER BY kind) FROM qm.object o, t.example e
            WHERE o.sha256 IN (sha256(e.roster::bytea), sha256(e.rule::bytea), sha256(e.result::bytea), sha256(e.public::bytea))),
          'public true 0, result false 0, roster false 1, rule true 0', 'objects: rule and public result are for everybody');
ROLLBACK TO world;

-- ---------------------------------------------------------------- drafts
SELECT t.put('d1', 'v1', 'visit', 'met', h => 'h1');
SELECT is(t.freeze('w47', '2025-W47'), 0, 'a draft');
SELECT is((SELECT concat_ws(' ', state, from_idx, to_size, roster_idx, idx, day) FROM qm.bulletin), format('0 0 %s %s 2025-11-23', t.size() - 1, t.size() - 1), 'is frozen');
SELECT is(t.entry(t.size() - 1), (SELECT format(E'roster/v1\nrecv %s\nby T0001\nscope 140522110\n\nperiod 2025-W47\nto %s\nday 2025-11-23\nsha256:%s\n', t.r0(), t.size() - 1,
    encode(sha256(convert_to(string_agg(lines, ''), 'UTF8')), 'hex')) FROM qm.freeze_roster(140522, '140522110', '2025-11-23')), 'its roster is logged');
SELECT pg_temp.same(format('SELECT code, name, rank, before, left_out, m, v[1:3], beside FROM qm.bulletin_rows(140522, %L)', t.u('w47')),
    $$ VALUES ('140522110204', '演礼村', 1, 0, 0, '{1,7,1,0,0,0,0,0}'::bigint[], '{7,7,1}'::bigint[], '{0,0,0,0,0,0,0,0,0}'::bigint[]),
              ('140522110205', '西村', 2, 0, 0, '{0,1,0,0,0,0,0,0}', '{1,1,0}', '{0,0,0,0,0,0,0,0,0}') $$, 'rows keep what each division has');
SELECT is((SELECT string_agg(body, '' ORDER BY part) FROM qm.object_part p JOIN qm.bulletin b ON b.roster_sha = p.sha256),
          (SELECT convert_to(string_agg(lines, ''), 'UTF8') FROM qm.freeze_roster(140522, '140522110', '2025-11-23')), 'the roster is kept in parts');
CREATE TABLE t.was AS SELECT size FROM qm.log_head;
SELECT is(t.freeze('w47', '2025-W47'), 1, 'asked again: it is there');
SELECT is(t.size(), (SELECT size FROM t.was), 'and nothing is written');
SELECT is(t.freeze('x', '2025-W47', parts => 99), 6, 'not without its roster');
SELECT throws_ok($$ SELECT qm.bulletin_object(140522, t.sha('a'), 'result', false, 'b') $$, 'QM002', NULL, 'nor with bytes of another hash');
SELECT is(t.freeze('w47b', '2025-W47', imports => E'cases 140522110204 1 aa\n'), 0, 'frozen again');
SELECT is((SELECT string_agg(state::text, ',' ORDER BY to_size) FROM qm.bulletin), '2,0', 'the older draft is dropped');
SELECT is(t.publish('w47'), '5', 'and cannot be published');
SELECT is((SELECT status FROM qm.bulletin_drop(140522, 'T0001', t.u('w47b'))), 0::smallint, 'a draft is dropped by hand');
SELECT is((SELECT status FROM qm.bulletin_drop(140522, 'T0001', t.u('w47b'))), 0::smallint, 'twice');
SELECT is((SELECT status FROM qm.bulletin_drop(140522, 'T0001', t.u('none'))), 5::smallint, 'one that never was');
SELECT is((SELECT count(*) FROM qm.bulletin_list(140522, 'township', '140522110', NULL, NULL, 9)), 0::bigint, 'none is listed then');
SELECT is((SELECT count(*) FROM qm.bulletin_read(140522, t.u('w47b'), NULL)), 0::bigint, 'or read');

-- ---------------------------------------------------------------- words and proposals of a draft
SELECT t.freeze('w47c', '2025-W47', imports => E'cases 140522110204 1 aa\n');
SELECT is((SELECT status FROM qm.wording_set(140522, 'T0001', 1, t.u('w47c'), ARRAY['title', 'opening'], ARRAY['Titel', 'Anfang'])), 0::smallint, 'wording');
SELECT is((SELECT status FROM qm.wording_set(140522, 'T0002', 2, t.u('w47c'), ARRAY['title'], ARRAY['标题'])), 0::smallint, 'one section anew');
SELECT pg_temp.same($$ SELECT section, body, by_account, at FROM qm.bulletin_text ORDER BY 1 $$, $$ VALUES ('opening', 'Anfang', 'T0001', 1), ('title', '标题', 'T0002', 2) $$, 'the others stay');
SELECT is((SELECT status FROM qm.wording_set(140522, 'T0001', 1, t.u('w47b'), ARRAY['title'], ARRAY['x'])), 5::smallint, 'not of a dropped one');
CREATE FUNCTION t.propose(draft text, n int, state int, remark text DEFAULT '') RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.proposal_decide(140522, 'T0001', t.r0(), t.u(draft), n, state::smallint, remark)
$$;
SELECT is(concat_ws(' ', t.propose('w47c', 1, 1, 'seen'), t.propose('w47c', 1, 1, 'seen'), t.propose('w47c', 1, 2), t.propose('w47c', 2, 1), t.propose('w47b', 1, 1), t.propose('w47c', 1, 3)),
          '0 0 1 5 5 5', 'a proposal is decided once, by a person');
SELECT is((SELECT concat_ws(' ', state, by_account, remark) FROM qm.proposal WHERE draft = t.u('w47c')), '1 T0001 seen', 'and kept with who and why');

-- ---------------------------------------------------------------- publication
SELECT is(t.publish('w47c', 'T0001'), '2', 'not by who prepared it');
INSERT INTO qm.log_head (county, name, root, age_day) VALUES (140525, '泽州县', sha256(''), '2025-11-21');
SELECT qm.recount_note(140522, 10, 1, 0), qm.recount_note(140522, 20, 1, 3), qm.recount_note(140525, 25, 1, 0);
SELECT is(t.publish('w47c'), '7', 'not after a recount that found differences, whatever the next county''s says');
-- That one's differences are no reason not to publish here.
SELECT qm.recount_note(140522, 30, 1, 0), qm.recount_note(140525, 40, 1, 5);
SELECT is(t.publish('none'), '5', 'not one that never was');
CREATE TABLE t.first AS SELECT t.size() AS idx;
SELECT is(t.publish('w47c'), format('0 %s 1', idx), 'published, number 1 of the year') FROM t.first;
SELECT is(t.entry(f.idx), (SELECT format(E'bulletin/v1\nrecv %s\nby T0002\nprepared T0001\nscope 140522110\n\n2025-W47\nfrom 0\nto %s\nroot %s\nroster sha256:%s\nrule sha256:%s\nimports sha256:%s\nresult sha256:%s\npublic sha256:%s\n',
    t.r0(), b.to_size, encode((SELECT c.root FROM qm.log_checkpoint c WHERE c.size = b.to_size), 'base64'), encode(b.roster_sha, 'hex'),
    encode((SELECT sha256(body) FROM t.rule), 'hex'), encode(sha256(E'cases 140522110204 1 aa\n'), 'hex'), encode(sha256('result w47c'), 'hex'), encode(sha256('public w47c'), 'hex'))
    FROM qm.bulletin b WHERE b.draft = t.u('w47c')), 'the entry, with imports') FROM t.first f;
SELECT is(t.publish('w47c'), format('0 %s 1', idx), 'asked again: the same answer') FROM t.first;
SELECT is(t.publish('w47c', 'T0001'), format('0 %s 1', idx), 'whoever asks') FROM t.first;
SELECT is(t.size(), idx + 1, 'and one entry only') FROM t.first;
SELECT is((SELECT status FROM qm.bulletin_drop(140522, 'T0001', t.u('w47c'))), 3::smallint, 'it cannot be dropped');
SELECT is((SELECT status FROM qm.wording_set(140522, 'T0001', 1, t.u('w47c'), ARRAY['title'], ARRAY['x'])), 3::smallint, 'its words cannot be changed');
SELECT is(concat_ws(' ', (SELECT status FROM qm.bulletin_seal_set(140522, 'T0001', 7, t.u('w47c'), t.sha('scan'))), (SELECT status FROM qm.bulletin_seal_set(140522, 'T0001', 8, t.u('w47c'), t.sha('scan'))),
    (SELECT status FROM qm.bulletin_seal_set(140522, 'T0001', 8, t.u('none'), t.sha('scan')))), '0 0 5', 'the hash of its sealed paper');
SELECT pg_temp.same('SELECT sha256, at FROM qm.bulletin_seal', $$ VALUES (t.sha('scan'), 7) $$, 'is kept once');
SELECT is(t.freeze('again', '2025-W47'), 3, 'a scope and period is published once');
SELECT is(t.freeze('earlier', '2025-W46'), 3, 'in ascending order');
SELECT is(t.freeze('month', '2025-11'), 0, 'another kind of period has its own order');
SELECT is((SELECT from_idx FROM qm.bulletin WHERE draft = t.u('month')), 0::bigint, 'and range');
SELECT is(t.freeze('village', '2025-W47', scope => '140522110204'), 0, 'so has another scope');
SELECT is(t.freeze('county', '2025-W46', scope => '140522'), 0, 'every one of them');
SELECT is(t.publish('county'), format('0 %s 1', t.size() - 1), 'numbers are of the scope');

-- ---------------------------------------------------------------- the next one, and a correction in between
SELECT t.put('d1', 'v2', 'visit', 'met', h => 'h2');
SELECT is(t.freeze('w49', '2025-W49'), 0, 'a skipped week falls into the next range');
SELECT is((SELECT concat_ws(' ', n.from_idx = o.to_size, n.from_rev = o.to_rev, n.before_draft = o.draft) FROM qm.bulletin n, qm.bulletin o
            WHERE n.draft = t.u('w49') AND o.draft = t.u('w47c')), 't t t', 'it begins where the one before ended');
SELECT is((SELECT m[1:3] FROM qm.bulletin_row WHERE draft = t.u('w49') AND code = '140522110204'), '{2,7,1}'::bigint[], 'new is what came since');
SELECT is(t.freeze('w47x', '2025-W47', replaces_ => idx, by_ => 'T0002'), 0, 'a correction') FROM t.first;
SELECT is((SELECT concat_ws(' ', n.from_idx = o.from_idx, n.to_size = o.to_size, n.root = o.root, n.to_rev = o.to_rev, n.before_draft IS NULL) FROM qm.bulletin n, qm.bulletin o
            WHERE n.draft = t.u('w47x') AND o.draft = t.u('w47c')), 't t t t t', 'keeps range and root');
SELECT is((SELECT m[1] FROM qm.bulletin_row WHERE draft = t.u('w47x') AND code = '140522110204'), 1::bigint, 'and counts at that size');
SELECT is(t.publish('w47x', 'T0002'), '2', 'it too needs two people');
CREATE TABLE t.second AS SELECT t.size() AS idx;
SELECT is(t.publish('w47x', 'T0001', t.r0() + t.day_ms(365)), format('0 %s 1', idx), 'its number is the original''s, also in another year') FROM t.second;
SELECT is(split_part(t.entry(s.idx), E'\n', 6), 'replaces ' || f.idx, 'the entry names what it replaces') FROM t.second s, t.first f;
SELECT is(t.publish('w49'), '6', 'what was frozen upon the replaced one must be frozen again');
SELECT is(t.freeze('w47y', '2025-W47', replaces_ => idx), 4, 'the replaced one cannot be replaced again') FROM t.first;
SELECT is(t.freeze('w47z', '2025-W48', replaces_ => idx), 4, 'nor can one by another period') FROM t.second;
SELECT is(t.freeze('w47y', '2025-W47', replaces_ => s.idx) || ' ' || t.freeze('w47z', '2025-W47', replaces_ => s.idx, scope => '140522110204'), '0 4', 'the newest of the chain can, by its own scope') FROM t.second s;
SELECT is(t.freeze('w49b', '2025-W49'), 0, 'frozen again');
SELECT is((SELECT before_draft FROM qm.bulletin WHERE draft = t.u('w49b')), t.u('w47x'), 'upon the correction');
SELECT is(t.freeze('w49c', '2025-W49', before => 'w47c'), 6, 'not upon another');
SELECT is(t.freeze('w50', '2025-W50'), 0, 'a later week frozen at the same time');
SELECT is(t.publish('w49b', now => t.r0() + t.day_ms(30)), format('0 %s 2', t.size() - 1), 'number 2');
SELECT is(t.publish('w50'), '6', 'begins where that one ended, so it is frozen again');
SELECT is(t.freeze('w50b', '2025-W50'), 0, 'and');
SELECT is(t.publish('w50b', now => 1767196799999), format('0 %s 3', t.size() - 1), 'published in the last millisecond of the year in Shanghai');
SELECT is(t.freeze('w51', '2025-W51') || ' ' || t.publish('w51', now => 1767196800000), format('0 0 %s 1', t.size() - 1), 'a new year begins with 1');
SELECT pg_temp.same($$ SELECT period, state, replaced_by IS NOT NULL, number FROM qm.bulletin_list(140522, 'township', '140522110', '140522110', NULL, 9) $$,
    $$ VALUES ('2025-W51', 1, false, 1), ('2025-W50', 1, false, 3), ('2025-W49', 1, false, 2), ('2025-W47', 0, false, NULL), ('2025-W47', 1, false, 1), ('2025-11', 0, false, NULL), ('2025-W47', 1, true, 1) $$,
    'the list, newest first');
SELECT is((SELECT string_agg(period || key, ' ') FROM qm.bulletin_list(140522, 'township', '140522110', '140522110', (SELECT idx FROM t.second), 1)),
          (SELECT '2025-11' || roster_idx FROM qm.bulletin WHERE draft = t.u('month')), 'from a key on');
SELECT is((SELECT count(*) FROM qm.bulletin_list(140522, 'police', '140522110', NULL, NULL, 99) WHERE state = 0), 0::bigint, 'drafts are for the office');
SELECT is((SELECT count(*) FROM qm.bulletin_list(140522, 'township', '140522110', '140522', NULL, 99)), 0::bigint, 'nothing outside of the prefix');
SELECT pg_temp.same(format($$ SELECT period, state, replaced_by IS NOT NULL FROM qm.bulletin_list(140522, %L, %L, NULL, NULL, 9) $$, role, prefix),
    $$ VALUES ('2025-W51', 1, false), ('2025-W50', 1, false), ('2025-W49', 1, false), ('2025-W47', 1, false), ('2025-W46', 1, false), ('2025-W47', 1, true) $$,
    role || ': the published ones of the township and of the county') FROM (VALUES ('secretary', '140522110204'), ('deputy', '140522110204'), ('leader', '140522110204001')) AS x (role, prefix);
SELECT is((SELECT string_agg(scope, ' ') FROM qm.bulletin_list(140522, 'secretary', '140522111201', NULL, NULL, 99)), '140522', 'none of another township');
SELECT is((SELECT count(*) FROM qm.bulletin_list(140522, 'police', '140522110204', NULL, NULL, 99)), 0::bigint, 'and no other role finds those above its area');
SELECT is((SELECT concat_ws(' ', scope_name, county_name, number, replaced_by = s.idx, replaces_draft IS NULL, rule = (SELECT body FROM t.rule), vkey LIKE 'qm.example.gov.cn/log/140522+%')
             FROM qm.bulletin_read(140522, NULL, f.idx)), '演礼镇 阳城县 1 t t t t', 'one by its index') FROM t.first f, t.second s;
SELECT is((SELECT concat_ws(' ', before_period, replaces) FROM qm.bulletin_read(140522, t.u('w49b'), NULL)), '2025-W47', 'one by its draft');

-- ---------------------------------------------------------------- sign-offs
CREATE FUNCTION t.prepare(by_ text, village text DEFAULT '140522110204', period text DEFAULT '2025-W47') RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.signoff_prepare(140522, by_, t.r0(), village, period, t.last_day(period))
$$;
CREATE FUNCTION t.confirm(by_ text, now bigint DEFAULT t.r0(), to_ bigint DEFAULT NULL, village text DEFAULT '140522110204', period text DEFAULT '2025-W47') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', c.status, c.idx) FROM (SELECT 1) one LEFT JOIN qm.signoff s ON s.scope = village AND s.period = confirm.period,
        LATERAL qm.signoff_confirm(140522, by_, now, village, confirm.period, coalesce(to_, s.to_size), s.roster_sha) c
$$;
SELECT is(t.prepare('D1', '140522110299'), 5, 'no such village');
SELECT is(t.confirm('S1'), '5', 'nothing to confirm');
SELECT is(t.prepare('D1') || ' ' || t.prepare('D1'), '0 0', 'prepared, twice');
SELECT is((SELECT roster_sha FROM qm.signoff), (SELECT sha256(convert_to(lines, 'UTF8')) FROM qm.freeze_village(140522, '140522110204', '2025-11-23')), 'the village''s lines');
SELECT is(t.confirm('D1') || ',' || t.confirm('S1', to_ => 1), '2,4', 'not by who prepared it, not what was not looked at');
SELECT is(t.confirm('S1') || ',' || t.confirm('S1') || ',' || t.prepare('D1'), format('0 %s,0 %s,1', t.size() - 1, t.size() - 1), 'confirmed once');
SELECT is(t.entry(t.size() - 1), format(E'signoff/v1\nrecv %s\nby S1\nscope 140522110204\n\nperiod 2025-W47\nto %s\nsha256:%s\n', t.r0(), to_size, encode(roster_sha, 'hex')), 'the entry') FROM qm.signoff;
SELECT t.prepare('D1', '140522110205');
SELECT is((SELECT string_agg(concat_ws(' ', name, state), ', ') FROM qm.signoff_list(140522, '140522110', '2025-W47', '2025-11-23', NULL)), '演礼村 2, 西村 1', 'states');
SELECT t.confirm('S1', village => '140522110205', now => 1763956800001);
SELECT is((SELECT string_agg(concat_ws(' ', name, state), ', ') FROM qm.signoff_list(140522, '140522', '2025-W47', '2025-11-23', NULL)), '演礼村 2, 西村 3, 固隆村 0', 'late: after Monday noon');
SELECT is((SELECT string_agg(concat_ws(' ', name, state), ', ') FROM qm.signoff_list(140522, '140522110', '2025-W47', '2025-11-23', (SELECT idx FROM qm.signoff WHERE scope = '140522110204'))), '演礼村 3, 西村 3', 'or after the freeze');

-- ---------------------------------------------------------------- figures
CREATE FUNCTION t.figure(metric text, code text, value bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, bad) FROM qm.figures_set(140522, 'P1', 1, '2025-W47', ARRAY['cases', metric], ARRAY['140522110204', code], ARRAY[1, value], t.sha('f'))
$$;
SELECT is(array_to_string(ARRAY[t.figure('Bad', '140522', 1), t.figure('cases', '140525100', 1), t.figure('cases', '1405221', 1), t.figure('cases', '140522', -1), t.figure('cases', '140522', 9007199254740992),
    t.figure('cases', '140522110204', 1), t.figure(NULL, '140522', 1)], ','), '1 2,1 2,1 2,1 2,1 2,1 2,1 2', 'a faulty figure is named, and none is taken');
SELECT is((SELECT count(*) FROM qm.figure), 0::bigint, 'none at all');
SELECT is(t.figure('loss_cents', '140522110205', 7) || t.figure('loss_cents', '140522110205', 8), '00', 'a figure may be corrected');
SELECT pg_temp.same($$ SELECT metric, code, value FROM qm.figure_list(140522, '140522110205', '2025-W47') $$, $$ VALUES ('loss_cents', '140522110205', 8) $$, 'read within a prefix');

-- ---------------------------------------------------------------- the server's role
\ir ../../sql/roles.sql
GRANT USAGE ON SCHEMA t TO qiaomen_app;
GRANT ALL ON ALL TABLES IN SCHEMA t TO qiaomen_app;
SET LOCAL ROLE qiaomen_app;
SELECT is(t.freeze('role', '2026-W02') || ' ' || t.propose('role', 1, 2), '0 0', 'the server freezes and decides proposals');
SELECT is((SELECT status FROM qm.wording_set(140522, 'T0001', 1, t.u('role'), ARRAY['title'], ARRAY['x'])), 0::smallint, 'edits words');
SELECT matches(t.publish('role'), '^0 ', 'publishes');
SELECT is((SELECT status FROM qm.bulletin_seal_set(140522, 'T0001', 1, t.u('role'), t.sha('x'))), 0::smallint, 'notes a seal');
SELECT is(t.prepare('D1', period => '2026-W02'), 0, 'prepares a sign-off');
SELECT matches(t.confirm('S1', period => '2026-W02'), '^0 ', 'confirms it');
SELECT is(t.figure('cases', '140522110205', 3), '0', 'takes figures in');
SELECT throws_ok(q, '42501', NULL, 'but no ' || q)
  FROM unnest(ARRAY['DELETE FROM qm.bulletin', 'DELETE FROM qm.bulletin_row', 'DELETE FROM qm.object', 'DELETE FROM qm.object_part', 'DELETE FROM qm.proposal',
                    'UPDATE qm.bulletin SET to_size = 1', 'UPDATE qm.bulletin SET result_sha = NULL', 'UPDATE qm.bulletin_row SET rank = 1', 'UPDATE qm.object SET body = NULL',
                    'UPDATE qm.object_part SET body = NULL', 'UPDATE qm.bulletin_seal SET at = 1', 'DELETE FROM qm.signoff', 'DELETE FROM qm.figure']) q;
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
