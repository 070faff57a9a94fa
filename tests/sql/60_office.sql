-- What the office does on the record: counties, settings, decisions, erasures, restores, tokens; entries to
-- the byte, and each call again.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
SELECT plan(86);

CREATE FUNCTION pg_temp.last() RETURNS text LANGUAGE sql AS $$
    SELECT convert_from(body, 'UTF8') FROM qm.log_entry WHERE county = 140522 ORDER BY idx DESC LIMIT 1
$$;
CREATE FUNCTION pg_temp.size() RETURNS bigint LANGUAGE sql AS $$ SELECT size FROM qm.log_head WHERE county = 140522 $$;
CREATE TEMP TABLE s (name text, n bigint);
CREATE FUNCTION pg_temp.mark(name text) RETURNS void LANGUAGE sql AS $$ INSERT INTO s VALUES (name, pg_temp.size()) $$;
CREATE FUNCTION pg_temp.since(name text) RETURNS bigint LANGUAGE sql AS $$ SELECT pg_temp.size() - n FROM s WHERE s.name = since.name $$;

-- ---------------------------------------------------------------- counties
SELECT is(convert_from(body, 'UTF8'), format(E'config/v1\nrecv %s\nby A0001\n\nkey qm.example.gov.cn/log/140522+b69283c8+ATMz\n', t.r0() - t.day_ms(100)),
          'entry 0 names the log''s key') FROM qm.log_entry WHERE county = 140522 AND idx = 0;
SELECT is((SELECT status || ' ' || coalesce(idx::text, '-') FROM qm.county_add(140599, 'x', 'A1', 1, 'vk', '2025-11-21')), '6 -', 'a county that is no division');
SELECT is((SELECT count(*) FROM qm.log_head WHERE county = 140599), 0::bigint, '... is not made');
SELECT is((SELECT status FROM qm.county_add(140522, '阳城县', 'A0002', t.r0(), 'other key', '2026-01-01')), 1::smallint, 'one that is there');
SELECT is((SELECT vkey FROM qm.log_tree WHERE county = 140522), 'qm.example.gov.cn/log/140522+b69283c8+ATMz', '... keeps its key');
SELECT is((SELECT status || ' ' || idx || ' ' || size FROM qm.county_add(140525, '泽州县', 'A0001', t.r0(), 'vk2', '2025-11-21')), '0 0 1', 'a second county');
SELECT pg_temp.same($$ SELECT account, role, prefix FROM qm.account_role WHERE county = 140525 $$, $$ VALUES ('A0001', 'admin', '140525') $$, 'with its first account');

-- ---------------------------------------------------------------- settings
CREATE FUNCTION pg_temp.config(kind text, body text, open boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
    SELECT status || ' ' || idx FROM qm.set_config(140522, 'A0001', t.r0(), kind, sha256(body::bytea), body::bytea, open)
$$;
SELECT pg_temp.mark('config');
SELECT is(pg_temp.config('rule', 'one'), '0 ' || n, 'a rule') FROM s WHERE name = 'config';
SELECT is(pg_temp.last(), format(E'config/v1\nrecv %s\nby A0001\n\nrule sha256:%s\n', t.r0(), encode(sha256('one'), 'hex')), 'the entry');
SELECT is(pg_temp.config('rule', 'one'), '1 ' || n, 'the same is in force: nothing written') FROM s WHERE name = 'config';
SELECT is(pg_temp.config('rule', 'two', false), '0 ' || n + 1, 'another') FROM s WHERE name = 'config';
SELECT is(pg_temp.config('texts', 'one'), '0 ' || n + 2, 'the same bytes for another kind') FROM s WHERE name = 'config';
SELECT is(pg_temp.config('rule', 'one'), '0 ' || n + 3, 'an old one in force again') FROM s WHERE name = 'config';
SELECT is((SELECT count(*) FROM qm.object WHERE county = 140522), 2::bigint, 'bytes are kept once');
SELECT throws_ok($$ SELECT * FROM qm.set_config(140522, 'A0001', 1, 'other', sha256('x'), 'x', true) $$, '23514', NULL, 'no other kind');

-- ---------------------------------------------------------------- decisions
SELECT t.put('d3', 'v1', 'visit', 'met', h => 'h1');
SELECT t.put('d3', 'v2', 'visit', 'met', h => 'h2');
SELECT t.put('d1', 'v3', 'visit', 'met', h => 'h3');
SELECT pg_temp.mark('decide');
SELECT is((SELECT status || ' ' || bad FROM qm.decide(140522, 'A0001', t.r0(), ARRAY[t.u('v1'), t.u('none')], ARRAY[true, true], ARRAY['seen', 'seen'],
        '{}', '{}', '{}', '{}', '{}', '{}')), '5 ' || t.u('none'), 'an event that is not recorded');
SELECT is((SELECT status FROM qm.decide(140522, 'A0001', t.r0(), ARRAY[t.u('v1'), t.u('v1')], ARRAY[true, false], ARRAY['seen', 'seen'],
        '{}', '{}', '{}', '{}', '{}', '{}')), 5::smallint, 'an event twice');
SELECT is((SELECT status FROM qm.decide(140522, 'A0001', t.r0(), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')), 5::smallint, 'nothing');
SELECT is((SELECT status FROM qm.decide(140522, 'A0001', t.r0(), ARRAY(SELECT t.u('v1') FROM generate_series(1, 601)), '{}', '{}',
        '{}', '{}', '{}', '{}', '{}', '{}')), 5::smallint, 'too many');
SELECT is(pg_temp.since('decide'), 0::bigint, 'nothing was written');
SELECT is((SELECT status || ' ' || idx FROM qm.decide(140522, 'A0001', t.r0() + 1, ARRAY[t.u('v3'), t.u('v1'), t.u('v2')], ARRAY[false, true, true],
        ARRAY['not-true', 'seen', 'checked'], '{}', '{}', '{}', '{}', '{}', '{}')), '0 ' || n, 'three events') FROM s WHERE name = 'decide';
SELECT is(pg_temp.last(), format(E'decide/v1\nrecv %s\nby A0001\n\n', t.r0() + 1) || (SELECT string_agg(l || E'\n', '' ORDER BY l COLLATE "C") FROM unnest(ARRAY[
        'out ' || t.u('v3') || ' not-true', 'in ' || t.u('v1') || ' seen', 'in ' || t.u('v2') || ' checked']) l), 'the entry: sorted lines');
SELECT is(concat_ws(' ', t.home('h1'), t.home('h3')), 'visited reached door:met last:- door:- last:-', 'what they do');
SELECT t.decide('in', 'v1');
SELECT is(t.home('h1') || ' ' || t.n(t.g(1), 'visits'), 'visited reached door:met last:- 2', 'decided the same again: nothing changes');
SELECT is((SELECT count(*) FROM qm.decision), 4::bigint, 'but the log and the table have it');
SELECT t.decide('out', 'v1');
SELECT is(t.home('h1'), 'door:- last:-', 'the last entry decides');

-- ---------------------------------------------------------------- what a decision would create in a grid that nobody imported
CREATE FUNCTION pg_temp.refused(VARIADIC ids text[]) RETURNS text LANGUAGE sql AS $$
    SELECT status || ' ' || bad FROM qm.decide(140522, 'A0001', t.r0(), ARRAY(SELECT t.u(i) FROM unnest(ids) i),
        array_fill(true, ARRAY[cardinality(ids)]), array_fill('seen'::text, ARRAY[cardinality(ids)]), '{}', '{}', '{}', '{}', '{}', '{}')
$$;
SELECT t.put('d1', 'a1', 'household', 'home', h => 'ah', g => t.g(77)), t.put('d1', 'a2', 'resident', 'found', h => 'ah', r => 'ar', g => t.g(77)),
       t.put('d1', 'a3', 'resident', 'found', h => 'h1', r => 'as', g => t.g(77)),
       t.put('d1', 'a5', 'household', 'home', h => 'av', g => t.g(77)), t.put('d1', 'a6', 'void', target => 'a5', g => t.g(1));
SELECT is((SELECT string_agg(hold::text, ' ' ORDER BY idx) FROM qm.event WHERE id IN (t.u('a1'), t.u('a2'), t.u('a5'))), '2 2 2', 'a grid that is not there: held');
SELECT pg_temp.mark('astray');
SELECT is(pg_temp.refused('v1', 'a2'), '6 ' || t.u('a2'), 'a resident without a household there');
SELECT is(pg_temp.refused('v1', 'a1'), '6 ' || t.u('a1'), 'a household there');
SELECT is(pg_temp.refused('a1', 'a2'), '6 ' || t.u('a1'), 'both');
SELECT is(pg_temp.since('astray'), 0::bigint, 'nothing was written');
SELECT is((SELECT count(*) FROM qm.grid_counter WHERE county = 140522 AND grid = t.g(77)), 0::bigint, 'there are no counters without a name');
SELECT is((SELECT count(*) FROM qm.decision WHERE event IN (t.u('a1'), t.u('a2'))), 0::bigint, 'nor a decision');
SELECT is(t.decide('in', 'a5'), 0, 'one that was taken back creates nothing');
SELECT is(t.decide('in', 'a3'), 0, 'a resident stands where the household stands');
SELECT is(t.decide('out', 'a1'), 0, 'taken out from anywhere');
INSERT INTO qm.grid SELECT g.county, t.g(77), 'late', g.population, g.population_source, g.population_date FROM qm.grid g WHERE g.county = 140522 AND g.grid = t.g(1);
SELECT is(t.decide('in', 'a1', 'a2'), 0, 'with the grid it is done');
SELECT is((SELECT grid FROM qm.household WHERE household = t.u('ah')), t.g(77), 'and stands there');
SELECT is((SELECT grid FROM qm.resident WHERE resident = t.u('ar')), t.g(77), 'with who lives in it');

-- ---------------------------------------------------------------- erasure
SELECT t.put('d1', 'e1', 'pledge', 'signed', h => 'h4', r => 'r1', sha => ARRAY['b1', 'b2']);
SELECT t.put('d1', 'e2', 'notice', 'signed', h => 'h4', sha => ARRAY['b3']);
SELECT t.put('d1', 'e3', 'app', 'installed', h => 'h1', r => 'r1', alerts => 7, sha => ARRAY['b4']);
SELECT t.put('d1', 'e4', 'resident', 'found', h => 'h4', r => 'er', born => '1990-01-01');
SELECT t.put('d1', 'e5', 'household', 'home', h => 'eh');
SELECT t.blob('b1'), t.blob('b3'), t.blob('b4');
SELECT t.note();
SELECT pg_temp.mark('erase');
SELECT is((SELECT status || ' ' || bad FROM qm.erase(140522, 'A0001', t.r0(), ARRAY[t.u('none')], '{}')), '5 ' || t.u('none'), 'erasure of an event that is not recorded');
SELECT is((SELECT status || ' ' || bad FROM qm.erase(140522, 'A0001', t.r0(), '{}', ARRAY[t.u('none')])), '5 ' || t.u('none'), 'of a subject that is not in the register');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), '{}', '{}')), 5::smallint, 'of nothing');
SELECT is(pg_temp.since('erase'), 0::bigint, 'nothing was written');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), ARRAY[t.u('e1')], '{}')), 0::smallint, 'an event is erased');
SELECT is(pg_temp.last(), format(E'erase/v1\nrecv %s\nby A0001\n\n%s\n', t.r0(), t.u('e1')), 'the entry');
SELECT is((SELECT p IS NULL AND e IS NOT NULL FROM qm.event WHERE id = t.u('e1')), true, 'P is gone, E stays');
SELECT is((SELECT string_agg((sealed IS NULL)::text, ' ' ORDER BY sha256 = t.sha('b1') DESC) FROM qm.blob WHERE sha256 IN (t.sha('b1'), t.sha('b3'))), 'true false', 'its pictures, not those of others');
SELECT is((SELECT count(*) FROM qm.want WHERE event = t.u('e1')), 0::bigint, 'one that is missing is wanted no more');
SELECT is(t.blob('b2') || ' ' || t.note(), '1 0', 'nor kept or listed when a phone brings it later');
SELECT is(t.home('h4'), 'delivered (evidenced) signed (evidenced) door:- pledge last:signed', 'it counts and proves as before');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), '{}', ARRAY[t.u('r1'), t.u('h4'), t.u('er'), t.u('eh')])), 0::smallint, 'residents and households are erased');
SELECT is(pg_temp.last(), format(E'erase/v1\nrecv %s\nby A0001\n\n', t.r0()) || (SELECT string_agg(rtrim(translate(encode(uuid_send(u), 'base64'), '+/', '-_'), '=') || E'\n', ''
        ORDER BY rtrim(translate(encode(uuid_send(u), 'base64'), '+/', '-_'), '=') COLLATE "C") FROM unnest(ARRAY[t.u('r1'), t.u('h4'), t.u('er'), t.u('eh')]) u), 'the entry: pseudonyms, sorted');
SELECT is((SELECT count(*) FROM qm.event WHERE id IN (t.u('e3'), t.u('e4'), t.u('e5')) AND p IS NOT NULL), 0::bigint, 'P of all that names them');
SELECT is((SELECT count(*) FROM qm.blob WHERE sealed IS NOT NULL), 0::bigint, 'and the pictures');
SELECT is((SELECT concat_ws(',', name, phone, phone_mac, groups::text) FROM qm.resident_card WHERE resident = t.u('r1')), '{}', 'sealed fields of a resident');
SELECT is((SELECT concat_ws(',', head, phone, phone_mac) FROM qm.household_card WHERE household = t.u('h4')), '', 'and of a household');
SELECT is((SELECT name IS NOT NULL FROM qm.resident_card WHERE resident = t.u('r2')), true, 'nobody else''s');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), '{}', ARRAY[t.u('r1')])), 0::smallint, 'again is possible');
SELECT is(t.app('r1'), 'installed real_name call sms (evidenced)', 'states stay');
SELECT is(t.recount() || coalesce((SELECT string_agg(d::text, ';') FROM t.model_differences() d), ''), '', 'counters equal their recount and the model');

-- What was merged into a household, also by way of another, is erased with it, and what is kept of rejected lines.
UPDATE qm.household_card SET head = '\x01', phone = '\x02', phone_mac = '\x03' WHERE household IN (t.u('h2'), t.u('h3'), t.u('h5'));
SELECT t.put('d1', 'm1', 'pledge', 'signed', h => 'h2', sha => ARRAY['mb']);
SELECT is(t.blob('mb') || ' ' || t.merge('h2', 'h3') || t.merge('h3', 'h5'), '0 00', 'two merges');
INSERT INTO qm.register_kept (county, rev, subject, what, old) VALUES (140522, 900000, t.u('h2'), 'head', '\x04');
SELECT t.batch('d1');
SELECT t.ev('q1', 'pledge', 'signed', h => 'h2', fault => 1, other => qm.pseudonym(t.u('h2'))),
       t.ev('q2', 'pledge', 'signed', h => 'h5', fault => 4, other => qm.pseudonym(t.u('h5'))),
       t.ev('m1', 'pledge', 'refused', h => 'h1', fault => 4),
       t.ev('q4', 'pledge', 'signed', h => 'h1', fault => 4, other => qm.pseudonym(t.u('h1')));
SELECT is((SELECT rejected FROM t.send()), 4, 'rejected lines');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), '{}', ARRAY[t.u('h5')])), 0::smallint, 'the household that stands is erased');
SELECT is((SELECT string_agg(concat(c.head, c.phone, c.phone_mac), '' ) FROM qm.household_card c WHERE c.household IN (t.u('h2'), t.u('h3'), t.u('h5'))), '', 'sealed fields of all three');
SELECT is((SELECT count(*) FROM qm.register_kept WHERE subject = t.u('h2')), 0::bigint, 'what an edit replaced');
SELECT is((SELECT p IS NULL AND e IS NOT NULL FROM qm.event WHERE id = t.u('m1')), true, 'P of a record at the one that is gone');
SELECT is((SELECT sealed IS NULL FROM qm.blob WHERE sha256 = t.sha('mb')), true, 'and its picture');
SELECT is((SELECT string_agg(concat_ws(' ', q.line, CASE WHEN q.e IS NOT NULL THEN 'E' END, CASE WHEN q.p IS NOT NULL THEN 'P' END), ', ' ORDER BY q.line)
             FROM qm.quarantine q WHERE q.idx = (SELECT max(idx) FROM qm.quarantine)), '0, 1 E, 2 E, 3 E P', 'of rejected lines that name them or such a record; not of others');
SELECT is(pg_temp.last(), format(E'erase/v1\nrecv %s\nby A0001\n\n', t.r0()) || (SELECT string_agg(qm.pseudonym(u) || E'\n', '' ORDER BY qm.pseudonym(u) COLLATE "C")
        FROM unnest(ARRAY[t.u('h2'), t.u('h3'), t.u('h5')]) u), 'the entry names all three');
SELECT is(t.recount(), '', 'counters stay');

-- ---------------------------------------------------------------- restores
SELECT pg_temp.mark('continue');
CREATE TEMP TABLE head AS SELECT * FROM qm.log_head WHERE county = 140522;
SELECT is((SELECT concat_ws(' ', status, idx - old_size, size - old_size, tree) FROM qm.log_continue(140522, 'A0001', t.r0(), 'qm.example.gov.cn/log/140522', 'vk-2')), '0 0 1 2', 'the log goes on as tree 2');
SELECT is(pg_temp.last(), format(E'config/v1\nrecv %s\nby A0001\n\nafter qm.example.gov.cn/log/140522 %s %s\n', t.r0(), size, encode(root, 'base64')), 'the entry says what it follows') FROM head;
SELECT is((SELECT concat_ws(' ', status, idx = n, size = old_size, tree) FROM qm.log_continue(140522, 'A0001', t.r0() + 9, 'qm.example.gov.cn/log/140522', 'vk-2')), '0 t t 2', 'again: the same answer, nothing written') FROM s WHERE name = 'continue';
SELECT is((SELECT tree FROM qm.log_checkpoint WHERE county = 140522 ORDER BY size DESC LIMIT 1), 2, 'checkpoints are of the new tree');
SELECT is((SELECT string_agg(tree || ':' || from_size, ' ' ORDER BY tree) FROM qm.log_tree WHERE county = 140522), '1:0 2:' || n, 'both names are kept') FROM s WHERE name = 'continue';
SELECT is((SELECT status || ' ' || tree FROM qm.log_continue(140522, 'A0001', t.r0(), 'qm.example.gov.cn/log/140522-2', 'vk-3')), '0 3', 'and once more');
SELECT t.batch('d1');
SELECT t.ev('z1', 'visit', 'met', h => 'h1');
SELECT is((SELECT status || ' ' || tree FROM t.send()), '0 3', 'syncs go on in it');

-- ---------------------------------------------------------------- tokens, notes
CREATE FUNCTION pg_temp.token(account text, role text, prefix text, mac text DEFAULT 'm') RETURNS int LANGUAGE sql AS $$
    SELECT status FROM qm.token_new(140522, account, role, prefix, mac::bytea, t.r0())
$$;
SELECT is(pg_temp.token('T0001', 'township', '140522110'), 0, 'a token for what the account has');
SELECT is(pg_temp.token('T0001', 'township', '140522110'), 0, 'again');
SELECT is(pg_temp.token('T0001', 'township', '140522110204', 'm2'), 0, 'or for less');
SELECT is(pg_temp.token('T0001', 'township', '140522', 'm3'), 5, 'not for more');
SELECT is(pg_temp.token('T0001', 'admin', '140522110', 'm4'), 5, 'nor another role');
UPDATE qm.account SET closed = true WHERE account = 'T0001';
SELECT is(pg_temp.token('T0001', 'township', '140522110', 'm5'), 5, 'nor for a closed account');
SELECT is((SELECT count(*) FROM qm.token), 2::bigint, 'each is kept once');
SELECT is((SELECT status FROM qm.recount_note(140522, t.r0(), 5, 0)) + (SELECT status FROM qm.recount_note(140522, t.r0(), 5, 0)), 0::smallint, 'a recount is noted, also twice');
SELECT is((SELECT count(*) FROM qm.recount), 1::bigint, 'once');
SELECT * FROM finish();
ROLLBACK;
