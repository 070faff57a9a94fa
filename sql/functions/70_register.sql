-- The register: imports (all or nothing) and what the office changes.  Status of every function:
-- 0 done, 1 a code or value is wrong, 5 subject unknown, 6 grid unknown, 7 worker unknown,
-- 8 household unknown; bad is the first faulty row, counted from 1; nothing is kept then.

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

-- A row an area.  The areas of an account are the ones of the file: grids that are not named any more
-- are kept as ones it had.
CREATE OR REPLACE FUNCTION qm.import_accounts(p_county int, p_by text, p_now bigint, p_account text[],
                                              p_role text[], p_name bytea[], p_phone bytea[], p_prefix text[])
RETURNS TABLE (status smallint, bad int, rows int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint;
    v_bad int;
BEGIN
    SELECT t.o, t.why INTO v_bad, v_status FROM (
        SELECT u.o, CASE WHEN u.account !~ '^[A-Z][0-9A-Z]{1,15}$'
                           OR u.role NOT IN ('worker', 'leader', 'deputy', 'secretary', 'township', 'police',
                                             'inspector', 'auditor', 'admin') THEN 1
                         WHEN NOT starts_with(u.prefix, p_county::text)
                           OR u.role IN ('worker', 'leader') AND g.grid IS NULL THEN 6
                         WHEN u.prefix !~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$' THEN 1 END AS why
          FROM unnest(p_account, p_role, p_prefix) WITH ORDINALITY AS u (account, role, prefix, o)
          LEFT JOIN qm.grid g ON g.county = p_county AND g.grid::text = u.prefix) t
     WHERE t.why IS NOT NULL ORDER BY t.o LIMIT 1;
    IF v_bad IS NULL THEN
        INSERT INTO qm.account AS a (county, account, name, phone)
        SELECT DISTINCT ON (u.account) p_county, u.account, u.name, u.phone
          FROM unnest(p_account, p_name, p_phone) AS u (account, name, phone)
         ORDER BY u.account
        ON CONFLICT (county, account) DO UPDATE SET name = excluded.name, phone = excluded.phone;
        DELETE FROM qm.account_role r
         WHERE r.county = p_county AND r.account = ANY (p_account)
           AND NOT EXISTS (SELECT FROM unnest(p_account, p_role, p_prefix) AS u (account, role, prefix)
                            WHERE (u.account, u.role, u.prefix) = (r.account, r.role, r.prefix));
        INSERT INTO qm.account_role (county, account, role, prefix)
        SELECT DISTINCT p_county, u.account, u.role, u.prefix
          FROM unnest(p_account, p_role, p_prefix) AS u (account, role, prefix)
        ON CONFLICT (county, account, role, prefix) DO NOTHING;
        UPDATE qm.account_grid g SET now = false
         WHERE g.county = p_county AND g.account = ANY (p_account) AND g.now;
        INSERT INTO qm.account_grid AS g (county, account, grid, now)
        SELECT DISTINCT p_county, u.account, u.prefix::bigint, true
          FROM unnest(p_account, p_role, p_prefix) AS u (account, role, prefix)
         WHERE u.role IN ('worker', 'leader')
        ON CONFLICT (county, account, grid) DO UPDATE SET now = true;
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT coalesce(v_status, 0::smallint), v_bad, cardinality(p_account);
END
$$;

-- Rows that are there already keep their events and states; what the file says of them is taken over.
CREATE OR REPLACE FUNCTION qm.import_households(p_county int, p_by text, p_now bigint, p_household uuid[],
    p_grid bigint[], p_place smallint[], p_status smallint[], p_group text[], p_lane text[], p_door text[],
    p_head bytea[], p_phone bytea[], p_phone_mac bytea[], p_worker text[])
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
    INSERT INTO qm.household AS h (county, household, grid, place, status, worker, rev)
    SELECT p_county, u.household, u.grid, u.place, u.status, u.worker, v_rev
      FROM unnest(p_household, p_grid, p_place, p_status, p_worker) AS u (household, grid, place, status, worker)
    ON CONFLICT (county, household) DO UPDATE SET grid = excluded.grid, place = excluded.place,
        status = excluded.status, worker = excluded.worker, rev = excluded.rev;
    UPDATE qm.household m SET grid = u.grid, rev = v_rev
      FROM unnest(p_household, p_grid) AS u (household, grid)
     WHERE m.county = p_county AND m.merged_into = u.household AND m.grid <> u.grid;
    INSERT INTO qm.household_card AS c (county, household, village_group, lane, door, head, phone, phone_mac)
    SELECT p_county, u.household, u.village_group, u.lane, u.door, u.head, u.phone, u.mac
      FROM unnest(p_household, p_group, p_lane, p_door, p_head, p_phone, p_phone_mac)
           AS u (household, village_group, lane, door, head, phone, mac)
    ON CONFLICT (county, household) DO UPDATE SET village_group = excluded.village_group, lane = excluded.lane,
        door = excluded.door, head = excluded.head, phone = excluded.phone, phone_mac = excluded.phone_mac;
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
    ON CONFLICT (county, resident) DO UPDATE SET household = excluded.household, grid = excluded.grid,
        home = excluded.home, status = excluded.status, born = excluded.born, band = excluded.band,
        rev = excluded.rev;
    INSERT INTO qm.resident_card AS c (county, resident, name, phone, phone_mac, groups)
    SELECT p_county, u.resident, u.name, u.phone, u.mac, coalesce(string_to_array(nullif(u.groups, ''), ','), '{}')
      FROM unnest(p_resident, p_name, p_phone, p_phone_mac, p_groups) AS u (resident, name, phone, mac, groups)
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

-- One household's register facts changed: old out, new in, residents follow.
CREATE OR REPLACE FUNCTION qm.change_household(p_head qm.log_head, p_by text, p_now bigint, p_household uuid,
    p_what text, p_old text, p_new text, p_grid bigint, p_status smallint, p_into uuid, p_worker text)
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_rev bigint := p_head.revision + 1;
    v_old qm.household;
    v_h qm.household_state[];
BEGIN
    SELECT * INTO v_old FROM qm.household h WHERE h.county = p_head.county AND h.household = p_household;
    UPDATE qm.household h
       SET grid = p_grid, status = p_status, merged_into = p_into, worker = nullif(p_worker, ''), rev = v_rev
     WHERE h.county = p_head.county AND h.household = p_household
    RETURNING ARRAY[qm.state_of(v_old, -1), qm.state_of(h, 1)] INTO v_h;
    IF v_old.grid <> p_grid OR p_status IN (4, 5) AND v_old.status <> p_status THEN
        INSERT INTO qm.household_left (county, household, rev, grid)
        VALUES (p_head.county, p_household, v_rev, v_old.grid) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO qm.register_change (county, rev, subject, what, old, new, at, by_account)
    VALUES (p_head.county, v_rev, p_household, p_what, p_old, p_new, p_now, p_by) ON CONFLICT DO NOTHING;
    PERFORM qm.post(p_head.county, v_h, NULL);
    PERFORM qm.rehome(p_head.county, v_rev, ARRAY[p_household]);
END
$$;

CREATE OR REPLACE FUNCTION qm.set_status(p_county int, p_by text, p_now bigint, p_what text, p_subject uuid,
                                         p_status smallint)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_home qm.household;
    v_old qm.resident;
    v_r qm.resident_state[];
BEGIN
    IF p_what = 'household' THEN
        SELECT * INTO v_home FROM qm.household h WHERE h.county = p_county AND h.household = p_subject;
        IF v_home.household IS NULL OR v_home.status = 5 OR p_status NOT IN (1, 2, 3, 4, 6) THEN
            RETURN QUERY SELECT 5::smallint;
            RETURN;
        END IF;
        PERFORM qm.change_household(v_head, p_by, p_now, p_subject, 'status', v_home.status::text,
            p_status::text, v_home.grid, p_status, NULL, v_home.worker);
    ELSE
        SELECT * INTO v_old FROM qm.resident r WHERE r.county = p_county AND r.resident = p_subject;
        IF v_old.resident IS NULL OR p_status NOT BETWEEN 1 AND 5 THEN
            RETURN QUERY SELECT 5::smallint;
            RETURN;
        END IF;
        UPDATE qm.resident r SET status = p_status, rev = v_head.revision + 1
         WHERE r.county = p_county AND r.resident = p_subject
        RETURNING ARRAY[qm.state_of(v_old, -1), qm.state_of(r, 1)] INTO v_r;
        INSERT INTO qm.register_change (county, rev, subject, what, old, new, at, by_account)
        VALUES (p_county, v_head.revision + 1, p_subject, 'status', v_old.status::text, p_status::text, p_now, p_by);
        PERFORM qm.post(p_county, NULL, v_r);
    END IF;
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.claim(p_county int, p_by text, p_now bigint, p_household uuid[], p_worker text[])
RETURNS TABLE (status smallint, bad int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_rev bigint := v_head.revision + 1;
    v_status smallint;
    v_bad int;
    v_h qm.household_state[];
BEGIN
    SELECT u.o, CASE WHEN h.household IS NULL OR h.status = 5 THEN 5 ELSE 7 END INTO v_bad, v_status
      FROM unnest(p_household, p_worker) WITH ORDINALITY AS u (household, worker, o)
      LEFT JOIN qm.household h ON h.county = p_county AND h.household = u.household
      LEFT JOIN qm.account a ON a.county = p_county AND a.account = u.worker
     WHERE h.household IS NULL OR h.status = 5 OR u.worker <> '' AND a.account IS NULL
     ORDER BY u.o LIMIT 1;
    IF v_bad IS NULL THEN
        WITH asked AS MATERIALIZED (
            SELECT DISTINCT ON (u.household) u.household, nullif(u.worker, '') AS worker,
                   coalesce(h.worker, '') AS was, qm.state_of(h, -1) AS s
              FROM unnest(p_household, p_worker) WITH ORDINALITY AS u (household, worker, o)
              JOIN qm.household h ON h.county = p_county AND h.household = u.household
             ORDER BY u.household, u.o DESC
        ), noted AS (
            INSERT INTO qm.register_change (county, rev, subject, what, old, new, at, by_account)
            SELECT p_county, v_rev, a.household, 'worker', a.was, coalesce(a.worker, ''), p_now, p_by FROM asked a
        ), new AS (
            UPDATE qm.household h SET worker = a.worker, rev = v_rev FROM asked a
             WHERE h.county = p_county AND h.household = a.household
            RETURNING qm.state_of(h, 1) AS s
        )
        SELECT array_agg(u.s) INTO v_h FROM (SELECT s FROM asked UNION ALL SELECT s FROM new) u;
        PERFORM qm.post(p_county, v_h, NULL);
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT coalesce(v_status, 0::smallint), v_bad;
END
$$;

-- Merged households move along with the one that stands for them.
CREATE OR REPLACE FUNCTION qm.move_household(p_county int, p_by text, p_now bigint, p_household uuid, p_grid bigint)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_h qm.household;
BEGIN
    SELECT * INTO v_h FROM qm.household h WHERE h.county = p_county AND h.household = p_household;
    IF v_h.household IS NULL OR v_h.status = 5 THEN
        RETURN QUERY SELECT 5::smallint;
    ELSIF NOT EXISTS (SELECT FROM qm.grid g WHERE g.county = p_county AND g.grid = p_grid) THEN
        RETURN QUERY SELECT 6::smallint;
    ELSE
        PERFORM qm.change_household(v_head, p_by, p_now, p_household, 'grid', v_h.grid::text, p_grid::text,
            p_grid, v_h.status, NULL, v_h.worker);
        UPDATE qm.household m SET grid = p_grid, rev = v_head.revision + 1
         WHERE m.county = p_county AND m.merged_into = p_household;
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
        RETURN QUERY SELECT 0::smallint;
    END IF;
END
$$;

-- merged_into always names the household that stands in the end, so that nobody follows chains.
CREATE OR REPLACE FUNCTION qm.merge_household(p_county int, p_by text, p_now bigint, p_gone uuid, p_into uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_rev bigint := v_head.revision + 1;
    v_gone qm.household;
    v_into qm.household;
    v_r qm.resident_state[];
BEGIN
    SELECT * INTO v_gone FROM qm.household h WHERE h.county = p_county AND h.household = p_gone;
    SELECT * INTO v_into FROM qm.household h WHERE h.county = p_county AND h.household = p_into;
    IF v_gone.household IS NULL OR v_into.household IS NULL OR v_gone.status = 5 OR v_into.status = 5
       OR p_gone = p_into THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    WITH old AS MATERIALIZED (
        SELECT r.resident AS id, qm.state_of(r, -1) AS s FROM qm.resident r
         WHERE r.county = p_county AND r.household = p_gone
    ), new AS (
        UPDATE qm.resident r
           SET household = p_into, grid = v_into.grid, home = qm.home_of(v_into.place, v_into.status), rev = v_rev
          FROM old o WHERE r.county = p_county AND r.resident = o.id
        RETURNING qm.state_of(r, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_r FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;
    PERFORM qm.post(p_county, NULL, v_r);
    UPDATE qm.household m SET merged_into = p_into, grid = v_into.grid, rev = v_rev
     WHERE m.county = p_county AND m.merged_into = p_gone;
    PERFORM qm.change_household(v_head, p_by, p_now, p_gone, 'merged', '', qm.pseudonym(p_into), v_into.grid,
        5::smallint, p_into, v_gone.worker);
    PERFORM qm.refold(p_county, v_rev, ARRAY[p_gone, p_into], '{}');
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.move_resident(p_county int, p_by text, p_now bigint, p_resident uuid, p_household uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_old qm.resident;
    v_r qm.resident_state[];
    v_home qm.household;
BEGIN
    SELECT * INTO v_old FROM qm.resident r WHERE r.county = p_county AND r.resident = p_resident;
    SELECT * INTO v_home FROM qm.household h WHERE h.county = p_county AND h.household = p_household;
    IF v_old.resident IS NULL THEN
        RETURN QUERY SELECT 5::smallint;
    ELSIF v_home.household IS NULL OR v_home.status = 5 THEN
        RETURN QUERY SELECT 8::smallint;
    ELSE
        UPDATE qm.resident r
           SET household = p_household, grid = v_home.grid, home = qm.home_of(v_home.place, v_home.status),
               rev = v_head.revision + 1
         WHERE r.county = p_county AND r.resident = p_resident
        RETURNING ARRAY[qm.state_of(v_old, -1), qm.state_of(r, 1)] INTO v_r;
        INSERT INTO qm.resident_left (county, grid, rev, resident)
        VALUES (p_county, v_old.grid, v_head.revision + 1, p_resident);
        INSERT INTO qm.register_change (county, rev, subject, what, old, new, at, by_account)
        VALUES (p_county, v_head.revision + 1, p_resident, 'household', qm.pseudonym(v_old.household),
                qm.pseudonym(p_household), p_now, p_by);
        PERFORM qm.post(p_county, NULL, v_r);
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
        RETURN QUERY SELECT 0::smallint;
    END IF;
END
$$;
