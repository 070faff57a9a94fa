-- Responsible persons and lecturers of divisions, and what pages remember for a county.

-- Each row a person.  With p_replace those who had one of the duties named for a division before go.
CREATE OR REPLACE FUNCTION qm.duties_put(p_county int, p_by text, p_now bigint, p_replace boolean, p_person uuid[],
                                         p_division text[], p_duty smallint[], p_name bytea[], p_phone bytea[],
                                         p_trained date[])
RETURNS TABLE (status smallint, bad int, rows int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint := 0;
    v_bad int;
BEGIN
    SELECT u.o, CASE WHEN u.duty BETWEEN 1 AND 5 AND u.name IS NOT NULL THEN 6 ELSE 1 END INTO v_bad, v_status
      FROM unnest(p_division, p_duty, p_name) WITH ORDINALITY AS u (division, duty, name, o)
     WHERE NOT starts_with(u.division, p_county::text)
        OR NOT EXISTS (SELECT FROM qm.division d WHERE d.code = u.division)
        OR (u.duty BETWEEN 1 AND 5 AND u.name IS NOT NULL) IS NOT TRUE
     ORDER BY u.o LIMIT 1;
    IF v_bad IS NULL THEN
        DELETE FROM qm.duty_person k
         WHERE p_replace AND k.county = p_county
           AND (k.division, k.duty) IN (SELECT u.division, u.duty FROM unnest(p_division, p_duty) AS u (division, duty));
        INSERT INTO qm.duty_person AS k (county, person, division, duty, name, phone, trained_on, by_account, at)
        SELECT p_county, u.person, u.division, u.duty, u.name, u.phone, u.trained, p_by, p_now
          FROM unnest(p_person, p_division, p_duty, p_name, p_phone, p_trained)
               AS u (person, division, duty, name, phone, trained)
        ON CONFLICT (county, person) DO NOTHING;
    END IF;
    RETURN QUERY SELECT coalesce(v_status, 0::smallint), v_bad, cardinality(p_person);
END
$$;

CREATE OR REPLACE FUNCTION qm.duty_trained(p_county int, p_by text, p_now bigint, p_prefix text, p_person uuid, p_day date)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    UPDATE qm.duty_person k SET trained_on = p_day, by_account = p_by, at = p_now
     WHERE k.county = p_county AND k.person = p_person AND starts_with(k.division, p_prefix);
    RETURN QUERY SELECT CASE WHEN FOUND THEN 0 ELSE 5 END::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.duty_remove(p_county int, p_by text, p_now bigint, p_prefix text, p_person uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    DELETE FROM qm.duty_person k
     WHERE k.county = p_county AND k.person = p_person AND starts_with(k.division, p_prefix);
    RETURN QUERY SELECT CASE WHEN FOUND THEN 0 ELSE 5 END::smallint;
END
$$;

-- How many lecturers a village of so many people needs: at least one.
CREATE OR REPLACE FUNCTION qm.lecturers_needed(p_people bigint, p_per int, p_round text) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(1, CASE p_round WHEN 'up' THEN (p_people + p_per - 1) / p_per
                                    WHEN 'nearest' THEN (2 * p_people + p_per) / (2 * p_per)
                                    ELSE p_people / p_per END)::int
$$;

-- The divisions of an area that have grids, with how many have which duty.  People of a village: the
-- population of its grids if each says it, otherwise those whom the register has there.
CREATE OR REPLACE FUNCTION qm.duty_table(p_county int, p_role text, p_prefix text, p_within text)
RETURNS TABLE (code text, name text, level text, people bigint, needed int, n int[], trained int)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_rule jsonb := (SELECT p.body::jsonb FROM qm.preference p WHERE p.county = p_county AND p.name = 'duties');
BEGIN
    RETURN QUERY
    WITH villages AS MATERIALIZED (
        SELECT (g.grid / 1000)::text AS village, sum(g.population)::bigint AS said, count(*) = count(g.population) AS all_say
          FROM qm.grid g
         WHERE g.county = p_county AND p_role IS NOT NULL AND starts_with(p_within, p_prefix) AND length(p_within) <= 12
           AND g.grid BETWEEN qm.first_grid(p_within) AND qm.last_grid(p_within)
         GROUP BY 1),
    above AS (
        SELECT v.village AS code FROM villages v
        UNION SELECT left(v.village, 9) FROM villages v
        UNION SELECT left(v.village, 6) FROM villages v),
    lived AS ( -- counted once through the area, and only if a village needs it
        SELECT r.grid / 1000 AS village, count(*) AS people
          FROM qm.resident r
         WHERE EXISTS (SELECT FROM villages v WHERE NOT v.all_say) AND r.county = p_county
           AND r.grid BETWEEN qm.first_grid(p_within) AND qm.last_grid(p_within) AND r.status NOT IN (3, 4)
         GROUP BY 1),
    found AS (
        SELECT d.code, d.name, d.level, v.village,
               CASE WHEN v.all_say THEN v.said WHEN v.village IS NOT NULL THEN coalesce(l.people, 0) END AS people
          FROM above a JOIN qm.division d ON d.code = a.code
          LEFT JOIN villages v ON v.village = d.code
          LEFT JOIN lived l ON l.village = v.village::bigint
         WHERE starts_with(d.code, p_within) AND d.level IN ('county', 'township', 'village')),
    held AS (
        SELECT k.division, k.duty, count(*)::int AS n, count(k.trained_on)::int AS trained
          FROM qm.duty_person k WHERE k.county = p_county AND starts_with(k.division, p_within) GROUP BY 1, 2)
    SELECT f.code, f.name, f.level, f.people,
           CASE WHEN f.village IS NULL THEN 0
                ELSE qm.lecturers_needed(f.people, coalesce((v_rule ->> 'people')::int, 1000), v_rule ->> 'round') END,
           ARRAY(SELECT coalesce((SELECT h.n FROM held h WHERE h.division = f.code AND h.duty = w), 0)
                   FROM generate_series(1, 5) AS w ORDER BY w),
           coalesce((SELECT h.trained FROM held h WHERE h.division = f.code AND h.duty = 5), 0)
      FROM found f ORDER BY f.code;
END
$$;

CREATE OR REPLACE FUNCTION qm.preference_set(p_county int, p_by text, p_now bigint, p_name text, p_body text)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    INSERT INTO qm.preference AS p (county, name, body, by_account, at)
    VALUES (p_county, p_name, p_body, p_by, p_now)
    ON CONFLICT (county, name) DO UPDATE SET body = excluded.body, by_account = excluded.by_account, at = excluded.at;
    RETURN QUERY SELECT 0::smallint;
END
$$;
