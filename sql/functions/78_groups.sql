-- Care groups of residents.  Which there are is data: the list that comes with it, until the county keeps one
-- of its own (qm.preference 'groups').  A group is kept for a person only while a target in force names it where
-- that person lives: what one township's target needs is no reason to keep anything in another.

-- The county's list in its order.  areas: those of the targets in force on that day that name the group and have
-- something to say in p_area, above it or within; used: there is one.
CREATE OR REPLACE FUNCTION qm.care_groups(p_county int, p_day date, p_area text)
RETURNS TABLE (code text, zh text, en text, used boolean, areas text[])
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    WITH shipped (body) AS (VALUES ('[
        {"code": "elder_alone", "zh": "独居老人", "en": "elder living alone"},
        {"code": "empty_nest", "zh": "空巢老人", "en": "elder whose children live elsewhere"},
        {"code": "left_behind_elder", "zh": "留守老人", "en": "elder left behind"},
        {"code": "oldest_old", "zh": "高龄老人", "en": "oldest old"},
        {"code": "low_income", "zh": "困难帮扶对象", "en": "low income"},
        {"code": "student", "zh": "学生", "en": "student"},
        {"code": "graduate", "zh": "应届毕业生", "en": "new graduate"},
        {"code": "parent", "zh": "学生家长", "en": "parent of a pupil"},
        {"code": "companion_parent", "zh": "陪读家长", "en": "parent living near the school"},
        {"code": "home_jobless", "zh": "待业在家", "en": "at home without work"},
        {"code": "job_seeker", "zh": "求职者", "en": "job seeker"},
        {"code": "accountant", "zh": "财务人员", "en": "accountant"},
        {"code": "teacher", "zh": "教职工", "en": "teacher or school staff"},
        {"code": "public_staff", "zh": "党政干部职工", "en": "public staff"},
        {"code": "village_cadre", "zh": "村居干部", "en": "village cadre"},
        {"code": "trader", "zh": "个体工商户", "en": "trader"},
        {"code": "business_head", "zh": "企业负责人", "en": "head of a business"},
        {"code": "employee", "zh": "企业员工", "en": "employee"},
        {"code": "away_worker", "zh": "外出务工", "en": "works away"},
        {"code": "incoming_worker", "zh": "外来务工", "en": "came here to work"},
        {"code": "returnee", "zh": "节日返乡", "en": "home for the holidays"}]'::jsonb)
    ), list AS (
        SELECT coalesce((SELECT p.body::jsonb -> 'groups' FROM qm.preference p
                          WHERE p.county = p_county AND p.name = 'groups'), s.body) AS body
          FROM shipped s
    ), named AS (
        SELECT g.code, array_agg(DISTINCT t.target ->> 'prefix' ORDER BY t.target ->> 'prefix') AS areas
          FROM qm.setting s
          JOIN qm.object o ON o.county = s.county AND o.sha256 = s.sha256,
               LATERAL jsonb_array_elements(convert_from(o.body, 'UTF8')::jsonb) AS t (target),
               LATERAL jsonb_array_elements_text(coalesce(t.target -> 'groups', '[]'::jsonb)) AS g (code)
         WHERE s.county = p_county AND s.kind = 'targets'
           AND p_day BETWEEN (t.target ->> 'from')::date AND (t.target ->> 'due')::date
           AND (starts_with(t.target ->> 'prefix', p_area) OR starts_with(p_area, t.target ->> 'prefix'))
         GROUP BY g.code
    )
    SELECT l.row ->> 'code', l.row ->> 'zh', l.row ->> 'en', n.code IS NOT NULL, coalesce(n.areas, '{}')
      FROM list
     CROSS JOIN LATERAL jsonb_array_elements(list.body) WITH ORDINALITY AS l (row, n)
      LEFT JOIN named n ON n.code = l.row ->> 'code'
     ORDER BY l.n
$$;

-- Those of a list that may stay in a grid, in the list's order.  p_codes[i] is named by a target of p_areas[i].
CREATE OR REPLACE FUNCTION qm.groups_of(p_list text[], p_grid bigint, p_codes text[], p_areas text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = qm, pg_temp AS $$
    SELECT ARRAY(SELECT u.code FROM unnest(p_list) WITH ORDINALITY AS u (code, n)
                  WHERE EXISTS (SELECT FROM unnest(p_codes, p_areas) AS m (code, area)
                                 WHERE m.code = u.code AND starts_with(p_grid::text, m.area))
                  ORDER BY u.n)
$$;

-- Takes away, from people and from what earlier changes replaced, the groups that no target in force names where
-- they live.
-- SECURITY DEFINER, because the server's role must not change cards or what was replaced: this only takes
-- groups away.
CREATE OR REPLACE FUNCTION qm.groups_sweep(p_county int, p_day date) RETURNS TABLE (removed int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_codes text[];
    v_areas text[];
    v_who uuid[];
BEGIN
    SELECT array_agg(g.code), array_agg(a.area) INTO v_codes, v_areas
      FROM qm.care_groups(p_county, p_day, p_county::text) g, LATERAL unnest(g.areas) AS a (area);
    UPDATE qm.register_kept k SET old = convert_to(array_to_string(t.old, ','), 'UTF8'),
                                  new = convert_to(array_to_string(t.new, ','), 'UTF8')
      FROM (SELECT o.rev, o.subject, qm.groups_of(w.old, r.grid, v_codes, v_areas) AS old,
                   qm.groups_of(w.new, r.grid, v_codes, v_areas) AS new
              FROM qm.register_kept o
              LEFT JOIN qm.resident r ON r.county = o.county AND r.resident = o.subject,
                   LATERAL (SELECT coalesce(string_to_array(convert_from(o.old, 'UTF8'), ','), '{}') AS old,
                                   coalesce(string_to_array(convert_from(o.new, 'UTF8'), ','), '{}') AS new) w
             WHERE o.county = p_county AND o.what = 'groups'
               AND (qm.groups_of(w.old, r.grid, v_codes, v_areas), qm.groups_of(w.new, r.grid, v_codes, v_areas))
                   <> (w.old, w.new)) t
     WHERE k.county = p_county AND k.rev = t.rev AND k.subject = t.subject AND k.what = 'groups';
    WITH gone AS (
        UPDATE qm.resident_card c SET groups = qm.groups_of(c.groups, r.grid, v_codes, v_areas)
          FROM qm.resident r
         WHERE c.county = p_county AND c.groups <> '{}' AND r.county = c.county AND r.resident = c.resident
           AND qm.groups_of(c.groups, r.grid, v_codes, v_areas) <> c.groups
        RETURNING c.resident
    )
    SELECT array_agg(g.resident) INTO v_who FROM gone g;
    removed := coalesce(cardinality(v_who), 0);
    IF removed > 0 THEN
        UPDATE qm.resident r SET rev = v_head.revision + 1 WHERE r.county = p_county AND r.resident = ANY (v_who);
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN NEXT;
END
$$;
