-- Reads: coverage by level and scope; what a phone must know; the lists behind the figures.
BEGIN;
\ir lib/world.psql
\ir lib/parts.psql
SELECT plan(122);

-- ---------------------------------------------------------------- coverage
CREATE FUNCTION pg_temp.cover(level text, within text, prefix text DEFAULT '140522', county int DEFAULT 140522) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(code || '=' || v[1], ' ' ORDER BY code), 'nothing') FROM qm.coverage(county, 'township', prefix, level, within)
$$;
SELECT is(pg_temp.cover('grid', '140522110204'), format('%s=4 %s=2 %s=1', t.g(1), t.g(2), t.g(3)), 'coverage: grids of a village');
SELECT is(pg_temp.cover('village', '140522110'), '140522110204=7 140522110205=1', 'villages of a township');
SELECT is(pg_temp.cover('township', '140522'), '140522110=8 140522111=0', 'townships of the county');
SELECT is(pg_temp.cover('county', '140522'), '140522=8', 'the county');
SELECT is(pg_temp.cover('village', '140522'), '140522110204=7 140522110205=1 140522111201=0', 'villages of the county');
SELECT is(pg_temp.cover('grid', t.g(2)::text, t.g(2)::text), t.g(2) || '=2', 'one grid of a leader');
SELECT is(pg_temp.cover('village', '140522110205', '140522110'), '140522110205=1', 'a village within the township of the caller');
SELECT is(pg_temp.cover(level, within, prefix, county), 'nothing', format('nothing: %s within %s for %s', level, within, prefix))
  FROM (VALUES ('village', '140522111', '140522110', 140522), ('village', '140522', '140522110', 140522),
               ('grid', '140522110205', '140522110204', 140522), ('county', '140522', '140525', 140522),
               ('county', '140525', '140522', 140522), ('county', '140525', '', 140522),
               ('village', '140522110204001', '140522110204001', 140522), ('township', '140522110204', '140522110204', 140522),
               ('county', '140522110', '140522110', 140522)) AS n (level, within, prefix, county);
SELECT is((SELECT count(*) FROM qm.coverage(140522, NULL, '140522', 'county', '140522')), 0::bigint, 'nothing without a role');
SELECT t.put('d1', 'v0', 'visit', 'met', h => 'h1', recv => t.r0() + 77);
SELECT pg_temp.same($$ SELECT DISTINCT size, recv, age_day, tree, cardinality(v) FROM qm.coverage(140522, 'admin', '140522', 'village', '140522') $$,
    $$ SELECT size, t.r0() + 77, '2025-11-21'::date, 1, 68 FROM qm.log_head WHERE county = 140522 $$, 'each row says what it is as of');
SELECT is((SELECT string_agg(name, ' ' ORDER BY code) FROM qm.coverage(140522, 'admin', '140522', 'village', '140522')), '演礼村 西村 固隆村', 'with names');

-- ---------------------------------------------------------------- what a phone must know
CREATE TEMP TABLE names AS SELECT t.u(n) AS id, n AS name FROM unnest(ARRAY['h1','h2','h3','h4','h5','h6','h7','h8','s1','r1','r2','r3','r4','r5','r6','r7',
    'new', 'rnew', 'e1', 'e2', 'e3', 'e4']) n;
CREATE FUNCTION pg_temp.ch(account text, since bigint DEFAULT -1, known bigint[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(':', c.t, coalesce(n.name, e.name), CASE c.t WHEN 'head' THEN flags::text WHEN 'grid' THEN (grid % 1000000)::text
                                WHEN 'verdict' THEN flags || x1 END), ' ' ORDER BY array_position(ARRAY['head','grid','household','resident','gone','gone_resident','want','verdict'], c.t), 2, n.name, e.name, grid)
      FROM qm.changes(140522, account, since, known) c LEFT JOIN names n ON n.id = c.a LEFT JOIN names e ON e.id = c.b AND c.a IS NULL
$$;
CREATE FUNCTION pg_temp.rev() RETURNS bigint LANGUAGE sql AS $$ SELECT revision FROM qm.log_head WHERE county = 140522 $$;
CREATE TEMP TABLE at (name text, rev bigint);
CREATE FUNCTION pg_temp.mark(name text) RETURNS void LANGUAGE sql AS $$ INSERT INTO at VALUES (name, pg_temp.rev()) $$;
CREATE FUNCTION pg_temp.ago(name text) RETURNS bigint LANGUAGE sql AS $$ SELECT rev FROM at WHERE at.name = ago.name $$;

SELECT is(pg_temp.ch('W0003'), 'head:1 grid:205001 household:h8', 'full: head, grids, households, residents');
SELECT is(pg_temp.ch('W0001'), 'head:1 grid:204001 grid:204002 household:h1 household:h2 household:h3 household:h4 household:h5 household:h6 household:s1 '
    'resident:r1 resident:r2 resident:r3 resident:r4 resident:r5 resident:r6', 'of all its grids');
SELECT is(pg_temp.ch('T0001'), 'head:1', 'nothing for one without grids');
SELECT pg_temp.same($$ SELECT n, grid, place FROM qm.changes(140522, 'W0001', -1, '{}') WHERE t = 'head' $$,
    $$ SELECT revision, size, tree FROM qm.log_head WHERE county = 140522 $$, 'the head row is the log''s');
SELECT pg_temp.same($$ SELECT grid, place, status, flags, door, pledge, x1, x2, x3, s1 FROM qm.changes(140522, 'W0001', -1, '{}') WHERE a = t.u('h1') $$,
    $$ VALUES (t.g(1), 1, 1, 3, 1, 0, 'group', 'lane', 'h1', 'h1'::bytea) $$, 'a household''s row');
SELECT pg_temp.same($$ SELECT b, status, app, alerts, born, s1, groups FROM qm.changes(140522, 'W0001', -1, '{}') WHERE a = t.u('r1') $$,
    $$ VALUES (t.u('h1'), 1, 0, 0, '1990-05-05'::date, 'r1'::bytea, '{}'::text[]) $$, 'a resident''s row');
SELECT pg_temp.mark('a');
SELECT is(pg_temp.ch('W0001', pg_temp.ago('a'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002', 'nothing changed: no rows');
SELECT t.put('d2', 'v1', 'visit', 'met', h => 'h5', g => t.g(2));
SELECT t.put('d1', 'v2', 'app', 'installed', h => 'h1', r => 'r1', alerts => 7);
SELECT t.put('d3', 'v3', 'visit', 'met', h => 'h8', g => t.g(1001));
SELECT is(pg_temp.ch('W0001', pg_temp.ago('a'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h5 resident:r1', 'a difference: also what others did, in its grids only');
SELECT is(pg_temp.ch('W0001', pg_temp.rev() + 1, ARRAY[t.g(1), t.g(2)]), pg_temp.ch('W0001'), 'a cursor from the future: full');
SELECT is(pg_temp.ch('W0001', pg_temp.rev(), ARRAY[t.g(1)]), 'head:0 grid:204001 grid:204002 household:h5 household:h6 resident:r4 resident:r6', 'a grid that the cursor does not have is sent whole');
SELECT is(pg_temp.ch('W0001', pg_temp.rev(), ARRAY[t.g(1), t.g(2), t.g(1001)]), 'head:0 grid:204001 grid:204002 gone:h8', 'a lost one goes, house by house');
SELECT pg_temp.mark('b');
SELECT t.move('h1', t.g(1001));
SELECT is(pg_temp.ch('W0001', pg_temp.ago('b'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 gone:h1', 'a household that moved out');
SELECT is(pg_temp.ch('W0003', pg_temp.ago('b'), ARRAY[t.g(1001)]), 'head:0 grid:205001 household:h1 resident:r1 resident:r2', 'comes with its people where it moved in');
SELECT t.move('h1', t.g(1));
SELECT is(pg_temp.ch('W0001', pg_temp.ago('b'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h1 resident:r1 resident:r2', 'and back: it is there');
SELECT is(pg_temp.ch('W0003', pg_temp.ago('b'), ARRAY[t.g(1001)]), 'head:0 grid:205001 gone:h1', 'and gone there');
SELECT pg_temp.mark('c');
SELECT t.move('h1', t.g(2));
SELECT is(pg_temp.ch('W0001', pg_temp.ago('c'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h1 resident:r1 resident:r2', 'between its own grids: not gone');
SELECT t.move('h1', t.g(1));
SELECT pg_temp.mark('d');
SELECT t.status('household', 'h2', 4);
SELECT is(pg_temp.ch('W0001', pg_temp.ago('d'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 gone:h2', 'taken off: gone');
SELECT is(pg_temp.ch('W0001') ~ 'h2|r3', false, 'and in no full answer');
SELECT t.status('household', 'h2', 1);
SELECT is(pg_temp.ch('W0001', pg_temp.ago('d'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h2 resident:r3', 'back again with its people');
SELECT pg_temp.mark('e');
SELECT t.households(ARRAY['h2'], ARRAY[t.g(1)], status => 4);
SELECT is(pg_temp.ch('W0001', pg_temp.ago('e'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 gone:h2', 'taken off by an import: gone');
SELECT t.households(ARRAY['h2'], ARRAY[t.g(1)]);
SELECT pg_temp.mark('f');
SELECT t.merge('h1', 'h5');
SELECT is(pg_temp.ch('W0001', pg_temp.ago('f'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h5 resident:r1 resident:r2 gone:h1', 'merged: gone, its people in the one that stands');
SELECT is(pg_temp.ch('W0001') ~ 'h1', false, 'and in no full answer');
-- h3 and h5 are W0001's, h8 is W0003's; r4 lives in h5.
SELECT pg_temp.mark('left');
SELECT qm.move_resident(140522, 'A0001', t.r0(), t.u('r4'), t.u('h8'));
SELECT is(pg_temp.ch('W0001', pg_temp.ago('left'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 gone_resident:r4', 'a resident who moved out goes');
SELECT is(pg_temp.ch('W0003', pg_temp.ago('left'), ARRAY[t.g(1001)]), 'head:0 grid:205001 resident:r4', 'and comes where the new household is');
SELECT is(pg_temp.ch('W0001', pg_temp.rev(), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002', 'once');
SELECT is(pg_temp.ch('W0002', pg_temp.ago('left'), ARRAY[t.g(3)]) ~ 'r4', false, 'nobody hears of one who was not in its grids');
SELECT is(pg_temp.ch('W0001') ~ 'gone', false, 'a full answer names nobody who left');
SELECT qm.move_resident(140522, 'A0001', t.r0(), t.u('r4'), t.u('h3'));
SELECT is(pg_temp.ch('W0001', pg_temp.ago('left'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 resident:r4', 'within its own grids: not gone');
SELECT is(pg_temp.ch('W0003', pg_temp.ago('left'), ARRAY[t.g(1001)]), 'head:0 grid:205001 gone_resident:r4', 'gone again where the visit was short');
SELECT pg_temp.mark('left2');
SELECT t.residents(ARRAY['r4'], ARRAY['h8'], '{1988-01-01}');
SELECT is(pg_temp.ch('W0001', pg_temp.ago('left2'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 gone_resident:r4', 'moved out by an import: gone');
SELECT t.residents(ARRAY['r4'], ARRAY['h8'], '{1988-01-01}');
SELECT is((SELECT count(*) FROM qm.resident_left WHERE county = 140522 AND resident = t.u('r4')), 3::bigint, 'an import that moves nobody notes nothing');
SELECT pg_temp.mark('left3');
SELECT t.status('household', 'h3', 4);
SELECT t.residents(ARRAY['r4'], ARRAY['h5'], '{1988-01-01}');
SELECT pg_temp.mark('left4');
SELECT t.residents(ARRAY['r4'], ARRAY['h3'], '{1988-01-01}');
SELECT is(pg_temp.ch('W0001', pg_temp.ago('left4'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 gone_resident:r4', 'into a household that was taken off: gone');
SELECT t.status('household', 'h3', 1);
SELECT is(pg_temp.ch('W0001', pg_temp.ago('left4'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h3 resident:r4 resident:r5', 'and there with it again');
SELECT t.residents(ARRAY['r4'], ARRAY['h5'], '{1988-01-01}');
SELECT pg_temp.mark('g');
SELECT t.put('d1', 'c1', 'household', 'home', h => 'new');
SELECT t.put('d1', 'c2', 'resident', 'found', h => 'new', r => 'rnew', born => '1990-01-01');
SELECT is(pg_temp.ch('W0001', pg_temp.ago('g'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:new resident:rnew', 'what a phone found');
SELECT pg_temp.mark('h');
SELECT t.put('d1', 'e1', 'notice', 'signed', h => 'h7', sha => ARRAY['w1', 'w2']);
SELECT t.put('d1', 'e2', 'notice', 'signed', h => 'h3', sha => ARRAY['w2']);
SELECT is(pg_temp.ch('W0001', pg_temp.rev(), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 want:e1 want:e1 want:e2', 'pictures wanted, always all of them');
SELECT is(pg_temp.ch('W0002', pg_temp.rev(), ARRAY[t.g(2), t.g(3)]) ~ 'want', false, 'of one''s own events only');
SELECT t.blob('w2');
SELECT is(pg_temp.ch('W0001', pg_temp.rev(), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 want:e1', 'but not those that came');
SELECT t.note();
SELECT is(pg_temp.ch('W0001', pg_temp.ago('h'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 household:h3 want:e1', 'a listed picture changes a state');
SELECT pg_temp.mark('i');
SELECT t.decide('in', 'e1');
SELECT t.decide('out', 'e1');
SELECT is(pg_temp.ch('W0001', pg_temp.ago('i'), ARRAY[t.g(1), t.g(2)]), 'head:0 grid:204001 grid:204002 want:e1 verdict:e1:0seen', 'a decided hold: the last word');
SELECT is(pg_temp.ch('W0002', pg_temp.ago('i'), ARRAY[t.g(2), t.g(3)]) ~ 'verdict', false, 'for the worker whose event it is');
SELECT is(pg_temp.ch('W0002', pg_temp.ago('i'), ARRAY[t.g(2), t.g(3)]) ~ 'household:h7', true, 'the household goes to the one who has it');
SELECT pg_temp.mark('j');
SELECT t.workers(ARRAY['W0003'], ARRAY['worker'], ARRAY[t.g(3)::text]);
SELECT is(pg_temp.ch('W0003', pg_temp.ago('j'), ARRAY[t.g(1001)]), 'head:0 grid:204003 household:h7 resident:r7 gone:h8', 'another grid: all new, all old gone');
SELECT t.workers(ARRAY['W0003'], ARRAY['worker'], ARRAY[t.g(1001)::text]);

-- ---------------------------------------------------------------- what a phone must ask a photo for
CREATE FUNCTION pg_temp.set(kind text, body text) RETURNS void LANGUAGE sql AS $$
    SELECT FROM qm.set_config(140522, 'A0001', t.r0(), kind, sha256(convert_to(body, 'UTF8')), convert_to(body, 'UTF8'), true)
$$;
CREATE FUNCTION pg_temp.asked(account text DEFAULT 'W0001', since bigint DEFAULT -1) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(array_to_string(groups, ' '), '|') FROM qm.changes(140522, account, since, '{}') WHERE t = 'evidence'
$$;
SELECT is(pg_temp.asked(), NULL, 'neither rule nor targets: no row');
SELECT pg_temp.set('rule', '{"assurance": "reported", "metrics": [{"name": "visited", "ranked": true}]}');
SELECT pg_temp.set('targets', '[{"metric": "app", "prefix": "140522110", "assurance": "reported", "from": "2025-01-01", "due": "2025-12-31"}]');
SELECT is(pg_temp.asked(), NULL, 'as reported: no row');
SELECT pg_temp.set('rule', '{"assurance": "evidenced", "metrics": [{"name": "visited", "ranked": true}, {"name": "pledge", "ranked": true},
    {"name": "app_all", "ranked": false}]}');
SELECT is(pg_temp.asked(), 'pledge visited', 'a rule that ranks what is evidenced asks for what it ranks');
SELECT is(pg_temp.asked(since => pg_temp.rev()), 'pledge visited', 'in a difference, too, also when nothing else changed');
SELECT pg_temp.set('targets', '[{"metric": "app", "prefix": "140522110204", "assurance": "evidenced", "from": "2025-11-21", "due": "2025-11-21"},
    {"metric": "pledge", "prefix": "140522", "assurance": "evidenced", "from": "2025-01-01", "due": "2025-12-31"},
    {"metric": "app_all", "prefix": "140522", "assurance": "evidenced", "from": "2025-01-01", "due": "2025-11-20"},
    {"metric": "reached", "prefix": "140522", "assurance": "evidenced", "from": "2025-11-22", "due": "2025-12-31"}]');
SELECT is(pg_temp.asked(), 'app pledge visited', 'so does a target of the day, each metric once');
SELECT is(pg_temp.asked('W0003'), 'pledge visited', 'at its own grids');
SELECT pg_temp.set('rule', '{"assurance": "reported", "metrics": [{"name": "visited", "ranked": true}]}');
SELECT is(pg_temp.asked(), 'app pledge', 'a rule in force no more asks for nothing');

-- ---------------------------------------------------------------- a busy village for the lists
\ir lib/busy.psql

CREATE FUNCTION pg_temp.homes(part text, within text, prefix text DEFAULT '140522') RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM t.list_households('admin', prefix, within, part, NULL, NULL, 1000)
$$;
CREATE FUNCTION pg_temp.people(part text, within text, prefix text DEFAULT '140522') RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM t.list_residents('admin', prefix, within, part, NULL, NULL, NULL, 1000)
$$;
CREATE TEMP TABLE areas AS SELECT unnest(ARRAY[t.g(1), t.g(2), t.g(3), t.g(1001), 140522110204, 140522110205]) AS area;
CREATE TEMP TABLE opened AS
    SELECT p.*, a.area, CASE p.who WHEN 'home' THEN pg_temp.homes(p.part, a.area::text) ELSE pg_temp.people(p.part, a.area::text) END AS rows,
           t.n(a.area, p.counter) AS counted FROM parts p, areas a;
SELECT is_empty('SELECT * FROM opened WHERE rows <> counted', 'each part has as many rows as its counter says, in each grid and village');
SELECT is_empty($$ SELECT who, part FROM opened GROUP BY who, part HAVING max(rows) = 0 $$, 'and none is empty everywhere');

-- Visits, of merged households too; none that was taken back or is held.
SELECT t.put('d1', 'bm1', 'visit', 'absent', h => 'm1', g => t.g(2)), t.put('d1', 'bm2', 'visit', 'met', h => 'm1', g => t.g(2), police => true),
       t.put('d1', 'bm3', 'visit', 'met', h => 'm4', g => t.g(2), via => 'paper'), t.merge('m1', 'm4'), t.put('d1', 'bm4', 'void', target => 'bm3'),
       t.put('d2', 'bm5', 'visit', 'met', h => 'm4', g => t.g(2));
CREATE FUNCTION pg_temp.visits(area text, police boolean, prefix text DEFAULT '140522') RETURNS bigint LANGUAGE sql AS $$
    SELECT count(DISTINCT l.event) FROM qm.list_visits(140522, 'admin', prefix, area, NULL, NULL, NULL, 1000, police) l
$$;
SELECT is_empty($$ SELECT area FROM areas WHERE pg_temp.visits(area::text, false) <> t.n(area, 'visits') OR pg_temp.visits(area::text, true) <> t.n(area, 'visits_police') $$,
    'visits: as many as the counter says, and those with police');
SELECT cmp_ok(pg_temp.visits('140522', true), '>', 0::bigint, 'there are some with police');
SELECT is((SELECT string_agg(e.id::text, ' ' ORDER BY e.id) FROM qm.list_visits(140522, 'admin', '140522', t.g(2)::text, NULL, NULL, NULL, 1000, false) l
             JOIN qm.event e ON e.id = l.event WHERE l.household = t.u('m4') AND e.household = t.u('m1')),
          (SELECT string_agg(e.id::text, ' ' ORDER BY e.id) FROM qm.event e WHERE e.household = t.u('m1') AND e.kind = 1),
    'what was recorded at a merged household stands at the one that it was merged into');
SELECT is(pg_temp.visits('140522110204', false, '140522110205') + pg_temp.visits('140525', false, '140525'), 0::bigint, 'no visits outside the area');
CREATE FUNCTION pg_temp.walk_visits() RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE
    v_l record;
    v_rows int;
BEGIN
    SELECT NULL::bigint AS grid, NULL::uuid AS household, NULL::uuid AS event INTO v_l;
    LOOP
        v_rows := 0;
        FOR v_l IN SELECT l.grid, l.household, l.event
                     FROM qm.list_visits(140522, 'admin', '140522', '140522', v_l.grid, v_l.household, v_l.event, 3, false) l LOOP
            v_rows := v_rows + 1;
            RETURN NEXT v_l.event;
        END LOOP;
        EXIT WHEN v_rows < 3;
    END LOOP;
END
$$;
SELECT results_eq('SELECT * FROM pg_temp.walk_visits()', $$ SELECT event FROM qm.list_visits(140522, 'admin', '140522', '140522', NULL, NULL, NULL, 1000, false) $$,
    'page by page the same, in the same order');

-- done + left + refused (+ cannot, shared, withdrawn) = denominator.
SELECT is_empty(format($$ SELECT area FROM areas WHERE pg_temp.homes('left:%1$s', area::text) + t.n(area, '%1$s') + t.n(area, '%2$s') <> t.n(area, '%3$s') $$, m, refused, den),
                m || ': done, left and refused make the denominator')
  FROM (VALUES ('visited', 'visited_refused', 'homes'), ('reached', 'reached_refused', 'homes_near'), ('notice_delivered', 'notice_refused', 'homes'),
               ('notice_signed', 'notice_refused', 'homes')) AS x (m, refused, den);
SELECT is_empty($$ SELECT area FROM areas WHERE pg_temp.homes('left:pledge', area::text) + t.n(area, 'pledge') + t.n(area, 'pledge_refused') + t.n(area, 'pledge_withdrawn') <> t.n(area, 'homes') $$,
                'pledge: done, left, refused and withdrawn');
SELECT is_empty($$ SELECT area FROM areas WHERE pg_temp.people('left:app', area::text) + t.n(area, 'app') + t.n(area, 'app_refused') + t.n(area, 'app_no_phone')
                     + t.n(area, 'app_feature_phone') + t.n(area, 'app_unfit') + t.n(area, 'app_shared') <> t.n(area, 'population') $$,
                'app: done, left, refused, cannot and shared');
SELECT is_empty($$ SELECT area FROM areas WHERE pg_temp.people('left:app', area::text) <> t.n(area, 'app_later') + t.n(area, 'app_removed') + t.n(area, 'app_none_yet') $$,
                'app: left is later, removed and not asked');
SELECT is_empty($$ SELECT area FROM areas WHERE pg_temp.people('cannot:app', area::text) <> t.n(area, 'app_no_phone') + t.n(area, 'app_feature_phone') + t.n(area, 'app_unfit') $$,
                'app: cannot');
SELECT is_empty(format($$ SELECT area FROM areas WHERE pg_temp.people('left:%1$s', area::text) + t.n(area, '%1$s') <> t.n(area, 'app') $$, m),
                m || ': done and left make those installed') FROM unnest(ARRAY['app_real_name', 'app_all']) m;
SELECT is_empty(format($$ SELECT area FROM areas WHERE pg_temp.people('left:%1$s', area::text) + t.n(area, '%1$s') + (
        SELECT count(*) FROM t.list_residents('admin', '140522', area::text, 'done:app', NULL, NULL, NULL, 1000) l WHERE l.na & %2$s <> 0) <> t.n(area, 'app') $$, m, b),
                m || ': with the phones that do not offer it') FROM (VALUES ('app_call_alert', 2), ('app_sms_alert', 4)) AS x (m, b);
SELECT is_empty($$ SELECT area FROM areas WHERE t.n(area, 'visited') + t.n(area, 'visited_refused') + t.n(area, 'door_no_adult') + t.n(area, 'door_absent') + t.n(area, 'door_appointed')
    + t.n(area, 'door_gone') + t.n(area, 'door_no_entry') + t.n(area, 'door_moved') + t.n(area, 'door_vacant') + t.n(area, 'door_none') + t.n(area, 'door_none_yet') <> t.n(area, 'homes') $$,
                'doors: every counted home once');
SELECT is(pg_temp.homes('all', '140522'), (SELECT count(*) FROM qm.household WHERE status <> 5), 'all: every household but merged ones');
SELECT is(pg_temp.people('all', '140522'), (SELECT count(*) FROM qm.resident WHERE home <> 0), 'all: every resident of a household');
SELECT is_empty($$ SELECT area FROM areas WHERE pg_temp.people('all', area::text) <> t.n(area, 'residents') + (
        SELECT count(*) FROM qm.resident r WHERE r.grid BETWEEN qm.first_grid(area::text) AND qm.last_grid(area::text)
           AND r.home <> 0 AND (r.home <> 1 OR r.status IN (2, 3, 4))) $$,
    'all: residents of counted homes, who are away, gone or dead, and those of all other households');

-- A refusal opens into no list.
CREATE TEMP TABLE listed AS
    SELECT p.part, l.household AS id FROM (VALUES ('left:visited'), ('left:reached'), ('left:notice_delivered'), ('left:notice_signed'), ('left:pledge'),
        ('later:pledge'), ('door:no_adult'), ('door:absent'), ('door:appointed'), ('door:gone'), ('door:no_entry'), ('door:moved'), ('door:vacant'), ('door:none'), ('door:none_yet')) AS p (part),
        t.list_households('admin', '140522', '140522', p.part, NULL, NULL, 1000) l;
SELECT cmp_ok((SELECT count(*) FROM qm.household WHERE qm.key_code(door_key) = 6 AND flags & 2 = 0 AND place = 1 AND status = 1), '>', 0::bigint, 'there are refusals');
SELECT is_empty($$ SELECT * FROM listed l JOIN qm.household h ON h.household = l.id
    WHERE l.part IN ('left:visited', 'left:reached') AND qm.key_code(h.door_key) = 6 OR l.part LIKE 'left:notice%' AND h.flags & 16 <> 0 AND h.flags & 4 = 0
       OR l.part LIKE '%:pledge' AND qm.key_code(h.pledge_key) = 2 OR l.part LIKE 'door:%' AND qm.key_code(h.door_key) = 6 $$, 'who refused stands in no list of what is left');
SELECT is_empty($$ SELECT p.part FROM (VALUES ('left:app'), ('later:app'), ('cannot:app'), ('shared:app'), ('removed:app'), ('none_yet:app'), ('left:app_real_name'),
        ('left:app_call_alert'), ('left:app_sms_alert'), ('left:app_all')) AS p (part), t.list_residents('admin', '140522', '140522', p.part, NULL, NULL, NULL, 1000) l
    WHERE l.app = 2 $$, 'nor who refused the app');
SELECT is(pg_temp.homes(part, '140522'), 0::bigint, part || ' is no part') FROM unnest(ARRAY['refused', 'refused:visited', 'door:refused', 'door:met', 'refused:pledge', 'left:everything']) part;
SELECT is(pg_temp.people(part, '140522'), 0::bigint, part || ' is no part of residents') FROM unnest(ARRAY['refused:app', 'left:visited']) part;
SELECT is(pg_temp.homes('all', within, prefix) + pg_temp.people('all', within, prefix), 0::bigint, format('nothing within %s for %s', within, prefix))
  FROM (VALUES ('140522110205', '140522110204'), ('140522', '140522110'), ('140525', '140525')) AS x (within, prefix);
SELECT is((SELECT count(*) FROM t.list_households(NULL, '140522', '140522', 'all', NULL, NULL, 9)), 0::bigint, 'nothing without a role');
SELECT is((SELECT count(*) FROM t.list_households('admin', '140522', '140522', 'all', NULL, NULL, n)), want, 'limit ' || n)
  FROM (VALUES (0, 1::bigint), (-5, 1), (5, 5)) AS x (n, want);

-- Keyset pages while rows come in before and behind.
CREATE TEMP TABLE page (n int, household uuid, grid bigint, resident uuid);
CREATE FUNCTION pg_temp.walk_homes(part text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_grid bigint;
    v_home uuid;
    v_n int := 0;
    v_rows int;
BEGIN
    TRUNCATE page;
    LOOP
        v_n := v_n + 1;
        INSERT INTO page SELECT v_n, l.household, l.grid FROM t.list_households('admin', '140522', '140522', part, v_grid, v_home, 7) l;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        EXIT WHEN v_rows = 0;
        SELECT p.grid, p.household INTO v_grid, v_home FROM page p WHERE p.n = v_n ORDER BY p.grid DESC, p.household DESC LIMIT 1;
        CONTINUE WHEN v_n > 4;
        PERFORM t.households(ARRAY['ins' || part || v_n, '00000000-0000-4000-8000-' || lpad(v_n::text, 12, '0'), 'ffffffff-0000-4000-8000-' || lpad(v_n::text, 12, '0')],
                             ARRAY[t.g(1), t.g(1), t.g(3)]);
    END LOOP;
    RETURN v_n;
END
$$;
CREATE TEMP TABLE there AS SELECT household FROM t.list_households('admin', '140522', '140522', 'left:visited', NULL, NULL, 1000);
SELECT cmp_ok(pg_temp.walk_homes('left:visited'), '>', 4, 'households in pages');
SELECT is_empty('SELECT household FROM page GROUP BY household HAVING count(*) > 1', 'no row twice');
SELECT is_empty('SELECT household FROM there EXCEPT SELECT household FROM page', 'none of those that were there is left out');
SELECT is_empty('SELECT a.n FROM page a JOIN page b ON b.n = a.n + 1 AND (a.grid, a.household) >= (b.grid, b.household)', 'pages ascend');

CREATE FUNCTION pg_temp.walk_people(part text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_l record;
    v_n int := 0;
    v_rows int;
BEGIN
    TRUNCATE page;
    SELECT NULL::bigint AS grid, NULL::uuid AS household, NULL::uuid AS resident INTO v_l;
    LOOP
        v_n := v_n + 1;
        INSERT INTO page SELECT v_n, l.household, l.grid, l.resident
          FROM t.list_residents('admin', '140522', '140522', part, v_l.grid, v_l.household, v_l.resident, 5) l;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        EXIT WHEN v_rows = 0;
        SELECT p.grid, p.household, p.resident INTO v_l FROM page p WHERE p.n = v_n ORDER BY p.grid DESC, p.household DESC, p.resident DESC LIMIT 1;
        CONTINUE WHEN v_n > 4;
        PERFORM t.residents(ARRAY['ins' || v_n, '00000000-0000-4000-8000-' || lpad(v_n::text, 12, '0'), 'ffffffff-0000-4000-8000-' || lpad(v_n::text, 12, '0')],
                            ARRAY['m9', v_l.household::text, v_l.household::text], array_fill('1980-01-01'::date, ARRAY[3]));
    END LOOP;
    RETURN v_n;
END
$$;
CREATE TEMP TABLE people AS SELECT resident FROM t.list_residents('admin', '140522', '140522', 'none_yet:app', NULL, NULL, NULL, 1000);
SELECT ok(pg_temp.walk_people('none_yet:app') BETWEEN 4 AND 200, 'residents in pages');
SELECT is_empty('SELECT resident FROM page GROUP BY resident HAVING count(*) > 1', 'no row twice');
SELECT is_empty('SELECT resident FROM people EXCEPT SELECT resident FROM page', 'none of those that were there is left out');
SELECT is_empty('SELECT a.n FROM page a JOIN page b ON b.n = a.n + 1 AND (a.grid, a.household, a.resident) >= (b.grid, b.household, b.resident)', 'pages ascend');
SELECT is(t.recount(), '', 'counters equal their recount');

-- ---------------------------------------------------------------- lines of a batch, as auditors see them
SELECT t.batch('d1', 'lines');
SELECT t.ev('l1', 'visit', 'met', h => 'h3');
SELECT t.ev('l2', 'visit', fault => 1);
SELECT t.ev('v0', 'visit', 'gone', h => 'h3');
SELECT t.ev('l3', 'visit', 'met', h => 'h3');
SELECT is(t.go(), '1 reject schema; 2 reject conflict', 'a batch with rejects');
SELECT pg_temp.same($$ SELECT b.line, b.id, b.e, b.reason, b.leaf FROM qm.batch q, qm.batch_lines(140522, q.idx) b WHERE q.batch = t.u('lines') ORDER BY b.line $$,
    $$ SELECT line, CASE WHEN line IN (0, 3) THEN id END, e, CASE line WHEN 1 THEN 1 WHEN 2 THEN 4 ELSE 0 END, CASE WHEN line IN (1, 2) THEN leaf END
         FROM t.sent WHERE idx = (SELECT idx FROM qm.batch WHERE batch = t.u('lines')) ORDER BY line $$, 'its lines in order, with leaf and reason of the rejected');
SELECT is((SELECT length(letters) FROM qm.initials()), 40960 - 19968, 'a letter for each Chinese character');
SELECT is((SELECT string_agg(substr(i.letters, ascii(x.c) - 19967, 1), '' ORDER BY x.o)
             FROM qm.initials() i, regexp_split_to_table('王李张刘陈杨赵黄吴徐孙马朱胡林郭何高罗荣瑞任苏唐欧阿八才大恩发哈开娜朋齐他文西一子', '') WITH ORDINALITY AS x (c, o)),
    'wlzlcyzhwxsmzhlghglrrrstoabcdefhknpqtwxyz', 'read as they are read');
SELECT * FROM finish();
ROLLBACK;
