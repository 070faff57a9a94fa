-- What a freeze reads: ranges, roster lines with effective statuses, sums by fold, what stands beside them.
BEGIN;
\ir lib/world.psql
SELECT plan(46);

-- ---------------------------------------------------------------- the range
SELECT is((SELECT status FROM qm.freeze_head(140522, '140522110', 1::smallint, NULL)), 8::smallint, 'nothing is frozen without a rule');
\ir lib/bulletin.psql
SELECT is((SELECT ROW(f.status, f.size, f.from_idx, f.from_rev, f.to_size = h.size, f.to_rev = h.revision, f.root = h.root, f.before_draft, f.rule)::text
             FROM qm.freeze_head(140522, '140522110', 1::smallint, NULL) f, qm.log_head h),
          (SELECT ROW(0, t.size(), 0, 0, true, true, true, NULL, body)::text FROM t.rule), 'a first bulletin begins at 0');
SELECT is((SELECT status FROM qm.freeze_head(140522, '140522110', 1::smallint, 3)), 4::smallint, 'what is no bulletin cannot be replaced');
SELECT throws_ok($$ SELECT * FROM qm.freeze_head(999999, '999999', 1::smallint, NULL) $$, 'P0002', NULL, 'no county');

-- ---------------------------------------------------------------- the roster
CREATE FUNCTION t.word(kind text, who text, day date DEFAULT '2025-11-23') RETURNS text LANGUAGE sql AS $$
    SELECT split_part(l, ' ', 3) || ' ' || split_part(l, ' ', 4)
      FROM qm.freeze_roster(140522, '140522', day) r, unnest(string_to_array(r.lines, E'\n')) l
     WHERE l LIKE kind || ' ' || qm.pseudonym(t.u(who)) || ' %'
$$;
SELECT is(t.word('household', 'h1'), '140522110204001 counted', 'a home');
SELECT is(t.word('household', 's1'), '140522110204001 other', 'a shop is no home');
SELECT t.status('household', 'h2', 2), t.status('household', 'h3', 3), t.status('household', 'h5', 4), t.status('household', 'h6', 6);
SELECT is(array_to_string(ARRAY[t.word('household', 'h2'), t.word('household', 'h3'), t.word('household', 'h5'), t.word('household', 'h6')], ','),
    '140522110204001 away,140522110204001 vacant,140522110204002 gone,140522110204002 other', 'statuses of homes');
SELECT is(array_to_string(ARRAY[t.word('resident', 'r1'), t.word('resident', 'r3'), t.word('resident', 'r5'), t.word('resident', 'r4')], ','),
    '140522110204001 counted,140522110204001 away,140522110204001 vacant,140522110204002 gone', 'a counted resident has the status of a household that is not counted');
SELECT is(t.word('resident', 'r6'), '140522110204002 gone', 'also of a home that is gone');
SELECT t.status('household', 'h' || n, 1) FROM unnest(ARRAY[2, 3, 5]) n;
SELECT is(array_to_string(ARRAY[t.word('resident', 'r3'), t.word('resident', 'r4'), t.word('resident', 'r5')], ','),
    '140522110204001 age,140522110204002 age,140522110204001 unknown_age', 'too young, too old, no birthday');
SELECT is(array_to_string(ARRAY(SELECT t.status('resident', 'r1', s)::text || split_part(t.word('resident', 'r1'), ' ', 2) FROM generate_series(2, 5) s), ','),
    '0away,0gone,0dead,0unknown_age', 'statuses of a resident');
SELECT t.status('resident', 'r1', 1);
SELECT t.residents(ARRAY['leap', 'teen', 'old'], ARRAY['h1', 'h1', 'h1'], ARRAY['2008-02-29', '2009-11-23', '1964-11-24']::date[]);
SELECT is(array_to_string(ARRAY[t.word('resident', 'leap', '2024-02-28'), t.word('resident', 'leap', '2024-02-29'), t.word('resident', 'leap', '2025-02-28'),
    t.word('resident', 'teen', '2025-11-22'), t.word('resident', 'teen', '2025-11-23'), t.word('resident', 'old', '2025-11-23'), t.word('resident', 'old', '2025-11-24')], ','),
    array_to_string(ARRAY(SELECT '140522110204001 ' || w FROM unnest(ARRAY['age', 'counted', 'counted', 'age', 'counted', 'counted', 'age']) w), ','),
    'ages are those of the day; a birthday counts from that day');
SELECT t.put('d3', 'lone', 'resident', 'found', h => 'nowhere', r => 'lone', g => t.g(1001), born => '1990-01-01');
SELECT is(t.word('resident', 'lone'), '140522110205001 other', 'a resident whose household is not in the register is counted nowhere');
SELECT t.merge('h2', 'h3'), t.merge('h3', 'h8');
SELECT is(t.word('household', 'h2'), '140522110205001 merged:' || qm.pseudonym(t.u('h8')), 'a chain of merges names the one that stands in the end, and its grid');
SELECT is(t.word('resident', 'r3'), '140522110205001 age', 'residents live where it stands');
SELECT is((SELECT string_agg(lines, '') FROM qm.freeze_roster(140522, '140522', '2025-11-23')),
          (SELECT string_agg(l || E'\n', '' ORDER BY convert_to(l, 'UTF8'))
             FROM qm.freeze_roster(140522, '140522', '2025-11-23') r, unnest(string_to_array(r.lines, E'\n')) l WHERE l <> ''),
          'lines are sorted as bytes, whatever the chunks');
SELECT is((SELECT count(*) FROM qm.freeze_roster(140522, '140522', '2025-11-23') r, unnest(string_to_array(r.lines, E'\n')) l WHERE l <> ''),
          (SELECT count(*) FROM qm.household) + (SELECT count(*) FROM qm.resident), 'all of them, each once');
SELECT is((SELECT string_agg(lines, '') FROM qm.freeze_roster(140522, '140522111', '2025-11-23')), NULL, 'a scope without anybody has no lines');
SELECT is((SELECT size || lines FROM qm.freeze_village(140522, '140522110205', '2025-11-23')),
          t.size() || (SELECT string_agg(lines, '') FROM qm.freeze_roster(140522, '140522110205', '2025-11-23')), 'a village''s lines are those of the roster of it');
SELECT is((SELECT count(*) FROM qm.freeze_roster(140522, '14052211020', '2025-11-23') r, unnest(string_to_array(r.lines, E'\n')) l
            WHERE l LIKE '% 140522110205%'), 6::bigint, 'grids of the scope, by their codes');

-- ---------------------------------------------------------------- the sums
SELECT t.put('d1', 'v1', 'visit', 'met', h => 'h1'), t.put('d1', 'v2', 'visit', 'met', h => 'h4');
SELECT t.put('d1', 'n1', 'notice', 'signed', h => 'h4', sha => ARRAY['one']);
CREATE TABLE t.cut AS SELECT size, revision FROM qm.log_head;
SELECT t.put('d1', 'late', 'visit', 'met', h => 'h4', at => t.r0() - t.day_ms(5));
SELECT t.put('d1', 'newhome', 'household', 'home', h => 'new', g => t.g(1));
SELECT t.put('d1', 'v3', 'visit', 'met', h => 'new', at => t.r0() - t.day_ms(6));
SELECT t.put('d1', 'v4', 'notice', 'left', h => 'h1');
SELECT t.put('d1', 'v5', 'app', 'installed', h => 'h1', r => 'r1', alerts => 7, via => 'carried');
SELECT t.put('d1', 'void1', 'void', target => 'v1');
SELECT is(t.blob('one') || ' ' || t.note(), '0 1', 'a picture comes');
CREATE FUNCTION t.sums(col text, n int, p_from bigint DEFAULT NULL, p_to bigint DEFAULT t.size()) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v bigint;
BEGIN
    EXECUTE format('SELECT sum(%I[%s]) FROM qm.freeze_sums(140522, ''140522110'', ''2025-11-23'', %s, %s, %s, %s, %s)', col, n, coalesce(p_from, (SELECT size FROM t.cut)),
        CASE p_from WHEN 0 THEN 0 ELSE (SELECT revision FROM t.cut) END, p_to, (SELECT revision FROM qm.log_head), t.r0() - t.day_ms(4)) INTO v;
    RETURN v;
END
$$;
SELECT is(t.sums('a', 1), 2::bigint, 'visited: h4 and the new home; the visit of h1 was voided');
SELECT is(t.sums('z', 1), 2::bigint, 'before: h1 and h4');
SELECT is(t.sums('b', 1), 2::bigint, 'with the facts of then: the void takes one from `new`, the new home adds one');
SELECT is(t.sums('l', 1), 3::bigint, 'the new home was visited before the period began');
SELECT is(t.sums('a', 5) - t.sums('b', 5), 1::bigint, 'a notice was left');
SELECT is(t.sums('a', 6) - t.sums('b', 6), 1::bigint, 'and one of before was proved');
SELECT is(t.sums('a', 2) - t.sums('z', 2), 1::bigint, 'which proves a visit too');
SELECT is(t.sums('a', 11) - t.sums('b', 11), 0::bigint, 'an app carried over from records is not new');
SELECT is(t.sums('b', 11) - t.sums('z', 11), 1::bigint, 'it is carried');
SELECT is(t.sums('a', 1, 0) - t.sums('b', 1, 0), 2::bigint, 'of a first bulletin everything is new');
SELECT is(t.sums('a', 11, 0) - t.sums('b', 11, 0), 0::bigint, 'but what was carried over');
SELECT is((SELECT array_agg(grid ORDER BY grid) FROM qm.freeze_sums(140522, '140522', '2025-11-23', 0, 0, t.size(), 99999, 0)),
          ARRAY[t.g(1), t.g(2), t.g(3), t.g(1001)], 'a row a grid with roster lines; none for a grid without');
SELECT is((SELECT v[1:3] FROM qm.freeze_sums(140522, '140522', '2025-11-23', 0, 0, t.size(), 99999, 0) WHERE grid = t.g(1)),
          (SELECT v[1:3] FROM qm.grid_counter WHERE grid = t.g(1)), 'counters of today are those of the grid');
SELECT is((SELECT v[46] - (SELECT v[46] FROM qm.grid_counter WHERE grid = t.g(1)) FROM qm.freeze_sums(140522, '140522', '2025-11-20', 0, 0, t.size(), 99999, 0)
            WHERE grid = t.g(1)), 0::bigint, 'population of a day: teen is not 16 yet');
SELECT is((SELECT v[46] - (SELECT v[46] FROM qm.grid_counter WHERE grid = t.g(1)) FROM qm.freeze_sums(140522, '140522', '2025-11-23', 0, 0, t.size(), 99999, 0)
            WHERE grid = t.g(1)), 1::bigint, 'on the 23rd, not on the county''s age_day');

-- ---------------------------------------------------------------- beside the figures
SELECT t.put('d3', 'out1', 'visit', 'met', h => 'h7'), t.put('d3', 'out2', 'visit', 'met', h => 'h7');
SELECT t.decide('in', 'out1'), t.decide('out', 'v2');
CREATE FUNCTION t.beside(g bigint) RETURNS text LANGUAGE sql AS $$
    SELECT beside::text FROM qm.freeze_sums(140522, '140522', '2025-11-23', 0, 0, t.size(), 99999, 0) WHERE grid = g
$$;
SELECT is(t.beside(t.g(1)), '{0,0,0,1,1,0}', 'one decided out, one voided');
SELECT is(t.beside(t.g(3)), '{0,1,0,0,0,0}', 'one held by scope; the one that was let in counts');
SELECT is(t.beside(t.g(1001)), '{0,0,0,0,0,2}', 'two households were merged into one there');
SELECT is((SELECT beside::text FROM qm.freeze_sums(140522, '140522', '2025-11-23', 0, 0, t.size() - 1, 99999, 0) WHERE grid = t.g(1)), '{0,0,0,0,1,0}',
    'as far as the range goes');
SELECT qm.revoke(140522, 'A0001', t.u('d2'), 'd2', t.r0(), t.r0() - 1000);
SELECT t.put('d2', 'held', 'visit', 'met', h => 'h7', g => t.g(3)), t.put('d1', 'moved', 'visit', 'met', h => 'h7', g => t.g(1));
SELECT is(t.beside(t.g(3)), '{1,1,1,0,0,0}', 'of a revoked phone, out of scope, moved');

-- ---------------------------------------------------------------- phones and figures
SELECT t.batch('d3'), t.ev('gap', 'visit', 'met', h => 'h8', g => t.g(1001), seq => 100, sha => ARRAY['lost']), t.go();
SELECT is((SELECT string_agg(concat_ws(' ', account, last_recv, missing, wanted), ', ') FROM qm.silent_phones(140522, '140522110', t.r0())),
          format('W0001 0 0, W0003 %s %s 1', t.r0(), 99 - (SELECT seq FROM t.phone WHERE name = 'd3')),
          'a phone never heard of, one that owes numbers and a picture; a revoked one is not asked for');
SELECT is((SELECT string_agg(account, ',') FROM qm.silent_phones(140522, '140522110', t.r0() + 1)), 'W0001,W0001,W0003', 'or not since then');
SELECT is((SELECT count(*) FROM qm.silent_phones(140522, '140522111', t.r0() + 1)), 0::bigint, 'of the scope only');
SELECT is((SELECT status || ' ' || coalesce(bad::text, '') FROM qm.figures_set(140522, 'P1', 1, '2025-W47', ARRAY['loss_cents', 'cases', 'cases'],
    ARRAY['140522110204', '140522110205', '140522110204'], ARRAY[5, 2, 9007199254740991], t.sha('file'))), '0 ', 'figures with their source');
SELECT pg_temp.same($$ SELECT metric, code, value FROM qm.freeze_figures(140522, '140522110', '2025-W47', ARRAY['cases', 'loss_cents']) $$,
    $$ VALUES ('cases', '140522110204', 9007199254740991), ('cases', '140522110205', 2), ('loss_cents', '140522110204', 5) $$, 'in the order of their lines');
SELECT * FROM finish();
ROLLBACK;
