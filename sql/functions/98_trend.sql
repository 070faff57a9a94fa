-- Closing a day: the counters as they stand are kept under the day that they stood for.

CREATE OR REPLACE FUNCTION qm.day_close(p_head qm.log_head) RETURNS void
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    INSERT INTO qm.area_day (county, code, day, size, packed)
    SELECT c.county, c.village::text, p_head.age_day, p_head.size, c.packed
      FROM qm.village_counter c WHERE c.county = p_head.county
    ON CONFLICT (county, code, day) DO NOTHING;
    INSERT INTO qm.area_day (county, code, day, size, packed)
    SELECT p_head.county, s.code, p_head.age_day, p_head.size, qm.pack(array_agg(s.x ORDER BY s.o)::bigint[])
      FROM (SELECT left(c.village::text, l.digits) AS code, t.o, sum(t.x) AS x
              FROM qm.village_counter c, unnest(c.v) WITH ORDINALITY AS t (x, o), (VALUES (6), (9)) AS l (digits)
             WHERE c.county = p_head.county
             GROUP BY 1, 2) s
     GROUP BY s.code
    ON CONFLICT (county, code, day) DO NOTHING;
END
$$;

-- What an area's counters rose by since a day was closed, by records that are carried over; null: nothing.
CREATE OR REPLACE FUNCTION qm.carried_since(p_county int, p_code text, p_day date) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(t.x ORDER BY t.o)
      FROM (SELECT u.o, sum(u.x)::bigint AS x
              FROM qm.carried_gain g, unnest(g.v) WITH ORDINALITY AS u (x, o)
             WHERE g.county = p_county AND g.day > p_day
               AND g.village BETWEEN rpad(p_code, 12, '0')::bigint AND rpad(p_code, 12, '9')::bigint
             GROUP BY u.o) t
$$;

-- A packed row and a further one, place by place; of a null one nothing comes.
CREATE OR REPLACE FUNCTION qm.packed_add(p_packed bytea, p_v bigint[]) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_v IS NULL THEN p_packed ELSE qm.pack(qm.add(qm.unpack(p_packed), p_v)) END
$$;
