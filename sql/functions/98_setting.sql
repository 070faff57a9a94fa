-- Who sets what: targets by the office of their area, all that holds for the whole county by the county's office.
-- One rule for the browser and for the console.

-- The areas that an account answers for now as township's office or admin, within the one that it works in.
-- The county's own code among them: it sets what holds for the whole county.
CREATE OR REPLACE FUNCTION qm.setting_areas(p_county int, p_by text, p_now bigint, p_prefix text) RETURNS text[]
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT CASE WHEN starts_with(r.prefix, p_prefix) THEN r.prefix ELSE p_prefix END), '{}')
      FROM qm.account_role r JOIN qm.account a USING (county, account)
     WHERE r.county = p_county AND r.account = p_by AND r.role IN ('township', 'admin') AND NOT a.closed
       AND qm.role_holds(r.from_day, r.until_day, qm.day_of(p_now))
       AND (starts_with(r.prefix, p_prefix) OR starts_with(p_prefix, r.prefix))
$$;

-- The targets in force without those of some areas, as they were written, and behind them the given ones.
CREATE OR REPLACE FUNCTION qm.targets_joined(p_county int, p_areas text[], p_given json) RETURNS json
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    WITH rows AS (
        SELECT 1 AS part, k.n, k.target
          FROM qm.setting s JOIN qm.object o USING (county, sha256),
               LATERAL json_array_elements(convert_from(o.body, 'UTF8')::json) WITH ORDINALITY AS k (target, n)
         WHERE s.county = p_county AND s.kind = 'targets'
           AND NOT EXISTS (SELECT FROM unnest(p_areas) AS a (area) WHERE starts_with(k.target ->> 'prefix', a.area))
        UNION ALL
        SELECT 2, g.n, g.target FROM json_array_elements(p_given) WITH ORDINALITY AS g (target, n)
    )
    SELECT ('[' || coalesce(string_agg(r.target::text, ',' ORDER BY r.part, r.n), '') || ']')::json FROM rows r
$$;

-- status: 0 in force, 1 was in force already; 2 not this account's to set; 3 a target (`bad`, from 0) lies outside its
-- areas; 4 together with those of other areas more than so many rows or bytes.
-- The county's office sets all targets, and their bytes are kept as they are.  Any other account sets those of its
-- areas: they take the place of the ones that its areas had.
CREATE OR REPLACE FUNCTION qm.setting_put(p_county int, p_by text, p_now bigint, p_prefix text, p_kind text, p_body bytea,
                                          p_rows_max int, p_bytes_max int)
RETURNS TABLE (status smallint, idx bigint, size bigint, sha256 bytea, bad int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_areas text[] := qm.setting_areas(p_county, p_by, p_now, p_prefix);
    v_body bytea := p_body;
    v_joined json;
BEGIN
    status := 0;
    IF NOT v_head.county::text = ANY (v_areas) THEN
        IF p_kind <> 'targets' OR v_areas = '{}' THEN
            status := 2;
        ELSE
            SELECT g.n - 1 INTO bad
              FROM json_array_elements(convert_from(p_body, 'UTF8')::json) WITH ORDINALITY AS g (target, n)
             WHERE NOT EXISTS (SELECT FROM unnest(v_areas) AS a (area) WHERE starts_with(g.target ->> 'prefix', a.area))
             ORDER BY g.n LIMIT 1;
            v_joined := qm.targets_joined(p_county, v_areas, convert_from(p_body, 'UTF8')::json);
            v_body := convert_to(v_joined::text, 'UTF8');
            status := CASE WHEN bad IS NOT NULL THEN 3
                           WHEN json_array_length(v_joined) > p_rows_max OR length(v_body) > p_bytes_max THEN 4
                           ELSE 0 END;
        END IF;
    END IF;
    IF status = 0 THEN
        sha256 := pg_catalog.sha256(v_body);
        SELECT c.status, c.idx, c.size INTO status, idx, size
          FROM qm.set_config(p_county, p_by, p_now, p_kind, sha256, v_body, true) c;
    END IF;
    RETURN NEXT;
END
$$;

-- What pages remember: status 2 where it holds for the whole county and this account's office is not the county's.
CREATE OR REPLACE FUNCTION qm.preference_put(p_county int, p_by text, p_now bigint, p_prefix text, p_name text, p_body text)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    status := 2;
    IF p_name NOT IN ('duties', 'groups')
       OR v_head.county::text = ANY (qm.setting_areas(p_county, p_by, p_now, p_prefix)) THEN
        SELECT s.status INTO status FROM qm.preference_set(p_county, p_by, p_now, p_name, p_body) s;
    END IF;
    RETURN NEXT;
END
$$;
