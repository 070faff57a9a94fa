-- The recount: every counter and state anew from register facts and events, in the snapshot of the
-- calling statement, grid by grid.  No row means that everything agrees.
--   grid <code>, place, kept, counted          a counter of a grid
--   village <code>, place, kept, counted       a village's counter against the sum of its grids
--   board <code>, place, kept, counted         what a board reads of a village against the village's counter
--   day <code> <day>, place, kept, counted     a township's or the county's stored day against the villages'
--   household|resident <pseudonym>, 0, ...     a state that differs from its fold

-- Folds are only of those who were asked for, so that the full joins are left joins; unlike these they are
-- never made by comparing all with all, however few rows the planner takes an array for.
CREATE OR REPLACE FUNCTION qm.recount_grid(p_head qm.log_head, p_grid bigint)
RETURNS TABLE (subject text, place int, kept bigint, counted bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_county int := p_head.county;
    v_homes uuid[] := ARRAY(SELECT h.household FROM qm.household h WHERE h.county = v_county AND h.grid = p_grid
                             AND h.status <> 5);
    v_people uuid[] := ARRAY(
        SELECT r.resident FROM qm.resident r
         WHERE r.county = v_county AND r.household = ANY (v_homes)
        UNION
        SELECT r.resident FROM qm.resident r -- those whose household is not in the register
         WHERE r.county = v_county AND r.grid = p_grid AND r.household <> ALL (v_homes)
           AND (SELECT h.county FROM qm.household h WHERE h.county = v_county AND h.household = r.household) IS NULL);
    v_rows qm.fold_event[] := qm.effective_events(v_county, v_homes, v_people, 9223372036854775807);
    v_16 date := qm.years_before(p_head.age_day, 16);
    v_61 date := qm.years_before(p_head.age_day, 61);
    v_h qm.household_state[];
    v_r qm.resident_state[];
BEGIN
    RETURN QUERY
    SELECT 'household ' || qm.pseudonym(h.household), 0, h.flags::bigint, coalesce(f.flags, 0)::bigint
      FROM (SELECT x.* FROM qm.household x WHERE x.county = v_county AND x.household = ANY (v_homes)) h
      FULL JOIN qm.fold_households(v_rows) f ON f.household = h.household
     WHERE (h.flags, h.visits, h.police, h.door_key, h.signed_key, h.withdrawn_key, h.evidenced_key, h.pledge_key)
           IS DISTINCT FROM (coalesce(f.flags, 0), coalesce(f.visits, 0), coalesce(f.police, 0), f.door_key,
                             f.signed_key, f.withdrawn_key, f.evidenced_key, f.pledge_key);
    RETURN QUERY
    SELECT 'resident ' || qm.pseudonym(r.resident), 0, qm.key_code(r.app_key)::bigint,
           qm.key_code(f.app_key)::bigint
      FROM (SELECT x.*, h.grid AS home_grid, qm.home_of(h.place, h.status) AS home_now
              FROM qm.resident x
              LEFT JOIN qm.household h ON h.county = v_county AND h.household = x.household
             WHERE x.county = v_county AND x.resident = ANY (v_people)) r
      FULL JOIN qm.fold_residents(v_rows) f ON f.resident = r.resident
     WHERE (r.app_key, r.alerts, r.na, r.evidenced, r.grid, r.home, r.band)
           IS DISTINCT FROM (f.app_key, coalesce(f.alerts, 0::smallint), coalesce(f.na, 0::smallint),
                             coalesce(f.evidenced, false), coalesce(r.home_grid, r.grid), r.home_now,
                             qm.band_between(r.born, v_16, v_61));
    SELECT array_agg(ROW(1, h.grid, h.place, h.status, h.worker IS NOT NULL, coalesce(f.flags, 0),
                         coalesce(f.visits, 0), coalesce(f.police, 0), qm.key_code(f.door_key),
                         qm.has_pledge(f.signed_key, f.withdrawn_key),
                         qm.has_pledge(f.evidenced_key, f.withdrawn_key),
                         qm.key_code(f.pledge_key))::qm.household_state)
      INTO v_h
      FROM (SELECT x.* FROM qm.household x WHERE x.county = v_county AND x.household = ANY (v_homes)) h
      FULL JOIN qm.fold_households(v_rows) f ON f.household = h.household;
    SELECT array_agg(ROW(1, p_grid, r.home_now, r.status, qm.band_between(r.born, v_16, v_61),
                         qm.key_code(f.app_key), coalesce(f.alerts, 0::smallint), coalesce(f.na, 0::smallint),
                         coalesce(f.evidenced, false))::qm.resident_state)
      INTO v_r
      FROM (SELECT x.*, qm.home_of(h.place, h.status) AS home_now
              FROM qm.resident x
              LEFT JOIN qm.household h ON h.county = v_county AND h.household = x.household
             WHERE x.county = v_county AND x.resident = ANY (v_people)) r
      FULL JOIN qm.fold_residents(v_rows) f ON f.resident = r.resident;
    RETURN QUERY
    SELECT 'grid ' || p_grid, u.o::int, coalesce(u.kept, 0), coalesce(u.counted, 0)
      FROM unnest((SELECT c.v FROM qm.grid_counter c WHERE c.county = v_county AND c.grid = p_grid),
                  (SELECT s.v FROM qm.sum_states(v_h, v_r) s WHERE s.k = p_grid))
           WITH ORDINALITY AS u (kept, counted, o)
     WHERE coalesce(u.kept, 0) <> coalesce(u.counted, 0);
END
$$;

-- The packed rows that a page reads: those of a board, and of stored days, whose villages' facts of then are
-- kept nowhere, what was summed of them.  Of five weeks: what a board compares with, and each day on 35 nights;
-- a year of 170 villages takes a quarter of a minute.
CREATE OR REPLACE FUNCTION qm.recount_packed(p_county int, p_since date, p_within text)
RETURNS TABLE (subject text, place int, kept bigint, counted bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'board ' || c.village, u.o::int, coalesce(u.kept, 0), coalesce(u.counted, 0)
      FROM qm.village_counter c, unnest(qm.unpack(c.packed), c.v) WITH ORDINALITY AS u (kept, counted, o)
     WHERE c.county = p_county AND c.packed <> qm.pack(c.v)
       AND c.village BETWEEN qm.first_grid(p_within) / 1000 AND qm.last_grid(p_within) / 1000
       AND u.kept IS DISTINCT FROM u.counted;
    RETURN QUERY
    WITH above AS (
        SELECT d.code, d.day, d.packed FROM qm.area_day d
         WHERE d.county = p_county AND d.day >= p_since AND starts_with(d.code, p_within) AND length(d.code) < 12
    ), sums AS (
        SELECT t.code, t.day, array_agg(t.x ORDER BY t.o) AS v
          FROM (SELECT left(d.code, l.digits) AS code, d.day, u.o, sum(u.x)::bigint AS x
                  FROM qm.area_day d, unnest(qm.unpack(d.packed)) WITH ORDINALITY AS u (x, o),
                       (VALUES (6), (9)) AS l (digits)
                 WHERE d.county = p_county AND d.day >= p_since AND starts_with(d.code, p_within)
                   AND length(d.code) = 12 AND l.digits >= length(p_within)
                 GROUP BY 1, 2, 3) t
         GROUP BY t.code, t.day
    )
    SELECT concat('day ', coalesce(a.code, s.code), ' ', coalesce(a.day, s.day)), u.o::int,
           coalesce(u.kept, 0), coalesce(u.counted, 0)
      FROM above a
      FULL JOIN sums s ON s.code = a.code AND s.day = a.day,
           unnest(qm.unpack(a.packed), s.v) WITH ORDINALITY AS u (kept, counted, o)
     WHERE a.packed IS DISTINCT FROM qm.pack(s.v) AND u.kept IS DISTINCT FROM u.counted;
END
$$;

CREATE OR REPLACE FUNCTION qm.recount(p_county int, p_within text)
RETURNS TABLE (subject text, place int, kept bigint, counted bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head;
    v_grid bigint;
BEGIN
    SELECT * INTO v_head FROM qm.log_head h WHERE h.county = p_county;
    FOR v_grid IN
        SELECT c.grid FROM qm.grid_counter c
         WHERE c.county = p_county AND c.grid BETWEEN qm.first_grid(p_within) AND qm.last_grid(p_within)
        UNION
        SELECT h.grid FROM qm.household h
         WHERE h.county = p_county AND h.grid BETWEEN qm.first_grid(p_within) AND qm.last_grid(p_within)
        ORDER BY 1
    LOOP
        RETURN QUERY SELECT * FROM qm.recount_grid(v_head, v_grid);
    END LOOP;
    RETURN QUERY
    SELECT 'village ' || q.village, q.o::int, sum(q.kept)::bigint, sum(q.counted)::bigint
      FROM (SELECT c.village, t.o, t.x AS kept, 0 AS counted
              FROM qm.village_counter c, unnest(c.v) WITH ORDINALITY AS t (x, o)
             WHERE c.county = p_county
               AND c.village BETWEEN qm.first_grid(p_within) / 1000 AND qm.last_grid(p_within) / 1000
            UNION ALL
            SELECT c.grid / 1000, t.o, 0, t.x
              FROM qm.grid_counter c, unnest(c.v) WITH ORDINALITY AS t (x, o)
             WHERE c.county = p_county AND length(p_within) <= 12
               AND c.grid BETWEEN qm.first_grid(p_within) AND qm.last_grid(p_within)) q
     WHERE length(p_within) <= 12
     GROUP BY q.village, q.o
    HAVING sum(q.kept) <> sum(q.counted);
    RETURN QUERY SELECT * FROM qm.recount_packed(p_county, v_head.age_day - 35, p_within);
END
$$;

CREATE OR REPLACE FUNCTION qm.recount_note(p_county int, p_at bigint, p_size bigint, p_differences bigint)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    INSERT INTO qm.recount (county, at, size, differences) VALUES (p_county, p_at, p_size, p_differences)
    ON CONFLICT (county, at) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;
