-- Random histories, each from a seed.  After every few steps the recount finds nothing and a second,
-- plain model (lib/model.psql) has the same states and counters; and one set of events, delivered in
-- other orders and groups, ends in the same states.  `seeds` raises the number of histories.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
\ir lib/history.psql
\if :{?seeds}
\else
\set seeds 6
\endif
SELECT plan(2 * :seeds + 3);

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
