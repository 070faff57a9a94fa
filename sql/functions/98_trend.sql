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
