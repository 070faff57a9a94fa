-- Lists of another time: behind the figures of a bulletin, whatever is recorded and changed after it; and what
-- a week brought.
BEGIN;
\ir lib/world.psql
\ir lib/parts.psql
\ir lib/busy.psql
\ir lib/bulletin.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.closed_homes(part text, within text, draft text DEFAULT 'b1', prefix text DEFAULT '140522', role text DEFAULT 'township',
                                     p_part bigint DEFAULT 0, after uuid DEFAULT NULL, lim int DEFAULT 1000)
RETURNS TABLE (household uuid, grid bigint, facts bigint, head bytea, part_ bigint) LANGUAGE sql AS $$
    SELECT l.household, l.grid, l.facts, l.head, l.part
      FROM t.household_part p, qm.list_households_closed(140522, $5, $4, $2, t.u($3), $6, $7, $8, p.set | p.clear, p.set, p.kinds, p.doors, p.more) l
     WHERE p.part = $1
$$;
CREATE FUNCTION pg_temp.closed_people(part text, within text, draft text DEFAULT 'b1', prefix text DEFAULT '140522', role text DEFAULT 'township',
                                      p_part bigint DEFAULT 0, after uuid DEFAULT NULL, lim int DEFAULT 1000)
RETURNS TABLE (resident uuid, grid bigint, facts bigint, name bytea, part_ bigint) LANGUAGE sql AS $$
    SELECT l.resident, l.grid, l.facts, l.name, l.part
      FROM t.resident_part p,
           qm.list_residents_closed(140522, $5, $4, $2, t.u($3), $6, $7, $8, p.homes, p.kinds, p.apps, p.set, p.alerts, p.evidenced) l
     WHERE p.part = $1
$$;
-- Parts that end with a line, as the server puts them: twenty lines each.
CREATE FUNCTION pg_temp.put_parts(f t.frozen) RETURNS int LANGUAGE sql AS $$
    WITH put AS (
        INSERT INTO qm.object_part (county, sha256, part, body, put_ms)
        SELECT 140522, sha256(f.roster), (u.o - 1) / 20, convert_to(string_agg(u.l || E'\n', '' ORDER BY u.o), 'UTF8'), t.r0()
          FROM regexp_split_to_table(rtrim(convert_from(f.roster, 'UTF8'), E'\n'), E'\n') WITH ORDINALITY AS u (l, o)
         GROUP BY (u.o - 1) / 20
        RETURNING 1)
    SELECT count(*)::int FROM put
$$;
CREATE FUNCTION pg_temp.freeze(draft text, period text, replaces_ bigint DEFAULT NULL) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    f t.frozen := t.read(period, replaces_ => replaces_);
BEGIN
    RETURN t.keep(f, draft, parts => pg_temp.put_parts(f));
END
$$;
-- The parts that a roster can tell, and how many rows each has beside what was frozen of it.
CREATE TEMP TABLE closed AS
    SELECT p.* FROM parts p WHERE p.who = 'home' AND p.part NOT IN ('other', 'unclaimed') AND p.part !~ '^(shops|enterprises|schools|offices|venues)'
        OR p.who = 'person' AND p.part NOT IN ('residents', 'away', 'unknown_age', 'elders');

-- ---------------------------------------------------------------- behind the figures of a bulletin
SELECT t.put('d1', 'pre1', 'visit', 'met', h => 'm1', g => t.g(2)), t.merge('m1', 'm4'), t.put('d1', 'pre2', 'visit', 'met', h => 'm2', g => t.g(3), via => 'carried');
SELECT is(pg_temp.freeze('b1', '2025-W47'), 0, 'a week is frozen');
-- Eight parts of a roster are looked through in a call: here a roster has more.
SELECT cmp_ok((SELECT max(part) FROM qm.object_part), '>', 8, 'its roster has many parts');
CREATE FUNCTION pg_temp.walk(what text, part text, within text, draft text, lim int) RETURNS TABLE (id uuid, grid bigint) LANGUAGE plpgsql AS $$
DECLARE
    v_l record;
    v_part bigint := 0;
    v_after uuid;
    v_pages int := 0;
    v_rows int;
BEGIN
    LOOP
        v_rows := 0;
        FOR v_l IN EXECUTE format('SELECT %I AS id, grid, facts, part_ FROM pg_temp.closed_%s($1, $2, $3, ''140522'', ''township'', $4, $5, $6)',
                                  CASE what WHEN 'homes' THEN 'household' ELSE 'resident' END, what)
                   USING part, within, draft, v_part, v_after, lim LOOP
            v_rows := v_rows + 1;
            v_part := v_l.part_;
            v_after := v_l.id;
            IF v_l.facts IS NOT NULL THEN
                id := v_l.id;
                grid := v_l.grid;
                RETURN NEXT;
            END IF;
        END LOOP;
        v_pages := v_pages + 1;
        EXIT WHEN v_rows = 0 OR v_pages > 500;
    END LOOP;
END
$$;
-- Each list of the township, walked to its end.
CREATE FUNCTION pg_temp.lists(draft text) RETURNS TABLE (part text, id uuid, grid bigint) LANGUAGE sql AS $$
    SELECT p.part, w.id, w.grid
      FROM closed p, LATERAL pg_temp.walk(CASE p.who WHEN 'home' THEN 'homes' ELSE 'people' END, p.part, '140522110', $1, 500) w
$$;
CREATE FUNCTION pg_temp.faults(draft text) RETURNS TABLE (part text, area text, rows_ bigint, frozen bigint) LANGUAGE sql AS $$
    WITH l AS MATERIALIZED (SELECT * FROM pg_temp.lists($1))
    SELECT q.* FROM (
        SELECT p.part, b.code, (SELECT count(*) FROM l WHERE l.part = p.part AND l.grid / 1000 = b.code::bigint) AS n, b.v[c.place]
          FROM closed p JOIN qm.counter_place c ON c.name = p.counter
          JOIN qm.bulletin_row b ON b.county = 140522 AND b.draft = t.u($1)) AS q (part, code, n, v)
     WHERE q.n <> q.v
$$;
SELECT is_empty($$ SELECT * FROM pg_temp.faults('b1') $$, 'each list has as many rows as were frozen');
CREATE TEMP TABLE kept AS SELECT part, id FROM pg_temp.lists('b1');
SELECT is_empty('SELECT part FROM closed EXCEPT SELECT part FROM kept', 'none is empty');
SELECT is_empty('SELECT part, id FROM kept GROUP BY 1, 2 HAVING count(*) > 1', 'nobody stands in one twice');
SELECT results_eq($$ SELECT id FROM pg_temp.walk('homes', 'done:visited', '140522110', 'b1', 3) $$,
                  $$ SELECT id FROM kept WHERE part = 'done:visited' ORDER BY qm.pseudonym(id) COLLATE "C" $$, 'smaller pages have the same rows, in the roster''s order');
SELECT is((SELECT qm.pseudonym_id(qm.pseudonym(t.u('m1')))), t.u('m1'), 'a pseudonym is read back');

-- After it: records, voids, pictures, decisions, moves, merges and splits, people who come and go.
SELECT t.publish('b1');
SELECT t.put('d1', 'aft1', 'visit', 'met', h => h, g => t.g(1)) FROM unnest(ARRAY['m9', 'm12', 'm15', 'm18']) h;
SELECT t.put('d1', 'aft2', 'void', target => 'bv' || i) FROM unnest(ARRAY[11, 22, 33]) i;
SELECT t.put('d1', 'aft3' || i, 'pledge', 'withdrawn', h => 'm' || i, r => 'ma' || i, g => t.g(1)) FROM unnest(ARRAY[7, 14, 21]) i;
SELECT t.put('d1', 'aft4', 'app', 'removed', h => 'm3', r => 'mb3', g => t.g(1)), t.put('d1', 'aft5', 'app', 'installed', h => 'm1', r => 'ma2', alerts => 7, g => t.g(3));
SELECT t.decide('out', 'bv44', 'bn6'), t.merge('m20', 'm23'), t.move('m28', t.g(1001)), t.status('household', 'm33', 4), t.status('resident', 'ma36', 4),
       t.blob('later'), t.put('d1', 'aft6', 'notice', 'signed', h => 'm40', g => t.g(2), sha => ARRAY['later']), t.note(),
       t.households(ARRAY['brandnew'], ARRAY[t.g(1)]), t.residents(ARRAY['brandnew1'], ARRAY['brandnew'], ARRAY['1980-01-01'::date]);
SELECT is_empty($$ SELECT * FROM pg_temp.faults('b1') $$, 'each list still has as many rows as were published');
SELECT is_empty($$ SELECT part, id FROM kept EXCEPT SELECT part, id FROM pg_temp.lists('b1') $$, 'and the same');
SELECT cmp_ok((SELECT count(*) FROM t.list_households('admin', '140522', '140522110', 'done:visited', NULL, NULL, 1000)), '<>',
              (SELECT count(*) FROM kept WHERE part = 'done:visited'), 'today''s list is another');
SELECT is(pg_temp.freeze('b2', '2025-W48'), 0, 'the next week');
SELECT is_empty($$ SELECT * FROM pg_temp.faults('b2') $$, 'has its own lists');

-- Who lives elsewhere now is in the list, without name and address for those who see the old area alone.
CREATE FUNCTION pg_temp.nameless(prefix text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT x.name, ' ' ORDER BY x.name)
      FROM generate_series(0, 20, 8) p, pg_temp.closed_homes('homes', '140522110204', 'b1', $1, p_part => p) l,
           (VALUES ('m28'), ('m9')) AS x (name)
     WHERE l.household = t.u(x.name) AND l.head IS NULL AND l.facts IS NOT NULL
$$;
SELECT is(pg_temp.nameless('140522110204'), 'm28', 'for the village of then without name');
SELECT is(pg_temp.nameless('140522110'), NULL, 'for the township with it');

-- ---------------------------------------------------------------- who may
SELECT is((SELECT count(*) FROM qm.closed_bulletin(140522, role, prefix, within, t.u(draft))), want, format('%s of %s within %s of %s', role, prefix, within, draft))
  FROM (VALUES ('township', '140522110', '140522110', 'b1', 1::bigint), ('secretary', '140522110204', '140522110204', 'b1', 1), ('secretary', '140522110204', '140522110205', 'b1', 0),
               ('township', '140522', '140522', 'b1', 0), ('township', '140522', '140522111', 'b1', 0), ('township', '140522110', '140522110204', 'b2', 1),
               ('secretary', '140522110204', '140522110204', 'b2', 0), ('police', '140522110', '140522110', 'b2', 0), ('admin', '140522', '140522110', 'b2', 1),
               ('township', '140522110', '140522110', 'none', 0), (NULL, '140522110', '140522110', 'b2', 0)) AS x (role, prefix, within, draft, want);
SELECT is((SELECT count(*) FROM pg_temp.closed_homes('homes', '140522110205', 'b1', '140522110204')), 0::bigint, 'nothing outside the caller''s area');
SELECT is_empty($$ SELECT p FROM generate_series(4, 6) p
     WHERE (SELECT count(*) FROM pg_temp.closed_people('population', '140522110', p_part => p))
        <> (SELECT count(*) FROM pg_temp.closed_people('population', '140522110', p_part => p, after => '00000000-0000-0000-0000-000000000000')) $$,
    'a part begins with whatever its first pseudonym is');
SELECT is((SELECT count(*) FROM pg_temp.closed_homes('homes', '140522110', p_part => 9223372036854775807)), 0::bigint, 'no part, no rows');

-- ---------------------------------------------------------------- what a week brought
CREATE TEMP TABLE brought AS SELECT who, part, counter FROM parts WHERE part LIKE 'done:%';
CREATE FUNCTION pg_temp.week(who text, part text, within text, prefix text DEFAULT '140522', lim int DEFAULT 1000)
RETURNS TABLE (id uuid, grid bigint, household uuid, facts bigint) LANGUAGE sql AS $$
    SELECT l.household, l.grid, l.household, l.facts
      FROM t.household_part p, qm.list_households_week(140522, 'secretary', $4, $3, NULL, NULL, $5, p.set | p.clear, p.set, p.kinds, p.doors, p.more) l
     WHERE p.part = $2 AND who = 'home'
    UNION ALL
    SELECT l.resident, l.grid, l.household, l.facts
      FROM t.resident_part p, qm.list_residents_week(140522, 'secretary', $4, $3, NULL, NULL, NULL, $5, p.homes, p.kinds, p.apps, p.set, p.alerts, p.evidenced) l
     WHERE p.part = $2 AND who = 'person'
$$;
SELECT is((SELECT count(*) FROM pg_temp.week('home', 'done:visited', '140522110204')), 0::bigint, 'nothing while no day was closed');
UPDATE qm.log_head SET age_day = '2025-11-16'; -- the Sunday before
SELECT count(*) FROM qm.birthdays(140522, '2025-11-17');
UPDATE qm.log_head SET age_day = '2025-11-21';
CREATE FUNCTION pg_temp.uncarried(area bigint, counter text) RETURNS bigint LANGUAGE sql AS $$
    SELECT t.n(area, counter) - coalesce((qm.carried_since(140522, area::text, '2025-11-16'))[c.place], 0)
      FROM qm.counter_place c WHERE c.name = counter
$$;
CREATE TEMP TABLE stood AS SELECT b.*, a.area, pg_temp.uncarried(a.area, b.counter) AS n FROM brought b, (VALUES (140522110204), (140522110205)) AS a (area);
CREATE FUNCTION pg_temp.risen() RETURNS TABLE (part text, area bigint, risen bigint, rows_ bigint) LANGUAGE sql AS $$
    SELECT s.part, s.area, pg_temp.uncarried(s.area, s.counter) - s.n, (SELECT count(*) FROM pg_temp.week(s.who, s.part, s.area::text))
      FROM stood s
$$;
SELECT is_empty('SELECT * FROM pg_temp.risen() WHERE risen <> 0 OR rows_ <> 0', 'nothing since');
SELECT t.put('d1', 'wk1' || h, 'visit', 'met', h => h, g => t.g(1)) FROM unnest(ARRAY['m45', 'm48', 'm51', 'm54', 'm57', 'm60', 'm63', 'm66']) h;
SELECT t.put('d1', 'wk2' || h, 'notice', 'signed', h => h, g => t.g(1)) FROM unnest(ARRAY['m45', 'm46', 'm51', 'm52']) h;
SELECT t.put('d1', 'wk3' || i, 'pledge', 'signed', h => 'm' || i, r => 'ma' || i, g => t.g(1)) FROM unnest(ARRAY[48, 51, 52, 55]) i;
SELECT t.put('d1', 'wk4' || i, 'app', 'installed', h => 'm' || i, r => 'ma' || i, alerts => 7, g => t.g(1), at => t.r0() + 1000) FROM unnest(ARRAY[51, 52, 55, 58, 61]) i;
SELECT t.put('d1', 'wk5' || h, 'visit', 'met', h => h, via => 'carried', g => t.g(1)) FROM unnest(ARRAY['m50', 'm59']) h;
SELECT t.put('d2', 'wk6', 'visit', 'met', h => 'm42', g => t.g(1)), t.decide('in', 'wk6');
SELECT is_empty('SELECT * FROM pg_temp.risen() WHERE risen <> rows_', 'as many as the figure rose by, nothing of it carried');
SELECT is_empty('SELECT part FROM pg_temp.risen() GROUP BY part HAVING max(rows_) = 0', 'and some of each metric');
SELECT is((SELECT count(*) FROM pg_temp.week('home', 'done:visited', '140522110204', '140522110205')), 0::bigint, 'nothing outside the caller''s area');
SELECT t.put('d1', 'wk7', 'void', target => (SELECT e.id::text FROM qm.event e JOIN qm.household h USING (county, household)
    WHERE e.kind = 1 AND e.code = 1 AND e.via <> 2 AND h.status = 1 AND h.place = 1 AND h.visits = 1 AND e.account = 'W0001' AND e.id::text <> t.u('wk6')::text
      AND e.idx < qm.week_size(140522, '140522110204') AND h.grid / 1000 = 140522110204 ORDER BY e.id LIMIT 1));
SELECT results_eq($$ SELECT part, rows_ - risen FROM pg_temp.risen() WHERE part = 'done:visited' AND area = 140522110204 $$, $$ VALUES ('done:visited', 1::bigint) $$,
    'one that was taken back makes the figure less and is in no list');
SELECT is(t.recount(), '', 'counters equal their recount');
SELECT * FROM finish();
ROLLBACK;
