-- Random histories, each from a seed.  After every few steps the recount finds nothing and a second,
-- plain model (lib/model.psql) has the same states and counters; and one set of events, delivered in
-- other orders and groups, ends in the same states.  `seeds` raises the number of histories.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
\if :{?seeds}
\else
\set seeds 10
\endif
SELECT plan(2 * :seeds + 3);

CREATE FUNCTION t.rnd(n int) RETURNS int LANGUAGE sql AS $$ SELECT floor(random() * n)::int $$;
CREATE FUNCTION t.one(VARIADIC of text[]) RETURNS text LANGUAGE sql AS $$ SELECT of[1 + t.rnd(cardinality(of))] $$;
CREATE FUNCTION t.any_home() RETURNS text LANGUAGE sql AS $$
    SELECT t.one('h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7', 'h8', 's1', 'u1', 'u2', 'u3', 'u4', 'u5')
$$;
CREATE FUNCTION t.any_person() RETURNS text LANGUAGE sql AS $$
    SELECT t.one('r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'q1', 'q2', 'q3', 'q4')
$$;
CREATE FUNCTION t.any_grid() RETURNS bigint LANGUAGE sql AS $$
    SELECT t.one(t.g(1)::text, t.g(2)::text, t.g(3)::text, t.g(1001)::text)::bigint
$$;
-- Times on a coarse raster, so that equal ones are frequent; some clocks are days off.
CREATE FUNCTION t.any_at(recv bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT CASE t.rnd(10) WHEN 0 THEN recv + t.day_ms(t.rnd(20) - 10) WHEN 1 THEN recv
           ELSE t.r0() - 3600000 * t.rnd(40) END
$$;
-- Ids of a small pool come up again as events and as targets of voids before and after them.
CREATE FUNCTION t.any_id() RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN t.rnd(3) = 0 THEN 'pool' || t.rnd(40) ELSE md5(random()::text) END
$$;
CREATE FUNCTION t.any_sha() RETURNS text[] LANGUAGE sql AS $$
    SELECT ARRAY(SELECT DISTINCT 'sha' || t.rnd(7) FROM generate_series(1, greatest(t.rnd(5) - 2, 0)))
$$;

-- A line of any kind into the newest batch.
CREATE FUNCTION t.any_line(recv bigint, id text, clean boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_h text := t.any_home();
    v_r text := t.any_person();
    v_kind text := t.one('visit', 'visit', 'visit', 'visit', 'notice', 'notice', 'pledge', 'pledge', 'app', 'app', 'app',
                         'household', 'resident', 'void');
    v_at bigint := t.any_at(recv);
    v_g bigint := t.any_grid();
    v_code text;
    v_fault int := CASE t.rnd(40) WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 0 END;
BEGIN
    v_code := CASE v_kind
        WHEN 'visit' THEN t.one('met', 'met', 'met', 'no_adult', 'absent', 'appointed', 'gone', 'refused', 'refused', 'no_entry', 'moved', 'vacant', 'none')
        WHEN 'notice' THEN t.one('signed', 'left', 'refused')
        WHEN 'pledge' THEN t.one('signed', 'signed', 'refused', 'later', 'withdrawn')
        WHEN 'app' THEN t.one('installed', 'installed', 'installed', 'refused', 'later', 'no_phone', 'feature_phone', 'unfit', 'shared', 'removed')
        WHEN 'household' THEN t.one('home', 'home', 'home', 'shop', 'venue')
        WHEN 'resident' THEN t.one('found', 'moved_in', 'died', 'away') END;
    PERFORM t.ev(id, v_kind, v_code,
        h => CASE WHEN v_kind <> 'void' THEN v_h END,
        r => CASE WHEN v_kind IN ('pledge', 'app', 'resident') THEN v_r END,
        g => CASE WHEN t.rnd(40) = 0 THEN 140525100201001 ELSE v_g END, at => v_at,
        via => t.one('door', 'door', 'door', 'phone', 'video', 'paper', 'carried'), police => t.rnd(4) = 0,
        alerts => CASE WHEN v_kind = 'app' AND v_code = 'installed' THEN t.rnd(8) ELSE 0 END,
        sha => CASE WHEN v_kind IN ('notice', 'pledge', 'app') THEN t.any_sha() ELSE '{}' END,
        target => CASE WHEN v_kind = 'void' THEN
                      CASE WHEN t.rnd(2) = 0 THEN coalesce((SELECT s.id::text FROM t.sent s WHERE s.id IS NOT NULL ORDER BY random() LIMIT 1), 'none')
                           ELSE 'pool' || t.rnd(40) END END,
        born => CASE WHEN t.rnd(3) > 0 THEN '1940-03-01'::date + t.rnd(30000) END, door => '1', fault => v_fault);
    UPDATE t.q_line l SET na = CASE WHEN l.kind = 4 AND l.code = 1 THEN t.rnd(4) * 2 & ~l.alerts::int ELSE 0 END
     WHERE l.ord = (SELECT max(ord) FROM t.q_line) AND l.na IS NOT NULL;
END
$$;

-- An event that was sent before, to the byte, into the newest batch.
CREATE FUNCTION t.again() RETURNS void LANGUAGE sql AS $$
    INSERT INTO t.q_line
    SELECT (SELECT count(*) FROM t.q_line) + 1, b.b, (SELECT count(*) FROM t.q_line l WHERE l.b = b.b), s.fault, s.leaf, s.id,
           s.kind, s.seq, s.at, s.grid, s.household, s.resident, s.target, s.code, s.why, s.via, s.party, s.alerts, s.na,
           s.e, s.p, s.sha, s.born, s.name, s.door
      FROM (SELECT max(b) AS b FROM t.q_batch) b, (SELECT * FROM t.sent ORDER BY random() LIMIT 1) s
$$;

CREATE FUNCTION t.step_sync(recv bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR b IN 1 .. 1 + t.rnd(3) LOOP
        PERFORM t.batch(t.one('d1', 'd1', 'd1b', 'd2', 'd2', 'd3'), md5(random()::text), recv + t.rnd(3) * 1000);
        FOR l IN 0 .. t.rnd(6) LOOP
            IF t.rnd(9) = 0 AND EXISTS (SELECT FROM t.sent) THEN
                PERFORM t.again();
            ELSE
                PERFORM t.any_line(recv, t.any_id());
            END IF;
        END LOOP;
    END LOOP;
    -- Each phone counts on, whatever happened to a line.
    PERFORM t.send();
END
$$;

CREATE FUNCTION t.step_office(recv bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_h text := t.any_home();
    v_r text := t.any_person();
BEGIN
    CASE t.rnd(12)
        WHEN 0 THEN PERFORM t.merge(v_h, t.any_home());
        WHEN 1 THEN PERFORM t.move(v_h, t.any_grid());
        WHEN 2, 3 THEN PERFORM t.status('household', v_h, (ARRAY[1, 1, 2, 3, 4, 6])[1 + t.rnd(6)]);
        WHEN 4 THEN PERFORM t.status('resident', v_r, 1 + t.rnd(5));
        WHEN 5 THEN PERFORM qm.move_resident(140522, 'A0001', recv, t.u(v_r), t.u(v_h));
        WHEN 6 THEN PERFORM qm.claim(140522, 'A0001', recv, ARRAY[t.u(v_h)], ARRAY[t.one('', 'W0001', 'W0002')]);
        WHEN 7 THEN PERFORM qm.birthdays(140522, '2025-11-21'::date + t.rnd(900));
        WHEN 8 THEN PERFORM qm.erase(140522, 'A0001', recv, '{}', ARRAY[t.u(v_h)]);
        WHEN 9 THEN PERFORM t.households(ARRAY[v_h, t.any_home()], ARRAY[t.any_grid(), t.any_grid()], 1 + t.rnd(6),
                                         (ARRAY[1, 2, 3, 4, 6])[1 + t.rnd(5)]);
        WHEN 10 THEN PERFORM t.residents(ARRAY[v_r], ARRAY[v_h], ARRAY[CASE WHEN t.rnd(3) > 0 THEN '1940-03-01'::date + t.rnd(30000) END]);
        ELSE PERFORM t.workers(ARRAY['W0002', 'W0003'], ARRAY['worker', 'worker'], ARRAY[t.any_grid()::text, t.any_grid()::text]);
    END CASE;
END
$$;

CREATE TABLE t.tally (what text, n bigint);

-- One history; everything it did is undone at the end.  Answers the first difference, '' if none.
CREATE FUNCTION t.history(seed int, steps int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_recv bigint;
    v_bad text := '';
    v_seen text;
    v_tally jsonb;
BEGIN
    PERFORM setseed(seed / 1000000.0);
    FOR i IN 1 .. steps LOOP
        v_recv := t.r0() + i * 400000;
        CASE
            WHEN t.rnd(100) < 55 THEN PERFORM t.step_sync(v_recv);
            WHEN t.rnd(100) < 25 THEN
                PERFORM qm.decide(140522, 'A0001', v_recv, q.ids, ARRAY(SELECT t.rnd(2) = 0 FROM unnest(q.ids)),
                                  array_fill('seen'::text, ARRAY[cardinality(q.ids)]), '{}', '{}', '{}', '{}', '{}', '{}')
                   FROM (SELECT array_agg(x.id) AS ids FROM (SELECT e.id FROM qm.event e WHERE county = 140522
                          ORDER BY (e.hold = 0)::int * t.rnd(2), random() LIMIT 3) x) q WHERE q.ids IS NOT NULL;
            WHEN t.rnd(100) < 30 THEN
                PERFORM t.blob('sha' || t.rnd(7), v_recv);
                PERFORM t.note(v_recv);
            WHEN i > steps * 0.8 AND t.rnd(10) = 0 THEN
                PERFORM qm.revoke(140522, 'A0001', t.u('d3'), 'd3', v_recv, v_recv);
            ELSE PERFORM t.step_office(v_recv);
        END CASE;
        IF i % 5 = 0 OR i = steps THEN
            v_seen := t.recount();
            IF v_seen = '' THEN
                v_seen := coalesce((SELECT string_agg(concat_ws(' ', d.what, 'kept', d.kept, 'model', d.model), '; ')
                                      FROM t.model_differences() d), '');
            END IF;
            IF v_seen <> '' THEN
                v_bad := format('step %s: %s', i, left(v_seen, 600));
                EXIT;
            END IF;
        END IF;
    END LOOP;
    v_tally := (SELECT jsonb_object_agg(q.w, q.n) FROM (
        SELECT split_part(v.verdict, ' ', 1) || ' ' || CASE WHEN v.verdict ~ '^(reject|hold)' THEN split_part(v.verdict, ' ', 2) ELSE '' END AS w, count(*) AS n
          FROM qm.log_entry e, t.verdicts(e.idx) v WHERE e.county = 140522 AND e.type = 1 GROUP BY 1
        UNION ALL SELECT 'merged', count(*) FROM t.merged
        UNION ALL SELECT 'voided', count(*) FROM qm.void_mark v JOIN qm.event e ON e.id = v.target AND e.account = v.account
        UNION ALL SELECT 'void before', count(*) FROM qm.void_mark v JOIN qm.event e ON e.id = v.target AND e.account = v.account AND v.idx < e.idx
        UNION ALL SELECT 'let in', count(*) FROM qm.decision d JOIN qm.event e ON e.id = d.event AND e.hold <> 0 WHERE d.way
        UNION ALL SELECT 'taken out', count(*) FROM qm.decision d JOIN qm.event e ON e.id = d.event AND e.hold = 0 WHERE NOT d.way
        UNION ALL SELECT 'created', count(*) FROM qm.household WHERE household IN (t.u('u1'), t.u('u2'), t.u('u3'), t.u('u4'), t.u('u5'))
        UNION ALL SELECT 'evidenced', count(*) FROM qm.household WHERE flags & 96 <> 0) q);
    RAISE EXCEPTION 'undo' USING ERRCODE = 'QM999';
EXCEPTION WHEN SQLSTATE 'QM999' THEN
    INSERT INTO t.tally SELECT k, v::bigint FROM jsonb_each_text(v_tally) AS u (k, v);
    RETURN v_bad;
END
$$;

SELECT is(t.history(s, 60), '', 'history of seed ' || s) FROM generate_series(1, :seeds) s;
SELECT is_empty($$ SELECT w FROM unnest(ARRAY['reject schema', 'reject private', 'reject county', 'reject conflict', 'dup ',
        'hold scope', 'hold moved', 'flag ', 'merged', 'voided', 'void before', 'let in', 'taken out', 'created', 'evidenced']) w
     WHERE coalesce((SELECT sum(n) FROM t.tally WHERE what = w), 0) = 0 $$, 'the histories met with everything that there is');

-- ---------------------------------------------------------------- one set of events, many deliveries
-- Verdicts are facts of arrival, so the set is one whose verdicts no order changes: every subject is
-- told of in its own grid, an id comes once, no creator is voided, all have one recv.
CREATE TABLE t.set_line (LIKE t.q_line, phone text);

CREATE FUNCTION t.make_set(seed int, lines int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_home text;
    v_person text;
    v_grids jsonb := jsonb_build_object('h1', t.g(1), 'h2', t.g(1), 'h3', t.g(1), 'h4', t.g(1), 'h5', t.g(2), 'h6', t.g(2),
        'h7', t.g(3), 'h8', t.g(1001), 'u1', t.g(1), 'u2', t.g(2), 'u3', t.g(1001));
    v_homes jsonb := '{"r1":"h1","r2":"h1","r3":"h2","r4":"h5","r6":"h5","q1":"u1","q2":"u2","q3":"h6","q4":"u3"}';
BEGIN
    PERFORM setseed(seed / 1000000.0);
    TRUNCATE t.set_line;
    FOR i IN 1 .. lines LOOP
        PERFORM t.batch(t.one('d1', 'd1', 'd1b', 'd2', 'd3'));
        v_person := CASE WHEN t.rnd(2) = 0 THEN t.one('r1', 'r2', 'r3', 'r4', 'r6', 'q1', 'q2', 'q3', 'q4') END;
        v_home := coalesce(v_homes ->> v_person, t.one('h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7', 'h8', 'u1', 'u2', 'u3'));
        PERFORM t.any_line(t.r0(), seed || '.' || i);
        UPDATE t.q_line l
           SET fault = 0, id = t.u(seed || '.' || i), kind = coalesce(l.kind, 1), seq = coalesce(l.seq, i), at = coalesce(l.at, t.r0() - i),
               code = coalesce(l.code, 6), via = coalesce(l.via, 1), party = coalesce(l.party, 0), alerts = coalesce(l.alerts, 0),
               na = coalesce(l.na, 0), grid = (v_grids ->> v_home)::bigint,
               household = CASE WHEN coalesce(l.kind, 1) <> 7 THEN t.u(v_home) END,
               resident = CASE WHEN l.kind IN (3, 4, 6) THEN t.u(coalesce(v_person, 'r1')) END,
               target = CASE WHEN l.kind = 7 THEN coalesce((SELECT id FROM t.set_line WHERE kind NOT IN (5, 6) ORDER BY random() LIMIT 1), t.u('none')) END,
               born = CASE WHEN l.kind = 6 THEN '1950-01-01'::date + ascii(right(v_person, 1)) * 700 END;
        UPDATE t.q_line l SET code = 1 WHERE l.kind = 5;
        UPDATE t.q_line l SET household = t.u(v_homes ->> coalesce(v_person, 'r1')),
               grid = (v_grids ->> (v_homes ->> coalesce(v_person, 'r1')))::bigint WHERE l.kind IN (3, 4, 6);
        UPDATE t.q_line l SET e = convert_to(q.r::text, 'UTF8'), leaf = sha256('\x00'::bytea || convert_to(q.r::text, 'UTF8'))
          FROM (SELECT l2.ord, (l2.id, l2.kind, l2.seq, l2.at, l2.grid, l2.household, l2.resident, l2.target, l2.code, l2.via,
                                l2.party, l2.alerts, l2.na, l2.sha) AS r FROM t.q_line l2) q WHERE q.ord = l.ord;
        INSERT INTO t.set_line SELECT l.*, (SELECT phone FROM t.q_batch) FROM t.q_line l;
        TRUNCATE t.q_line, t.q_batch;
    END LOOP;
END
$$;

CREATE FUNCTION t.digest() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(E'\n',
        (SELECT string_agg(concat_ws(' ', household, grid, place, status, merged_into, flags, visits, police, door_key, signed_key,
                                     withdrawn_key, evidenced_key, pledge_key), E'\n' ORDER BY household)
           FROM qm.household WHERE county = 140522 AND status <> 5),
        (SELECT string_agg(concat_ws(' ', resident, household, grid, home, status, born, band, alerts, na, evidenced, app_key), E'\n' ORDER BY resident)
           FROM qm.resident WHERE county = 140522),
        (SELECT string_agg(grid || v::text, E'\n' ORDER BY grid) FROM qm.grid_counter WHERE county = 140522),
        (SELECT string_agg(village || v::text, E'\n' ORDER BY village) FROM qm.village_counter WHERE county = 140522))
$$;

-- Delivers the set in an order and in groups of its own; 0 is one batch a phone in one call.
CREATE FUNCTION t.deliver(order_ int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_l record;
    v_phone text := '';
    v_digest text;
    v_i int := 0;
    v_n int := (SELECT count(*) FROM t.set_line);
    v_merge int;
    v_status int;
BEGIN
    PERFORM setseed(order_ / 1000000.0);
    v_merge := CASE WHEN order_ = 0 THEN v_n ELSE t.rnd(v_n) END;
    v_status := CASE WHEN order_ = 0 THEN v_n ELSE t.rnd(v_n) END;
    FOR v_l IN SELECT q.* FROM (SELECT s.*, CASE WHEN order_ > 0 THEN random() ELSE 0 END AS r
                                  FROM t.set_line s
                                UNION ALL -- some come twice
                                SELECT s.*, 2 + random() FROM t.set_line s WHERE order_ > 0 AND random() < 0.2) q
                ORDER BY q.r, q.phone, q.id LOOP
        v_i := v_i + 1;
        IF v_phone <> v_l.phone OR order_ > 0 AND t.rnd(4) = 0 OR (SELECT count(*) FROM t.q_line) > 200 THEN
            PERFORM t.batch(v_l.phone, md5(random()::text || v_i));
            v_phone := v_l.phone;
        END IF;
        INSERT INTO t.q_line
        SELECT (SELECT count(*) FROM t.q_line) + 1, (SELECT max(b) FROM t.q_batch),
               (SELECT count(*) FROM t.q_line WHERE b = (SELECT max(b) FROM t.q_batch)), 0, v_l.leaf, v_l.id, v_l.kind, v_l.seq, v_l.at,
               v_l.grid, v_l.household, v_l.resident, v_l.target, v_l.code, v_l.why, v_l.via, v_l.party, v_l.alerts, v_l.na, v_l.e,
               v_l.p, v_l.sha, v_l.born, v_l.name, v_l.door;
        IF order_ > 0 AND t.rnd(8) = 0 THEN
            PERFORM t.send();
            PERFORM t.blob('sha' || t.rnd(5));
            PERFORM t.note();
            v_phone := '';
        END IF;
        IF v_i = v_merge THEN
            PERFORM t.merge('h3', 'h4');
        END IF;
        IF v_i = v_status THEN
            PERFORM t.status('household', 'h2', 2);
        END IF;
    END LOOP;
    PERFORM t.send();
    PERFORM t.blob('sha' || g) FROM generate_series(0, 4) g;
    PERFORM t.note();
    PERFORM qm.decide(140522, 'A0001', t.r0(), array_agg(id ORDER BY id), array_agg(hold <> 0 ORDER BY id), array_agg('seen'::text),
                      '{}', '{}', '{}', '{}', '{}', '{}')
       FROM qm.event WHERE county = 140522 AND get_byte(uuid_send(id), 3) < CASE WHEN hold <> 0 THEN 160 ELSE 40 END;
    v_digest := t.recount();
    v_digest := v_digest || t.digest();
    RAISE EXCEPTION 'undo' USING ERRCODE = 'QM999';
EXCEPTION WHEN SQLSTATE 'QM999' THEN
    RETURN v_digest;
END
$$;
CREATE FUNCTION t.orders(seed int) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.make_set(seed, 80);
    RETURN (SELECT count(DISTINCT t.deliver(o)) FROM generate_series(0, 3) o);
END
$$;

SELECT is(t.orders(s), 1::bigint, 'set of seed ' || s || ': every delivery ends in the same states') FROM generate_series(1, :seeds) s;
SELECT isnt(t.deliver(0), t.digest(), 'which are not those from before');

-- The model itself notices: a counter and a state that are wrong by one.
UPDATE qm.grid_counter SET v[3] = v[3] + 1 WHERE grid = t.g(1);
UPDATE qm.household SET flags = 1 WHERE household = t.u('h1');
SELECT is((SELECT string_agg(what, ', ' ORDER BY what) FROM t.model_differences()),
          format('counter %s visited, home %s', t.g(1), t.u('h1')), 'a wrong counter and a wrong state are seen');
SELECT * FROM finish();
ROLLBACK;
