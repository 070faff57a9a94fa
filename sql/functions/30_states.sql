-- States and counters.  A counter is a sum over states; each change of a state takes the old one out
-- (sign -1) and puts the new one in (sign +1), in the same transaction.

CREATE OR REPLACE FUNCTION qm.has_pledge(p_signed text, p_withdrawn text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_signed IS NOT NULL
       AND (p_withdrawn IS NULL OR p_signed COLLATE "C" > p_withdrawn COLLATE "C")
$$;

CREATE OR REPLACE FUNCTION qm.state_of(h qm.household, p_sign int) RETURNS qm.household_state
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_sign, h.grid, h.place, h.status, h.worker IS NOT NULL, h.flags, h.visits, h.police,
               qm.key_code(h.door_key), qm.has_pledge(h.signed_key, h.withdrawn_key),
               qm.has_pledge(h.evidenced_key, h.withdrawn_key),
               qm.key_code(h.pledge_key))::qm.household_state
$$;

CREATE OR REPLACE FUNCTION qm.state_of(r qm.resident, p_sign int) RETURNS qm.resident_state
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_sign, r.grid, r.home, r.status, r.band, qm.key_code(r.app_key), r.alerts, r.na,
               r.evidenced)::qm.resident_state
$$;

-- THE list of what is counted: places 1..45 of qm.counter_place, by grid.
CREATE OR REPLACE FUNCTION qm.sum_households(p_rows qm.household_state[])
RETURNS TABLE (k bigint, v bigint[])
LANGUAGE sql IMMUTABLE AS $$
    WITH s AS (
        SELECT sign, grid AS k, place, status, claimed, flags, visits, police, door, pledge,
               pledge_evidenced, pledge_last,
               place = 1 AND status = 1 AS home,
               place = 1 AND status IN (1, 2) AS near,
               (flags & 1) <> 0 AS visited,
               (flags & 2) <> 0 AS reached,
               (flags & 4) <> 0 AS delivered,
               (flags & 32) <> 0 OR pledge_evidenced AS proved
          FROM unnest(p_rows)
    )
    SELECT k, ARRAY[
        coalesce(sum(sign) FILTER (WHERE home), 0),
        coalesce(sum(sign) FILTER (WHERE near), 0),
        coalesce(sum(sign) FILTER (WHERE home AND visited), 0),
        coalesce(sum(sign) FILTER (WHERE home AND visited AND proved), 0),
        coalesce(sum(sign) FILTER (WHERE near AND reached), 0),
        coalesce(sum(sign) FILTER (WHERE near AND reached AND proved), 0),
        coalesce(sum(sign) FILTER (WHERE home AND delivered), 0),
        coalesce(sum(sign) FILTER (WHERE home AND (flags & 32) <> 0), 0),
        coalesce(sum(sign) FILTER (WHERE home AND (flags & 8) <> 0), 0),
        coalesce(sum(sign) FILTER (WHERE home AND (flags & 64) <> 0), 0),
        coalesce(sum(sign) FILTER (WHERE home AND pledge), 0),
        coalesce(sum(sign) FILTER (WHERE home AND pledge_evidenced), 0),
        coalesce(sum(sign) FILTER (WHERE home AND door = 6 AND NOT visited), 0),
        coalesce(sum(sign) FILTER (WHERE near AND door = 6 AND NOT reached), 0),
        coalesce(sum(sign) FILTER (WHERE home AND (flags & 16) <> 0 AND NOT delivered), 0),
        coalesce(sum(sign) FILTER (WHERE home AND pledge_last = 2 AND NOT pledge), 0),
        coalesce(sum(sign) FILTER (WHERE home AND pledge_last = 3 AND NOT pledge), 0),
        coalesce(sum(sign) FILTER (WHERE home AND pledge_last = 4), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 2), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 3), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 4), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 5), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 7), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 8), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 9), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 10), 0),
        coalesce(sum(sign) FILTER (WHERE home AND NOT visited AND door = 0), 0),
        coalesce(sum(sign) FILTER (WHERE place = 1 AND status = 2), 0),
        coalesce(sum(sign) FILTER (WHERE place = 1 AND status = 3), 0),
        coalesce(sum(sign) FILTER (WHERE place = 1 AND status = 4), 0),
        coalesce(sum(sign) FILTER (WHERE place = 1 AND status = 6), 0),
        coalesce(sum(sign) FILTER (WHERE near AND NOT claimed), 0),
        coalesce(sum(sign) FILTER (WHERE place = 1 AND status = 2 AND reached), 0),
        coalesce(sum(sign * visits) FILTER (WHERE status <> 5), 0),
        coalesce(sum(sign * s.police) FILTER (WHERE status <> 5), 0),
        coalesce(sum(sign) FILTER (WHERE place = 2 AND status = 1), 0),
        coalesce(sum(sign) FILTER (WHERE place = 2 AND status = 1 AND visited), 0),
        coalesce(sum(sign) FILTER (WHERE place = 3 AND status = 1), 0),
        coalesce(sum(sign) FILTER (WHERE place = 3 AND status = 1 AND visited), 0),
        coalesce(sum(sign) FILTER (WHERE place = 4 AND status = 1), 0),
        coalesce(sum(sign) FILTER (WHERE place = 4 AND status = 1 AND visited), 0),
        coalesce(sum(sign) FILTER (WHERE place = 5 AND status = 1), 0),
        coalesce(sum(sign) FILTER (WHERE place = 5 AND status = 1 AND visited), 0),
        coalesce(sum(sign) FILTER (WHERE place = 6 AND status = 1), 0),
        coalesce(sum(sign) FILTER (WHERE place = 6 AND status = 1 AND visited), 0)]::bigint[]
      FROM s GROUP BY k
$$;

-- Places 46..68.
CREATE OR REPLACE FUNCTION qm.sum_residents(p_rows qm.resident_state[])
RETURNS TABLE (k bigint, v bigint[])
LANGUAGE sql IMMUTABLE AS $$
    WITH s AS (
        SELECT sign, grid AS k, home, status, band, app, alerts, evidenced,
               home = 1 AND status = 1 AND band = 2 AS counted,
               app = 1 AS installed,
               app = 1 AND (alerts & 1) = 1 AND ((alerts | na) & 6) = 6 AS whole
          FROM unnest(p_rows)
    )
    SELECT k, ARRAY[
        coalesce(sum(sign) FILTER (WHERE counted), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND installed), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND installed AND evidenced), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND (alerts & 1) <> 0), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND (alerts & 1) <> 0 AND evidenced), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND (alerts & 2) <> 0), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND (alerts & 2) <> 0 AND evidenced), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND (alerts & 4) <> 0), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND (alerts & 4) <> 0 AND evidenced), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND whole), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND whole AND evidenced), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 2), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 3), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 4), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 5), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 6), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 7), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 8), 0),
        coalesce(sum(sign) FILTER (WHERE counted AND app = 0), 0),
        coalesce(sum(sign) FILTER (WHERE home IN (1, 2) AND status = 2), 0),
        coalesce(sum(sign) FILTER (WHERE home = 1 AND (status = 5 OR status = 1 AND band = 0)), 0),
        coalesce(sum(sign) FILTER (WHERE home = 1 AND status IN (1, 5)), 0),
        coalesce(sum(sign) FILTER (WHERE home = 1 AND status = 1 AND band = 3 AND installed), 0)]::bigint[]
      FROM s GROUP BY k
$$;

CREATE OR REPLACE FUNCTION qm.sum_states(p_h qm.household_state[], p_r qm.resident_state[])
RETURNS TABLE (k bigint, v bigint[])
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(h.k, r.k),
           coalesce(h.v, array_fill(0::bigint, ARRAY[45])) || coalesce(r.v, array_fill(0::bigint, ARRAY[23]))
      FROM qm.sum_households(p_h) h
      FULL JOIN qm.sum_residents(p_r) r ON r.k = h.k
$$;

-- Both sums, place by place; a shorter row has zeros behind it.  unnest keeps the order of places.
CREATE OR REPLACE FUNCTION qm.add(a bigint[], b bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT coalesce(u.x, 0) + coalesce(u.y, 0) FROM unnest(a, b) AS u (x, y))
$$;

-- A counter row as a board reads it: int4s in network order.
CREATE OR REPLACE FUNCTION qm.pack(p_v bigint[]) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(int4send(u.x::int), ''::bytea) FROM unnest(p_v) AS u (x)
$$;

-- A packed row place by place.
CREATE OR REPLACE FUNCTION qm.unpack(p_packed bytea) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT ('x' || encode(substr(p_packed, 4 * i + 1, 4), 'hex'))::bit(32)::int::bigint
                   FROM generate_series(0, length(p_packed) / 4 - 1) AS i)
$$;

CREATE OR REPLACE FUNCTION qm.village_name(p_village bigint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT d.name FROM qm.division d WHERE d.code = p_village::text), '')
$$;

-- Adds the differences to the counters of grids and villages.  A new row is made once, from the old one
-- that its look-up found: nobody else writes it under the head lock.  What qm.add and qm.pack do stands here in
-- full: a function over unnest is not inlined, and its call costs more than the sum.
CREATE OR REPLACE FUNCTION qm.post(p_county int, p_h qm.household_state[], p_r qm.resident_state[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF p_h IS NULL AND p_r IS NULL THEN
        RETURN;
    END IF;
    WITH delta AS MATERIALIZED (
        SELECT s.k, s.v FROM qm.sum_states(p_h, p_r) s
    ), grid AS MATERIALIZED (
        SELECT d.k, ARRAY(SELECT coalesce(u.x, 0) + coalesce(u.y, 0)
                            FROM (SELECT unnest(c.v) AS x, unnest(d.v) AS y) u) AS v
          FROM delta d
          LEFT JOIN LATERAL (SELECT t.v FROM qm.grid_counter t
                              WHERE t.county = p_county AND t.grid = d.k OFFSET 0) c ON true
    ), grids AS (
        INSERT INTO qm.grid_counter (county, grid, v)
        SELECT p_county, g.k, g.v FROM grid g ORDER BY g.k
        ON CONFLICT (county, grid) DO UPDATE SET v = excluded.v
    ), sums AS (
        SELECT t.k, array_agg(t.x) AS v
          FROM (SELECT u.k, u.o, sum(u.x::int) AS x
                  FROM (SELECT d.k / 1000 AS k, unnest(d.v) AS x, generate_subscripts(d.v, 1) AS o FROM delta d) u
                 GROUP BY 1, 2 ORDER BY 1, 2) t
         GROUP BY t.k
    ), village AS MATERIALIZED (
        SELECT s.k, ARRAY(SELECT coalesce(u.x, 0) + coalesce(u.y, 0)
                            FROM (SELECT unnest(c.v) AS x, unnest(s.v) AS y) u) AS v, c.name
          FROM sums s
          LEFT JOIN LATERAL (SELECT t.v, t.name FROM qm.village_counter t
                              WHERE t.county = p_county AND t.village = s.k OFFSET 0) c ON true
    )
    INSERT INTO qm.village_counter (county, village, v, packed, name)
    SELECT p_county, s.k, s.v, (SELECT string_agg(int4send(u.x::int), ''::bytea) FROM (SELECT unnest(s.v) AS x) u),
           coalesce(s.name, qm.village_name(s.k))
      FROM village s ORDER BY s.k
    ON CONFLICT (county, village) DO UPDATE SET v = excluded.v, packed = excluded.packed;
END
$$;

-- States of subjects as they stand, to be counted with this sign.
CREATE OR REPLACE FUNCTION qm.states_of(p_county int, p_homes uuid[], p_people uuid[], p_sign int,
                                        OUT h qm.household_state[], OUT r qm.resident_state[])
LANGUAGE sql STABLE AS $$
    SELECT (SELECT array_agg(qm.state_of(t, p_sign)) FROM qm.household t
             WHERE t.county = p_county AND t.household = ANY (p_homes)),
           (SELECT array_agg(qm.state_of(t, p_sign)) FROM qm.resident t
             WHERE t.county = p_county AND t.resident = ANY (p_people))
$$;

-- What records that are carried over changed, kept beside the counters: these count them, but a week's
-- gain does not.
CREATE OR REPLACE FUNCTION qm.carried_note(p_county int, p_day date, p_h qm.household_state[],
                                           p_r qm.resident_state[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    INSERT INTO qm.carried_gain AS g (county, village, day, v)
    SELECT p_county, t.k, p_day, array_agg(t.x ORDER BY t.o)
      FROM (SELECT s.k / 1000 AS k, u.o, sum(u.x)::bigint AS x
              FROM qm.sum_states(p_h, p_r) s, unnest(s.v) WITH ORDINALITY AS u (x, o) GROUP BY 1, 2) t
     GROUP BY t.k
    ON CONFLICT (county, village, day) DO UPDATE SET v = qm.add(g.v, excluded.v);
END
$$;

-- New effective events merged into the states of the subjects they name (known ones only).
CREATE OR REPLACE FUNCTION qm.apply_events(p_county int, p_rev bigint, p_rows qm.fold_event[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    v_h qm.household_state[];
    v_r qm.resident_state[];
BEGIN
    WITH old AS MATERIALIZED (
        SELECT f.*, o.s
          FROM qm.fold_households(p_rows) f
          JOIN LATERAL (SELECT qm.state_of(h, -1) AS s FROM qm.household h
                         WHERE h.county = p_county AND h.household = f.household OFFSET 0) o ON true
    ), new AS (
        UPDATE qm.household h
           SET flags = h.flags | f.flags, visits = h.visits + f.visits, police = h.police + f.police,
               door_key = greatest(h.door_key, f.door_key),
               signed_key = greatest(h.signed_key, f.signed_key),
               withdrawn_key = greatest(h.withdrawn_key, f.withdrawn_key),
               evidenced_key = greatest(h.evidenced_key, f.evidenced_key),
               pledge_key = greatest(h.pledge_key, f.pledge_key), rev = p_rev
          FROM old f
         WHERE h.county = p_county AND h.household = f.household
        RETURNING qm.state_of(h, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_h FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;

    WITH old AS MATERIALIZED (
        SELECT f.*, o.s
          FROM qm.fold_residents(p_rows) f
          JOIN LATERAL (SELECT r.app_key, qm.state_of(r, -1) AS s FROM qm.resident r
                         WHERE r.county = p_county AND r.resident = f.resident OFFSET 0) o
            ON o.app_key < f.app_key COLLATE "C" OR o.app_key IS NULL
    ), new AS (
        UPDATE qm.resident r
           SET app_key = f.app_key, alerts = f.alerts, na = f.na, evidenced = f.evidenced, rev = p_rev
          FROM old f
         WHERE r.county = p_county AND r.resident = f.resident
        RETURNING qm.state_of(r, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_r FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;

    PERFORM qm.post(p_county, v_h, v_r);
END
$$;

-- States of the given subjects computed anew from the facts.
CREATE OR REPLACE FUNCTION qm.refold(p_county int, p_rev bigint, p_households uuid[], p_residents uuid[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_rows qm.fold_event[] := qm.effective_events(p_county, p_households, p_residents,
                                                  9223372036854775807);
    v_h qm.household_state[];
    v_r qm.resident_state[];
BEGIN
    WITH f AS MATERIALIZED (
        SELECT u.id, x.* FROM (SELECT DISTINCT unnest(p_households) AS id) u
          LEFT JOIN qm.fold_households(v_rows) x ON x.household = u.id
    ), old AS MATERIALIZED (
        SELECT qm.state_of(h, -1) AS s
          FROM f JOIN qm.household h ON h.county = p_county AND h.household = f.id
    ), new AS (
        UPDATE qm.household h
           SET flags = coalesce(f.flags, 0), visits = coalesce(f.visits, 0),
               police = coalesce(f.police, 0), door_key = f.door_key, signed_key = f.signed_key,
               withdrawn_key = f.withdrawn_key, evidenced_key = f.evidenced_key,
               pledge_key = f.pledge_key, rev = p_rev
          FROM f
         WHERE h.county = p_county AND h.household = f.id
        RETURNING qm.state_of(h, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_h FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;

    WITH f AS MATERIALIZED (
        SELECT u.id, x.* FROM (SELECT DISTINCT unnest(p_residents) AS id) u
          LEFT JOIN qm.fold_residents(v_rows) x ON x.resident = u.id
    ), old AS MATERIALIZED (
        SELECT qm.state_of(r, -1) AS s
          FROM f JOIN qm.resident r ON r.county = p_county AND r.resident = f.id
    ), new AS (
        UPDATE qm.resident r
           SET app_key = f.app_key, alerts = coalesce(f.alerts, 0::smallint),
               na = coalesce(f.na, 0::smallint), evidenced = coalesce(f.evidenced, false), rev = p_rev
          FROM f
         WHERE r.county = p_county AND r.resident = f.id
        RETURNING qm.state_of(r, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_r FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;

    PERFORM qm.post(p_county, v_h, v_r);
END
$$;

-- Effective status of a household for those who live there.
CREATE OR REPLACE FUNCTION qm.home_of(p_place smallint, p_status smallint) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_place IS NULL THEN 0 WHEN p_place <> 1 THEN 6 ELSE p_status END::smallint
$$;

-- Residents follow their households in grid and status.
CREATE OR REPLACE FUNCTION qm.rehome(p_county int, p_rev bigint, p_households uuid[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_r qm.resident_state[];
BEGIN
    WITH old AS MATERIALIZED (
        SELECT r.resident AS id, h.grid, qm.home_of(h.place, h.status) AS home, qm.state_of(r, -1) AS s
          FROM (SELECT DISTINCT unnest(p_households) AS id) u
          JOIN qm.household h ON h.county = p_county AND h.household = u.id
          JOIN qm.resident r ON r.county = p_county AND r.household = u.id
         WHERE (r.grid, r.home) IS DISTINCT FROM (h.grid, qm.home_of(h.place, h.status))
    ), new AS (
        UPDATE qm.resident r SET grid = o.grid, home = o.home, rev = p_rev
          FROM old o WHERE r.county = p_county AND r.resident = o.id
        RETURNING qm.state_of(r, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_r FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;
    PERFORM qm.post(p_county, NULL, v_r);
END
$$;

-- Age band on a day; full years as the contract counts them (29 February from 1 March).
CREATE OR REPLACE FUNCTION qm.full_years(p_born date, p_day date) RETURNS int
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (extract(year FROM p_day) - extract(year FROM p_born))::int
         - CASE WHEN to_char(p_day, 'MMDD') < to_char(p_born, 'MMDD') THEN 1 ELSE 0 END
$$;
CREATE OR REPLACE FUNCTION qm.age_band(p_born date, p_day date) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_born IS NULL THEN 0
                WHEN qm.full_years(p_born, p_day) < 16 THEN 1
                WHEN qm.full_years(p_born, p_day) <= 60 THEN 2
                ELSE 3 END::smallint
$$;

-- Re-folds whoever the given events count for.  What is decided about records that are carried over, or
-- proves them, is no more a week's gain than they are.
CREATE OR REPLACE FUNCTION qm.refold_events(p_county int, p_rev bigint, p_events uuid[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_homes uuid[];
    v_people uuid[];
    v_carried_homes uuid[];
    v_carried_people uuid[];
    v_before record;
    v_after record;
BEGIN
    SELECT array_agg(coalesce(h.merged_into, e.household)) FILTER (WHERE e.kind < 4),
           array_agg(e.resident) FILTER (WHERE e.kind = 4),
           array_agg(coalesce(h.merged_into, e.household)) FILTER (WHERE e.kind < 4 AND e.via = 5),
           array_agg(e.resident) FILTER (WHERE e.kind = 4 AND e.via = 5)
      INTO v_homes, v_people, v_carried_homes, v_carried_people
      FROM unnest(p_events) AS u
      JOIN qm.event e ON e.county = p_county AND e.id = u
      LEFT JOIN qm.household h ON h.county = p_county AND h.household = e.household;
    IF v_carried_homes <> '{}' OR v_carried_people <> '{}' THEN
        v_before := qm.states_of(p_county, v_carried_homes, v_carried_people, -1);
    END IF;
    PERFORM qm.refold(p_county, p_rev, v_homes, v_people);
    IF v_carried_homes <> '{}' OR v_carried_people <> '{}' THEN
        v_after := qm.states_of(p_county, v_carried_homes, v_carried_people, 1);
        PERFORM qm.carried_note(p_county, (SELECT l.age_day FROM qm.log_head l WHERE l.county = p_county),
                                v_before.h || v_after.h, v_before.r || v_after.r);
    END IF;
END
$$;
