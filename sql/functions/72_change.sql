-- What the office changes in the register, one fact at a time: status, claims, moves, merges.  Status of
-- every function: 0 done, 1 a value is wrong, 5 subject unknown, 6 grid unknown, 7 worker unknown, 8 household
-- unknown; nothing is kept then.

-- All facts of households and residents as they are now, in the `old` members.
CREATE OR REPLACE FUNCTION qm.facts_of(p_county int, p_subjects uuid[]) RETURNS SETOF qm.fact
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT h.household, x.what, x.old, NULL::text, x.bytes, NULL::bytea, x.mac, NULL::bytea
      FROM qm.household h
      JOIN qm.household_card c ON c.county = h.county AND c.household = h.household,
           LATERAL (VALUES ('place', h.place::text, NULL::bytea, NULL::bytea),
                           ('status', h.status::text, NULL, NULL), ('grid', h.grid::text, NULL, NULL),
                           ('merged', coalesce(qm.pseudonym(h.merged_into), ''), NULL, NULL),
                           ('worker', coalesce(h.worker, ''), NULL, NULL),
                           ('group', '', convert_to(c.village_group, 'UTF8'), NULL),
                           ('lane', '', convert_to(c.lane, 'UTF8'), NULL),
                           ('door', '', convert_to(c.door, 'UTF8'), NULL),
                           ('ref', '', convert_to(coalesce(c.ref, ''), 'UTF8'), NULL),
                           ('head', '', c.head, NULL), ('phone', '', c.phone, c.phone_mac))
               AS x (what, old, bytes, mac)
     WHERE h.county = p_county AND h.household = ANY (p_subjects)
    UNION ALL
    SELECT r.resident, x.what, x.old, NULL::text, x.bytes, NULL::bytea, x.mac, NULL::bytea
      FROM qm.resident r
      JOIN qm.resident_card c ON c.county = r.county AND c.resident = r.resident,
           LATERAL (VALUES ('status', r.status::text, NULL::bytea, NULL::bytea),
                           ('household', qm.pseudonym(r.household), NULL, NULL),
                           ('born', '', convert_to(coalesce(r.born::text, ''), 'UTF8'), NULL),
                           ('groups', '', convert_to(array_to_string(c.groups, ','), 'UTF8'), NULL),
                           ('name', '', c.name, NULL), ('phone', '', c.phone, c.phone_mac))
               AS x (what, old, bytes, mac)
     WHERE r.county = p_county AND r.resident = ANY (p_subjects)
$$;

-- Facts of households: rows, cards, what was merged into them; their residents follow later.
CREATE OR REPLACE FUNCTION qm.put_household_facts(p_county int, p_rev bigint, p_facts qm.fact[]) RETURNS void
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_h qm.household_state[];
BEGIN
    INSERT INTO qm.household_left (county, household, rev, grid)
    SELECT DISTINCT p_county, h.household, p_rev, h.grid
      FROM unnest(p_facts) AS f
      JOIN qm.household h ON h.county = p_county AND h.household = f.subject
     WHERE f.what = 'grid' OR f.what = 'status' AND f.new IN ('4', '5')
    ON CONFLICT (county, household, rev) DO NOTHING;
    WITH n AS MATERIALIZED (
        SELECT f.subject, max(f.new) FILTER (WHERE f.what = 'place') AS place,
               max(f.new) FILTER (WHERE f.what = 'status') AS status,
               max(f.new) FILTER (WHERE f.what = 'grid') AS grid,
               max(f.new) FILTER (WHERE f.what = 'merged') AS merged,
               max(f.new) FILTER (WHERE f.what = 'worker') AS worker
          FROM unnest(p_facts) AS f GROUP BY f.subject
    ), old AS MATERIALIZED (
        SELECT qm.state_of(h, -1) AS s FROM n JOIN qm.household h ON h.county = p_county AND h.household = n.subject
    ), new AS (
        UPDATE qm.household h
           SET place = coalesce(n.place::smallint, h.place), status = coalesce(n.status::smallint, h.status),
               grid = coalesce(n.grid::bigint, h.grid), rev = p_rev,
               merged_into = CASE WHEN n.merged IS NULL THEN h.merged_into ELSE qm.pseudonym_id(n.merged) END,
               worker = CASE WHEN n.worker IS NULL THEN h.worker ELSE nullif(n.worker, '') END
          FROM n WHERE h.county = p_county AND h.household = n.subject
        RETURNING qm.state_of(h, 1) AS s
    ), moved AS (
        UPDATE qm.household_card c SET grid = n.grid::bigint
          FROM n WHERE n.grid IS NOT NULL AND c.county = p_county AND c.household = n.subject
    )
    SELECT array_agg(u.s) INTO v_h FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;
    UPDATE qm.household_card c
       SET village_group = coalesce(n.village_group, c.village_group), lane = coalesce(n.lane, c.lane),
           door = coalesce(n.door, c.door), ref = CASE WHEN n.ref IS NULL THEN c.ref ELSE nullif(n.ref, '') END,
           head = CASE WHEN n.has_head THEN n.head ELSE c.head END,
           phone = CASE WHEN n.has_phone THEN n.phone ELSE c.phone END,
           phone_mac = CASE WHEN n.has_phone THEN n.mac ELSE c.phone_mac END
      FROM (SELECT f.subject,
                   max(convert_from(f.new_bytes, 'UTF8')) FILTER (WHERE f.what = 'group') AS village_group,
                   max(convert_from(f.new_bytes, 'UTF8')) FILTER (WHERE f.what = 'lane') AS lane,
                   max(convert_from(f.new_bytes, 'UTF8')) FILTER (WHERE f.what = 'door') AS door,
                   max(convert_from(f.new_bytes, 'UTF8')) FILTER (WHERE f.what = 'ref') AS ref,
                   bool_or(f.what = 'head') AS has_head, bool_or(f.what = 'phone') AS has_phone,
                   (array_agg(f.new_bytes) FILTER (WHERE f.what = 'head'))[1] AS head,
                   (array_agg(f.new_bytes) FILTER (WHERE f.what = 'phone'))[1] AS phone,
                   (array_agg(f.new_mac) FILTER (WHERE f.what = 'phone'))[1] AS mac
              FROM unnest(p_facts) AS f
             WHERE f.what IN ('group', 'lane', 'door', 'ref', 'head', 'phone') GROUP BY f.subject) n
     WHERE c.county = p_county AND c.household = n.subject;
    PERFORM qm.post(p_county, v_h, NULL);
END
$$;

-- Facts of residents; grid and effective status are those of the household that they are in then.
CREATE OR REPLACE FUNCTION qm.put_resident_facts(p_head qm.log_head, p_rev bigint, p_facts qm.fact[]) RETURNS void
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_r qm.resident_state[];
BEGIN
    INSERT INTO qm.resident_left (county, grid, rev, resident)
    SELECT p_head.county, r.grid, p_rev, r.resident
      FROM unnest(p_facts) AS f
      JOIN qm.resident r ON r.county = p_head.county AND r.resident = f.subject
     WHERE f.what = 'household'
    ON CONFLICT (county, grid, rev, resident) DO NOTHING;
    WITH f AS MATERIALIZED (
        SELECT u.subject, max(u.new) FILTER (WHERE u.what = 'status') AS status,
               max(u.new) FILTER (WHERE u.what = 'household') AS household,
               bool_or(u.what = 'born') AS has_born,
               max(convert_from(u.new_bytes, 'UTF8')) FILTER (WHERE u.what = 'born') AS born
          FROM unnest(p_facts) AS u GROUP BY u.subject
    ), n AS MATERIALIZED (
        SELECT f.subject, coalesce(f.status::smallint, r.status) AS status,
               CASE WHEN f.has_born THEN nullif(f.born, '')::date ELSE r.born END AS born,
               coalesce(qm.pseudonym_id(f.household), r.household) AS household, qm.state_of(r, -1) AS s
          FROM f JOIN qm.resident r ON r.county = p_head.county AND r.resident = f.subject
    ), new AS (
        UPDATE qm.resident r
           SET status = n.status, born = n.born, band = qm.age_band(n.born, p_head.age_day), rev = p_rev,
               household = n.household, grid = coalesce(h.grid, r.grid), home = qm.home_of(h.place, h.status)
          FROM n LEFT JOIN qm.household h ON h.county = p_head.county AND h.household = n.household
         WHERE r.county = p_head.county AND r.resident = n.subject
        RETURNING qm.state_of(r, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_r FROM (SELECT s FROM n UNION ALL SELECT s FROM new) u;
    UPDATE qm.resident_card c
       SET groups = coalesce(string_to_array(n.groups, ','), c.groups),
           name = CASE WHEN n.has_name THEN n.name ELSE c.name END,
           phone = CASE WHEN n.has_phone THEN n.phone ELSE c.phone END,
           phone_mac = CASE WHEN n.has_phone THEN n.mac ELSE c.phone_mac END
      FROM (SELECT f.subject, max(convert_from(f.new_bytes, 'UTF8')) FILTER (WHERE f.what = 'groups') AS groups,
                   bool_or(f.what = 'name') AS has_name, bool_or(f.what = 'phone') AS has_phone,
                   (array_agg(f.new_bytes) FILTER (WHERE f.what = 'name'))[1] AS name,
                   (array_agg(f.new_bytes) FILTER (WHERE f.what = 'phone'))[1] AS phone,
                   (array_agg(f.new_mac) FILTER (WHERE f.what = 'phone'))[1] AS mac
              FROM unnest(p_facts) AS f
             WHERE f.what IN ('groups', 'name', 'phone') GROUP BY f.subject) n
     WHERE c.county = p_head.county AND c.resident = n.subject;
    PERFORM qm.post(p_head.county, NULL, v_r);
END
$$;

-- THE one way in which the office changes facts: those that differ are noted, put, counted and folded.
-- p_undoes: the change that this takes back, or null.  The caller has locked the head and writes it.
CREATE OR REPLACE FUNCTION qm.put_facts(p_head qm.log_head, p_by text, p_now bigint, p_undoes bigint,
                                        p_want qm.fact[]) RETURNS int
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_rev bigint := p_head.revision + 1;
    v_all qm.fact[];
    v_homes qm.fact[];
    v_people qm.fact[];
BEGIN
    SELECT array_agg(t.f), array_agg(t.f) FILTER (WHERE t.home), array_agg(t.f) FILTER (WHERE NOT t.home)
      INTO v_all, v_homes, v_people
      FROM (SELECT ROW(o.subject, o.what, o.old, n.new, o.old_bytes, n.new_bytes, o.old_mac, n.new_mac)::qm.fact AS f,
                   EXISTS (SELECT FROM qm.household h
                            WHERE h.county = p_head.county AND h.household = o.subject) AS home
              FROM unnest(p_want) AS n
              JOIN qm.facts_of(p_head.county, ARRAY(SELECT u.subject FROM unnest(p_want) AS u)) o
                ON o.subject = n.subject AND o.what = n.what
             WHERE (n.new, n.new_bytes) IS DISTINCT FROM (o.old, o.old_bytes)) t;
    INSERT INTO qm.register_change (county, rev, subject, what, old, new, at, by_account, undoes)
    SELECT p_head.county, v_rev, f.subject, f.what, f.old, f.new, p_now, p_by, p_undoes FROM unnest(v_all) AS f;
    INSERT INTO qm.register_kept (county, rev, subject, what, old, new, old_mac, new_mac)
    SELECT p_head.county, v_rev, f.subject, f.what, f.old_bytes, f.new_bytes, f.old_mac, f.new_mac
      FROM unnest(v_all) AS f WHERE f.old_bytes IS NOT NULL OR f.new_bytes IS NOT NULL;
    IF v_homes IS NOT NULL THEN
        PERFORM qm.put_household_facts(p_head.county, v_rev, v_homes);
    END IF;
    IF v_people IS NOT NULL THEN
        PERFORM qm.put_resident_facts(p_head, v_rev, v_people);
    END IF;
    IF v_homes IS NOT NULL THEN
        PERFORM qm.rehome(p_head.county, v_rev, ARRAY(SELECT DISTINCT f.subject FROM unnest(v_homes) AS f));
        PERFORM qm.refold(p_head.county, v_rev, ARRAY(
            SELECT f.subject FROM unnest(v_homes) AS f WHERE f.what = 'merged'
            UNION SELECT qm.pseudonym_id(x) FROM unnest(v_homes) AS f, LATERAL unnest(ARRAY[f.old, f.new]) AS x
             WHERE f.what = 'merged' AND x <> ''), '{}');
    END IF;
    RETURN coalesce(cardinality(v_all), 0);
END
$$;

-- A fact that becomes a text.
CREATE OR REPLACE FUNCTION qm.fact(p_subject uuid, p_what text, p_new text) RETURNS qm.fact
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_subject, p_what, NULL, p_new, NULL, NULL, NULL, NULL)::qm.fact
$$;

CREATE OR REPLACE FUNCTION qm.set_status(p_county int, p_by text, p_now bigint, p_what text, p_subject uuid,
                                         p_status smallint)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    IF (CASE p_what WHEN 'household' THEN p_status NOT IN (1, 2, 3, 4, 6)
            OR NOT EXISTS (SELECT FROM qm.household h
                            WHERE h.county = p_county AND h.household = p_subject AND h.status <> 5)
        ELSE p_status NOT BETWEEN 1 AND 5
            OR NOT EXISTS (SELECT FROM qm.resident r WHERE r.county = p_county AND r.resident = p_subject) END) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    PERFORM qm.put_facts(v_head, p_by, p_now, NULL, ARRAY[qm.fact(p_subject, 'status', p_status::text)]);
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
             WHERE a.was <> coalesce(a.worker, '')
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
    v_status smallint := qm.do_move_household(v_head, p_by, p_now, p_household, p_grid);
BEGIN
    IF v_status = 0 THEN
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT v_status;
END
$$;

CREATE OR REPLACE FUNCTION qm.do_move_household(p_head qm.log_head, p_by text, p_now bigint, p_household uuid,
                                                p_grid bigint) RETURNS smallint
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM qm.household h
                    WHERE h.county = p_head.county AND h.household = p_household AND h.status <> 5) THEN
        RETURN 5;
    ELSIF NOT EXISTS (SELECT FROM qm.grid g WHERE g.county = p_head.county AND g.grid = p_grid) THEN
        RETURN 6;
    END IF;
    PERFORM qm.put_facts(p_head, p_by, p_now, NULL, ARRAY(
        SELECT qm.fact(h.household, 'grid', p_grid::text) FROM qm.household h
         WHERE h.county = p_head.county AND (h.household = p_household OR h.merged_into = p_household)));
    RETURN 0;
END
$$;

CREATE OR REPLACE FUNCTION qm.merge_household(p_county int, p_by text, p_now bigint, p_gone uuid, p_into uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint := qm.do_merge(v_head, p_by, p_now, p_gone, p_into);
BEGIN
    IF v_status = 0 THEN
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT v_status;
END
$$;

CREATE OR REPLACE FUNCTION qm.do_merge(p_head qm.log_head, p_by text, p_now bigint, p_gone uuid, p_into uuid)
RETURNS smallint LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    IF p_gone = p_into OR 2 <> (SELECT count(*) FROM qm.household h WHERE h.county = p_head.county
                                   AND h.household IN (p_gone, p_into) AND h.status <> 5) THEN
        RETURN 5;
    END IF;
    PERFORM qm.put_facts(p_head, p_by, p_now, NULL, qm.merge_facts(p_head.county, p_gone, p_into));
    RETURN 0;
END
$$;

-- merged_into always names the household that stands in the end, so that nobody follows chains.
CREATE OR REPLACE FUNCTION qm.merge_facts(p_county int, p_gone uuid, p_into uuid) RETURNS qm.fact[]
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    WITH i AS (SELECT i.grid::text AS grid, qm.pseudonym(p_into) AS name FROM qm.household i
                WHERE i.county = p_county AND i.household = p_into)
    SELECT array_agg(qm.fact(t.subject, t.what, t.new))
      FROM (SELECT p_gone AS subject, 'status' AS what, '5' AS new
            UNION ALL SELECT m.household, x.what, x.new
              FROM i, LATERAL (VALUES ('merged', i.name), ('grid', i.grid)) AS x (what, new), qm.household m
             WHERE m.county = p_county AND (m.household = p_gone OR m.merged_into = p_gone)
            UNION ALL SELECT r.resident, 'household', i.name
              FROM i, qm.resident r WHERE r.county = p_county AND r.household = p_gone) t
$$;

CREATE OR REPLACE FUNCTION qm.move_resident(p_county int, p_by text, p_now bigint, p_resident uuid, p_household uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint := qm.do_move_resident(v_head, p_by, p_now, p_resident, p_household);
BEGIN
    IF v_status = 0 THEN
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT v_status;
END
$$;

CREATE OR REPLACE FUNCTION qm.do_move_resident(p_head qm.log_head, p_by text, p_now bigint, p_resident uuid,
                                               p_household uuid) RETURNS smallint
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM qm.resident r WHERE r.county = p_head.county AND r.resident = p_resident) THEN
        RETURN 5;
    ELSIF NOT EXISTS (SELECT FROM qm.household h
                       WHERE h.county = p_head.county AND h.household = p_household AND h.status <> 5) THEN
        RETURN 8;
    END IF;
    PERFORM qm.put_facts(p_head, p_by, p_now, NULL,
                         ARRAY[qm.fact(p_resident, 'household', qm.pseudonym(p_household))]);
    RETURN 0;
END
$$;
