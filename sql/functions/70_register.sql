-- The register's imports, all or nothing.  Status of every function: 0 done, 1 a code or value is wrong,
-- 6 grid unknown, 7 worker unknown, 8 household unknown, 12 another household of the village has this
-- number; bad is the first faulty row, counted from 1; nothing is kept then.

CREATE OR REPLACE FUNCTION qm.import_grids(p_county int, p_by text, p_now bigint, p_grid bigint[], p_name text[],
                                           p_population int[], p_source text[], p_day date[])
RETURNS TABLE (status smallint, bad int, rows int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint;
    v_bad int;
BEGIN
    SELECT t.o, t.why INTO v_bad, v_status FROM (
        SELECT u.o, CASE WHEN u.grid / 1000000000 <> p_county OR d.code IS NULL THEN 6
                         WHEN row_number() OVER (PARTITION BY u.grid ORDER BY u.o) > 1 THEN 1 END AS why
          FROM unnest(p_grid) WITH ORDINALITY AS u (grid, o)
          LEFT JOIN qm.division d ON d.code = (u.grid / 1000)::text AND d.level = 'village') t
     WHERE t.why IS NOT NULL ORDER BY t.o LIMIT 1;
    IF v_bad IS NULL THEN
        INSERT INTO qm.grid AS g (county, grid, name, population, population_source, population_date)
        SELECT p_county, u.* FROM unnest(p_grid, p_name, p_population, p_source, p_day) AS u
        ON CONFLICT (county, grid) DO UPDATE SET name = excluded.name, population = excluded.population,
            population_source = excluded.population_source, population_date = excluded.population_date;
        INSERT INTO qm.grid_counter (county, grid, v)
        SELECT DISTINCT p_county, g, array_fill(0::bigint, ARRAY[68]) FROM unnest(p_grid) AS g
        ON CONFLICT (county, grid) DO NOTHING;
        INSERT INTO qm.village_counter (county, village, v, packed, name)
        SELECT p_county, t.village, t.zero, qm.pack(t.zero), qm.village_name(t.village)
          FROM (SELECT DISTINCT g / 1000 AS village, array_fill(0::bigint, ARRAY[68]) AS zero
                  FROM unnest(p_grid) AS g) t
        ON CONFLICT (county, village) DO NOTHING;
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT coalesce(v_status, 0::smallint), v_bad, cardinality(p_grid);
END
$$;

-- After divisions were imported: the boards' copies of their names.
CREATE OR REPLACE FUNCTION qm.name_villages(p_county int) RETURNS TABLE (renamed int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_n int;
BEGIN
    PERFORM qm.lock_head(p_county);
    UPDATE qm.village_counter c SET name = qm.village_name(c.village)
     WHERE c.county = p_county AND c.name <> qm.village_name(c.village);
    GET DIAGNOSTICS v_n = ROW_COUNT;
    RETURN QUERY SELECT v_n;
END
$$;

-- Rows whose number (the village's own) stands in the file twice, or is that of a household of the village
-- that is not in the file.
CREATE OR REPLACE FUNCTION qm.refs_taken(p_county int, p_household uuid[], p_grid bigint[], p_ref text[])
RETURNS TABLE (o bigint) LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    WITH u AS MATERIALIZED (
        SELECT * FROM unnest(p_household, p_grid, p_ref) WITH ORDINALITY AS u (household, grid, ref, o)
         WHERE u.ref <> ''
    )
    SELECT t.o FROM (SELECT u.o, row_number() OVER (PARTITION BY u.grid / 1000, u.ref ORDER BY u.o) AS again
                       FROM u) t
     WHERE t.again > 1
    UNION
    SELECT u.o
      FROM u
      JOIN qm.household_card c ON c.county = p_county AND c.ref = u.ref
      JOIN qm.household h ON h.county = c.county AND h.household = c.household
     WHERE h.grid / 1000 = u.grid / 1000 AND h.status <> 5 AND h.household <> ALL (p_household)
$$;

-- Rows that are there already keep their events and states; what the file says of them is taken over.
-- p_ref null: the file has no such column.  Rows and cards of a grid are put beside each other, here and with
-- residents: who reads a grid then reads few pages.
CREATE OR REPLACE FUNCTION qm.import_households(p_county int, p_by text, p_now bigint, p_household uuid[],
    p_grid bigint[], p_place smallint[], p_status smallint[], p_group text[], p_lane text[], p_door text[],
    p_head bytea[], p_phone bytea[], p_phone_mac bytea[], p_worker text[], p_ref text[] DEFAULT NULL)
RETURNS TABLE (status smallint, bad int, rows int)
LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_rev bigint := v_head.revision + 1;
    v_status smallint := 0;
    v_bad int;
    v_h qm.household_state[];
    v_known uuid[];
BEGIN
    SELECT u.o, u.why INTO v_bad, v_status FROM (
        SELECT t.o, CASE WHEN g.grid IS NULL THEN 6
                         WHEN t.worker IS NOT NULL AND a.account IS NULL THEN 7
                         WHEN t.status NOT IN (1, 2, 3, 4, 6) OR t.place NOT BETWEEN 1 AND 6
                           OR h.status = 5 OR t.again > 1 THEN 1 END AS why
          FROM (SELECT x.*, row_number() OVER (PARTITION BY x.household ORDER BY x.o) AS again
                  FROM unnest(p_household, p_grid, p_place, p_status, p_worker) WITH ORDINALITY
                       AS x (household, grid, place, status, worker, o)) t
          LEFT JOIN qm.grid g ON g.county = p_county AND g.grid = t.grid
          LEFT JOIN qm.account a ON a.county = p_county AND a.account = t.worker
          LEFT JOIN qm.household h ON h.county = p_county AND h.household = t.household) u
     WHERE u.why IS NOT NULL ORDER BY u.o LIMIT 1;
    IF v_bad IS NULL AND p_ref IS NOT NULL THEN
        SELECT 12, min(t.o) INTO v_status, v_bad FROM qm.refs_taken(p_county, p_household, p_grid, p_ref) t;
    END IF;
    IF v_bad IS NOT NULL THEN
        RETURN QUERY SELECT v_status, v_bad, 0;
        RETURN;
    END IF;
    SELECT array_agg(h.household), array_agg(qm.state_of(h, -1)) INTO v_known, v_h
      FROM qm.household h WHERE h.county = p_county AND h.household = ANY (p_household);
    INSERT INTO qm.household_left (county, household, rev, grid)
    SELECT p_county, h.household, v_rev, h.grid
      FROM qm.household h
      JOIN unnest(p_household, p_grid, p_status) AS u (household, grid, status) ON u.household = h.household
     WHERE h.county = p_county AND (h.grid <> u.grid OR u.status = 4 AND h.status <> 4);
    WITH put AS (
        INSERT INTO qm.household AS h (county, household, grid, place, status, worker, rev)
        SELECT p_county, u.household, u.grid, u.place, u.status, u.worker, v_rev
          FROM unnest(p_household, p_grid, p_place, p_status, p_worker) AS u (household, grid, place, status, worker)
         ORDER BY u.grid, u.household
        ON CONFLICT (county, household) DO UPDATE SET grid = excluded.grid, place = excluded.place,
            status = excluded.status, worker = excluded.worker, rev = excluded.rev
        RETURNING h.household, h.grid
    )
    UPDATE qm.household_card c SET grid = p.grid FROM put p
     WHERE c.county = p_county AND c.household = p.household AND c.grid <> p.grid;
    WITH put AS (
        UPDATE qm.household m SET grid = u.grid, rev = v_rev
          FROM unnest(p_household, p_grid) AS u (household, grid)
         WHERE m.county = p_county AND m.merged_into = u.household AND m.grid <> u.grid
        RETURNING m.household, m.grid
    )
    UPDATE qm.household_card c SET grid = p.grid FROM put p
     WHERE c.county = p_county AND c.household = p.household;
    INSERT INTO qm.household_card AS c (county, household, grid, village_group, lane, door, head, phone, phone_mac)
    SELECT p_county, u.household, u.grid, u.village_group, u.lane, u.door, u.head, u.phone, u.mac
      FROM unnest(p_household, p_grid, p_group, p_lane, p_door, p_head, p_phone, p_phone_mac)
           AS u (household, grid, village_group, lane, door, head, phone, mac)
     ORDER BY u.grid, u.household
    ON CONFLICT (county, household) DO UPDATE SET village_group = excluded.village_group, lane = excluded.lane,
        door = excluded.door, head = excluded.head, phone = excluded.phone, phone_mac = excluded.phone_mac;
    UPDATE qm.household_card c SET ref = nullif(u.ref, '')
      FROM unnest(p_household, p_ref) AS u (household, ref)
     WHERE p_ref IS NOT NULL AND c.county = p_county AND c.household = u.household;
    SELECT coalesce(v_h, '{}') || array_agg(qm.state_of(h, 1)) INTO v_h
      FROM qm.household h WHERE h.county = p_county AND h.household = ANY (p_household);
    PERFORM qm.post(p_county, v_h, NULL);
    PERFORM qm.rehome(p_county, v_rev, p_household);
    PERFORM qm.refold(p_county, v_rev, ARRAY(SELECT unnest(p_household) EXCEPT SELECT unnest(v_known)), '{}');
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint, NULL::int, cardinality(p_household);
END
$$;

CREATE OR REPLACE FUNCTION qm.import_residents(p_county int, p_by text, p_now bigint, p_resident uuid[],
    p_household uuid[], p_name bytea[], p_born date[], p_phone bytea[], p_phone_mac bytea[],
    p_status smallint[], p_groups text[])
RETURNS TABLE (status smallint, bad int, rows int)
LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_rev bigint := v_head.revision + 1;
    v_status smallint := 0;
    v_bad int;
    v_r qm.resident_state[];
    v_known uuid[];
BEGIN
    SELECT u.o, u.why INTO v_bad, v_status FROM (
        SELECT t.o, CASE WHEN h.household IS NULL OR h.status = 5 THEN 8
                         WHEN t.status NOT BETWEEN 1 AND 5 OR t.again > 1 THEN 1 END AS why
          FROM (SELECT x.*, row_number() OVER (PARTITION BY x.resident ORDER BY x.o) AS again
                  FROM unnest(p_resident, p_household, p_status) WITH ORDINALITY
                       AS x (resident, household, status, o)) t
          LEFT JOIN qm.household h ON h.county = p_county AND h.household = t.household) u
     WHERE u.why IS NOT NULL ORDER BY u.o LIMIT 1;
    IF v_bad IS NOT NULL THEN
        RETURN QUERY SELECT v_status, v_bad, 0;
        RETURN;
    END IF;
    SELECT array_agg(r.resident), array_agg(qm.state_of(r, -1)) INTO v_known, v_r
      FROM qm.resident r WHERE r.county = p_county AND r.resident = ANY (p_resident);
    INSERT INTO qm.resident_left (county, grid, rev, resident)
    SELECT p_county, r.grid, v_rev, r.resident
      FROM unnest(p_resident, p_household) AS u (resident, household)
      JOIN qm.resident r ON r.county = p_county AND r.resident = u.resident
     WHERE r.household <> u.household;
    INSERT INTO qm.resident AS r (county, resident, household, grid, home, status, born, band, rev)
    SELECT p_county, u.resident, u.household, h.grid, qm.home_of(h.place, h.status), u.status, u.born,
           qm.age_band(u.born, v_head.age_day), v_rev
      FROM unnest(p_resident, p_household, p_status, p_born) AS u (resident, household, status, born)
      JOIN qm.household h ON h.county = p_county AND h.household = u.household
     ORDER BY h.grid, h.household, u.resident
    ON CONFLICT (county, resident) DO UPDATE SET household = excluded.household, grid = excluded.grid,
        home = excluded.home, status = excluded.status, born = excluded.born, band = excluded.band,
        rev = excluded.rev;
    INSERT INTO qm.resident_card AS c (county, resident, name, phone, phone_mac, groups)
    SELECT p_county, u.resident, u.name, u.phone, u.mac, coalesce(string_to_array(nullif(u.groups, ''), ','), '{}')
      FROM unnest(p_resident, p_household, p_name, p_phone, p_phone_mac, p_groups)
           AS u (resident, household, name, phone, mac, groups)
      JOIN qm.household h ON h.county = p_county AND h.household = u.household
     ORDER BY h.grid, h.household, u.resident
    ON CONFLICT (county, resident) DO UPDATE SET name = excluded.name, phone = excluded.phone,
        phone_mac = excluded.phone_mac, groups = excluded.groups;
    SELECT coalesce(v_r, '{}') || array_agg(qm.state_of(r, 1)) INTO v_r
      FROM qm.resident r WHERE r.county = p_county AND r.resident = ANY (p_resident);
    PERFORM qm.post(p_county, NULL, v_r);
    PERFORM qm.refold(p_county, v_rev, '{}', ARRAY(SELECT unnest(p_resident) EXCEPT SELECT unnest(v_known)));
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint, NULL::int, cardinality(p_resident);
END
$$;
