-- Lists of another time than now, row by row as the lists of 82_lists.sql: those behind a frozen figure, and
-- those whom a week brought.  Who is in one is told by the same fold and the same test of a part as now.
--
-- Happy path: candidates in the order of the list, some hundred at a time -> their fold below a size of the
-- log -> those that are in the part (closed), or were not (week) -> a page.
-- A call looks at a bounded number of candidates: where it stops before the page is full, its last row is a
-- place alone (facts null), from which the next call goes on.
-- Failure: a bulletin that the caller may not see, an area outside it or outside the caller's, a week that no
-- day was closed before: no rows.

-- Homes as a fold gives them, as the test of a part reads them.
CREATE OR REPLACE FUNCTION qm.homes_then(p_county int, p_ids uuid[], p_grids bigint[], p_statuses smallint[],
                                         p_events qm.fold_event[])
RETURNS SETOF qm.household
LANGUAGE sql STABLE AS $$
    SELECT p_county, u.id, u.grid, 1::smallint, u.status, NULL::uuid, NULL::text, coalesce(f.flags, 0), coalesce(f.visits, 0),
           coalesce(f.police, 0), f.door_key, f.signed_key, f.withdrawn_key, f.evidenced_key, f.pledge_key, 0::bigint
      FROM unnest(p_ids, p_grids, p_statuses) AS u (id, grid, status)
      LEFT JOIN qm.fold_households(p_events) f ON f.household = u.id
$$;

-- The same of residents of the 16-60 population, at homes that count.
CREATE OR REPLACE FUNCTION qm.people_then(p_county int, p_ids uuid[], p_grids bigint[], p_events qm.fold_event[])
RETURNS SETOF qm.resident
LANGUAGE sql STABLE AS $$
    SELECT p_county, u.id, u.id, u.grid, 1::smallint, 1::smallint, NULL::date, 2::smallint, coalesce(f.alerts, 0::smallint),
           coalesce(f.na, 0::smallint), coalesce(f.evidenced, false), f.app_key, 0::bigint
      FROM unnest(p_ids, p_grids) AS u (id, grid)
      LEFT JOIN qm.fold_residents(p_events) f ON f.resident = u.id
$$;

-- ---------------------------------------------------------------- behind a frozen figure

-- The bulletin whose lists of an area the caller may read: who may see it, and the area lies within both.  Its
-- people are those of the roster, and what they had is what the log had at its size.
CREATE OR REPLACE FUNCTION qm.closed_bulletin(p_county int, p_role text, p_prefix text, p_within text, p_draft uuid)
RETURNS TABLE (to_size bigint, roster_sha bytea, parts int)
LANGUAGE sql STABLE AS $$
    SELECT b.to_size, b.roster_sha, o.parts
      FROM qm.bulletin b JOIN qm.object o ON o.county = b.county AND o.sha256 = b.roster_sha
     WHERE b.county = p_county AND b.draft = p_draft AND starts_with(p_within, p_prefix) AND starts_with(p_within, b.scope)
       AND (b.state = 1 OR b.state = 0 AND p_role IN ('township', 'admin'))
$$;

-- A roster's lines of an area and of one kind in one of its parts, which end with a line, in their order: those
-- behind a pseudonym whose effective status is one of the words, by its place among them.  p_kind with its
-- space; the end of the line follows pseudonym and grid.
CREATE OR REPLACE FUNCTION qm.roster_lines(p_county int, p_sha bytea, p_part int, p_kind text, p_within text,
                                           p_after text, p_words text[])
RETURNS TABLE (id uuid, grid bigint, status smallint)
LANGUAGE sql STABLE AS $$
    SELECT qm.pseudonym_id(q.name), q.grid::bigint, array_position(p_words, q.word)::smallint
      FROM (SELECT substr(u.line, length(p_kind) + 1, 22) AS name, substr(u.line, length(p_kind) + 24, 15) AS grid,
                   substr(u.line, length(p_kind) + 40) AS word, u.o
              FROM qm.object_part p, string_to_table(convert_from(p.body, 'UTF8'), E'\n') WITH ORDINALITY AS u (line, o)
             WHERE p.county = p_county AND p.sha256 = p_sha AND p.part = p_part AND starts_with(u.line, p_kind)) q
     WHERE starts_with(q.grid, p_within) AND q.name > p_after COLLATE "C" AND q.word = ANY (p_words)
     ORDER BY q.o
$$;

-- Households that a roster has as merged within an area, and those that stand for them.
CREATE OR REPLACE FUNCTION qm.roster_merged(p_county int, p_sha bytea, p_within text)
RETURNS TABLE (gone uuid, stands uuid)
LANGUAGE sql STABLE AS $$
    SELECT qm.pseudonym_id(m[1]), qm.pseudonym_id(m[3])
      FROM qm.object_part p,
           regexp_matches(convert_from(p.body, 'UTF8'), '^household (.{22}) ([0-9]{15}) merged:(.{22})$', 'gn') AS m
     WHERE p.county = p_county AND p.sha256 = p_sha AND position(' merged:'::bytea IN p.body) > 0
       AND starts_with(m[2], p_within)
$$;

-- p_after_part, p_after: the part of the roster to go on in, and the last household of the page before.  Names
-- and addresses are those of now, of households that are still within the caller's area.
CREATE OR REPLACE FUNCTION qm.list_households_closed(p_county int, p_role text, p_prefix text, p_within text, p_draft uuid,
                                                     p_after_part bigint, p_after uuid, p_limit int, p_flags int,
                                                     p_set int, p_kinds bigint, p_doors int, p_more int)
RETURNS TABLE (household uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text,
               head bytea, phone bytea, part bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_slice int := 400; -- candidates that are folded together
    v_look int := 4000; -- and at most in a call
    v_parts int := 8; -- of the roster at most in a call
    v_none uuid := '00000000-0000-0000-0000-000000000000'; -- the beginning of a part
    v_b record;
    v_c record;
    v_gone uuid[];
    v_stands uuid[];
    v_ids uuid[];
    v_subjects uuid[];
    v_homes uuid[];
    v_left int := least(greatest(p_limit, 1), 1000);
    v_n int;
BEGIN
    SELECT * INTO v_b FROM qm.closed_bulletin(p_county, p_role, p_prefix, p_within, p_draft);
    SELECT array_agg(m.gone), array_agg(m.stands) INTO v_gone, v_stands
      FROM qm.roster_merged(p_county, v_b.roster_sha, p_within) m;
    FOR v_part IN least(p_after_part, coalesce(v_b.parts, 0))::int .. coalesce(v_b.parts, 0) - 1 LOOP
        SELECT array_agg(l.id) AS ids, array_agg(l.grid) AS grids, array_agg(l.status) AS statuses INTO v_c
          FROM qm.roster_lines(p_county, v_b.roster_sha, v_part, 'household ', p_within,
                               CASE WHEN v_part = p_after_part AND p_after <> v_none THEN qm.pseudonym(p_after) ELSE '' END,
                               ARRAY['counted', 'away', 'vacant', 'gone']) l
         WHERE p_kinds >> (8 + l.status) & 1 = 1;
        FOR v_at IN 1 .. coalesce(cardinality(v_c.ids), 0) BY v_slice LOOP
            v_ids := v_c.ids[v_at : v_at + v_slice - 1];
            SELECT v_ids || array_agg(m.stands), v_ids || array_agg(m.gone) INTO v_subjects, v_homes
              FROM unnest(v_stands, v_gone) AS m (stands, gone) WHERE m.stands = ANY (v_ids);
            RETURN QUERY
            SELECT h.household, h.grid,
                   h.place | (h.status << 4) | (h.flags << 8)
                     | CASE WHEN qm.has_pledge(h.signed_key, h.withdrawn_key) THEN 1 << 24 ELSE 0 END
                     | (h.visits::bigint << 32),
                   n.worker, n.village_group, n.lane, n.door, n.head, n.phone, v_part::bigint
              FROM qm.homes_then(p_county, v_ids, v_c.grids[v_at : v_at + v_slice - 1],
                       v_c.statuses[v_at : v_at + v_slice - 1],
                       qm.events_below(p_county, v_subjects, v_homes, '{}', v_b.to_size)) h
              LEFT JOIN LATERAL (SELECT t.worker, c.village_group, c.lane, c.door, c.head, c.phone
                                   FROM qm.household t
                                   JOIN qm.household_card c ON c.county = t.county AND c.household = t.household
                                  WHERE t.county = p_county AND t.household = h.household
                                    AND starts_with(t.grid::text, p_prefix) OFFSET 0) n ON true
             WHERE qm.household_in_part(h, p_flags, p_set, p_kinds, p_doors, p_more)
             ORDER BY array_position(v_ids, h.household)
             LIMIT v_left;
            GET DIAGNOSTICS v_n = ROW_COUNT;
            v_left := v_left - v_n;
            v_look := v_look - v_slice;
            IF v_left <= 0 THEN
                RETURN;
            ELSIF v_look <= 0 THEN
                RETURN QUERY SELECT v_ids[cardinality(v_ids)], 0::bigint, NULL::bigint, '', '', '', '', NULL::bytea,
                                    NULL::bytea, v_part::bigint;
                RETURN;
            END IF;
        END LOOP;
        v_parts := v_parts - 1;
        IF v_parts = 0 AND v_part < v_b.parts - 1 THEN
            RETURN QUERY SELECT v_none, 0::bigint, NULL::bigint, '', '', '', '',
                                NULL::bytea, NULL::bytea, v_part + 1::bigint;
            RETURN;
        END IF;
    END LOOP;
END
$$;

-- The same of residents: those whom the roster counts.
CREATE OR REPLACE FUNCTION qm.list_residents_closed(p_county int, p_role text, p_prefix text, p_within text, p_draft uuid,
                                                    p_after_part bigint, p_after uuid, p_limit int, p_homes int,
                                                    p_kinds int, p_apps int, p_set int, p_alerts int, p_evidenced int)
RETURNS TABLE (resident uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text,
               name bytea, phone bytea, household uuid, born date, part bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_slice int := 400;
    v_look int := 4000;
    v_parts int := 8;
    v_none uuid := '00000000-0000-0000-0000-000000000000';
    v_b record;
    v_c record;
    v_ids uuid[];
    v_left int := least(greatest(p_limit, 1), 1000);
    v_n int;
BEGIN
    SELECT * INTO v_b FROM qm.closed_bulletin(p_county, p_role, p_prefix, p_within, p_draft);
    FOR v_part IN least(p_after_part, coalesce(v_b.parts, 0))::int .. coalesce(v_b.parts, 0) - 1 LOOP
        SELECT array_agg(l.id) AS ids, array_agg(l.grid) AS grids INTO v_c
          FROM qm.roster_lines(p_county, v_b.roster_sha, v_part, 'resident ', p_within,
                               CASE WHEN v_part = p_after_part AND p_after <> v_none THEN qm.pseudonym(p_after) ELSE '' END,
                               ARRAY['counted']) l;
        FOR v_at IN 1 .. coalesce(cardinality(v_c.ids), 0) BY v_slice LOOP
            v_ids := v_c.ids[v_at : v_at + v_slice - 1];
            RETURN QUERY
            SELECT r.resident, r.grid,
                   (r.status | (qm.key_code(r.app_key) << 4) | (r.alerts::int << 8) | (r.na::int << 16))::bigint,
                   n.worker, n.village_group, n.lane, n.door, n.name, n.phone, n.household, n.born, v_part::bigint
              FROM qm.people_then(p_county, v_ids, v_c.grids[v_at : v_at + v_slice - 1],
                       qm.events_below(p_county, '{}', '{}', v_ids, v_b.to_size)) r
              JOIN LATERAL (SELECT t.household,
                                   CASE WHEN w.here THEN t.born END AS born, CASE WHEN w.here THEN h.worker END AS worker,
                                   CASE WHEN w.here THEN hc.village_group END AS village_group,
                                   CASE WHEN w.here THEN hc.lane END AS lane, CASE WHEN w.here THEN hc.door END AS door,
                                   CASE WHEN w.here THEN rc.name END AS name, CASE WHEN w.here THEN rc.phone END AS phone
                              FROM qm.resident t
                             CROSS JOIN LATERAL (SELECT starts_with(t.grid::text, p_prefix) AS here) w
                              LEFT JOIN qm.household h ON h.county = t.county AND h.household = t.household
                              LEFT JOIN qm.household_card hc ON hc.county = t.county AND hc.household = t.household
                              LEFT JOIN qm.resident_card rc ON rc.county = t.county AND rc.resident = t.resident
                             WHERE t.county = p_county AND t.resident = r.resident OFFSET 0) n ON true
             WHERE qm.resident_in_part(r, p_homes, p_kinds, p_apps, p_set, p_alerts, p_evidenced)
             ORDER BY array_position(v_ids, r.resident)
             LIMIT v_left;
            GET DIAGNOSTICS v_n = ROW_COUNT;
            v_left := v_left - v_n;
            v_look := v_look - v_slice;
            IF v_left <= 0 THEN
                RETURN;
            ELSIF v_look <= 0 THEN
                RETURN QUERY SELECT v_ids[cardinality(v_ids)], 0::bigint, NULL::bigint, '', '', '', '', NULL::bytea,
                                    NULL::bytea, v_ids[1], NULL::date, v_part::bigint;
                RETURN;
            END IF;
        END LOOP;
        v_parts := v_parts - 1;
        IF v_parts = 0 AND v_part < v_b.parts - 1 THEN
            RETURN QUERY SELECT v_none, 0::bigint, NULL::bigint, '', '', '', '',
                                NULL::bytea, NULL::bytea, v_none, NULL::date, v_part + 1::bigint;
            RETURN;
        END IF;
    END LOOP;
END
$$;

-- ---------------------------------------------------------------- what a week brought

-- The size that the log had when last week was closed, as the board compares with it; null: no day was.
CREATE OR REPLACE FUNCTION qm.week_size(p_county int, p_within text) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT d.size
      FROM qm.log_head l
      JOIN qm.area_day d ON d.county = l.county AND d.code = left(p_within, 12)
       AND d.day BETWEEN l.age_day - extract(isodow FROM l.age_day)::int - 6 AND l.age_day - extract(isodow FROM l.age_day)::int
     WHERE l.county = p_county
     ORDER BY d.day DESC LIMIT 1
$$;

-- The records that counted then, and what is carried over whenever it came: that is no gain.
CREATE OR REPLACE FUNCTION qm.events_then(p_county int, p_households uuid[], p_residents uuid[], p_size bigint)
RETURNS qm.fold_event[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(u.e)
      FROM (SELECT e FROM unnest(qm.effective_events(p_county, p_households, p_residents, p_size)) AS e WHERE e.via <> 5
            UNION ALL
            SELECT e FROM unnest(qm.effective_events(p_county, p_households, p_residents, 9223372036854775807)) AS e
             WHERE e.via = 5) u
$$;

-- Households that are in a part and by the records of then were not.
CREATE OR REPLACE FUNCTION qm.list_households_week(p_county int, p_role text, p_prefix text, p_within text,
                                                   p_after_grid bigint, p_after uuid, p_limit int, p_flags int,
                                                   p_set int, p_kinds bigint, p_doors int, p_more int)
RETURNS TABLE (household uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text,
               head bytea, phone bytea)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_slice int := 400;
    v_look int := 4000;
    v_size bigint := qm.week_size(p_county, p_within);
    v_grid bigint := greatest(p_after_grid, qm.first_grid(p_within));
    v_home uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
    v_c record;
    v_were uuid[];
    v_left int := least(greatest(p_limit, 1), 1000);
    v_n int;
BEGIN
    IF v_size IS NULL OR p_role IS NULL OR NOT starts_with(p_within, p_prefix) THEN
        RETURN;
    END IF;
    LOOP
        SELECT array_agg(q.household) AS ids, array_agg(q.grid) AS grids, array_agg(q.status) AS statuses INTO v_c
          FROM (SELECT h.household, h.grid, h.status
                  FROM qm.household h
                 WHERE h.county = p_county AND (h.grid, h.household) > (v_grid, v_home) AND h.grid <= qm.last_grid(p_within)
                   AND qm.household_in_part(h, p_flags, p_set, p_kinds, p_doors, p_more)
                 ORDER BY h.grid, h.household LIMIT v_slice) q;
        EXIT WHEN v_c.ids IS NULL;
        SELECT array_agg(h.household) INTO v_were
          FROM qm.homes_then(p_county, v_c.ids, v_c.grids, v_c.statuses, qm.events_then(p_county, v_c.ids, '{}', v_size)) h
         WHERE qm.household_in_part(h, p_flags, p_set, p_kinds, p_doors, p_more);
        RETURN QUERY
        SELECT h.household, h.grid,
               h.place | (h.status << 4) | (h.flags << 8)
                 | CASE WHEN qm.has_pledge(h.signed_key, h.withdrawn_key) THEN 1 << 24 ELSE 0 END
                 | (h.visits::bigint << 32),
               h.worker, c.village_group, c.lane, c.door, c.head, c.phone
          FROM unnest(v_c.ids) AS u (id)
          JOIN qm.household h ON h.county = p_county AND h.household = u.id
          JOIN qm.household_card c ON c.county = p_county AND c.household = u.id
         WHERE NOT u.id = ANY (coalesce(v_were, '{}'))
         ORDER BY h.grid, h.household
         LIMIT v_left;
        GET DIAGNOSTICS v_n = ROW_COUNT;
        v_left := v_left - v_n;
        v_look := v_look - v_slice;
        v_n := cardinality(v_c.ids);
        EXIT WHEN v_left <= 0 OR v_n < v_slice;
        v_grid := v_c.grids[v_n];
        v_home := v_c.ids[v_n];
        IF v_look <= 0 THEN
            RETURN QUERY SELECT v_home, v_grid, NULL::bigint, '', '', '', '', NULL::bytea, NULL::bytea;
            EXIT;
        END IF;
    END LOOP;
END
$$;

-- The same of residents.
CREATE OR REPLACE FUNCTION qm.list_residents_week(p_county int, p_role text, p_prefix text, p_within text,
                                                  p_after_grid bigint, p_after uuid, p_after_resident uuid, p_limit int,
                                                  p_homes int, p_kinds int, p_apps int, p_set int, p_alerts int,
                                                  p_evidenced int)
RETURNS TABLE (resident uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text,
               name bytea, phone bytea, household uuid, born date)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_slice int := 400;
    v_look int := 4000;
    v_size bigint := qm.week_size(p_county, p_within);
    v_grid bigint := greatest(p_after_grid, qm.first_grid(p_within));
    v_home uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
    v_person uuid := coalesce(p_after_resident, '00000000-0000-0000-0000-000000000000');
    v_c record;
    v_were uuid[];
    v_left int := least(greatest(p_limit, 1), 1000);
    v_n int;
BEGIN
    IF v_size IS NULL OR p_role IS NULL OR NOT starts_with(p_within, p_prefix) THEN
        RETURN;
    END IF;
    LOOP
        SELECT array_agg(q.resident) AS ids, array_agg(q.grid) AS grids, array_agg(q.household) AS homes INTO v_c
          FROM (SELECT r.resident, h.grid, h.household
                  FROM qm.household h JOIN qm.resident r ON r.county = h.county AND r.household = h.household
                 WHERE h.county = p_county AND (h.grid, h.household) >= (v_grid, v_home) AND h.grid <= qm.last_grid(p_within)
                   AND (h.grid, h.household, r.resident) > (v_grid, v_home, v_person)
                   AND qm.resident_in_part(r, p_homes, p_kinds, p_apps, p_set, p_alerts, p_evidenced)
                 ORDER BY h.grid, h.household, r.resident LIMIT v_slice) q;
        EXIT WHEN v_c.ids IS NULL;
        SELECT array_agg(r.resident) INTO v_were
          FROM qm.people_then(p_county, v_c.ids, v_c.grids, qm.events_then(p_county, '{}', v_c.ids, v_size)) r
         WHERE qm.resident_in_part(r, p_homes, p_kinds, p_apps, p_set, p_alerts, p_evidenced);
        RETURN QUERY
        SELECT r.resident, h.grid,
               (r.status | (qm.key_code(r.app_key) << 4) | (r.alerts::int << 8) | (r.na::int << 16))::bigint, h.worker,
               hc.village_group, hc.lane, hc.door, rc.name, rc.phone, r.household, r.born
          FROM unnest(v_c.ids) AS u (id)
          JOIN qm.resident r ON r.county = p_county AND r.resident = u.id
          JOIN qm.household h ON h.county = p_county AND h.household = r.household
          JOIN qm.household_card hc ON hc.county = p_county AND hc.household = r.household
          JOIN qm.resident_card rc ON rc.county = p_county AND rc.resident = u.id
         WHERE NOT u.id = ANY (coalesce(v_were, '{}'))
         ORDER BY h.grid, h.household, r.resident
         LIMIT v_left;
        GET DIAGNOSTICS v_n = ROW_COUNT;
        v_left := v_left - v_n;
        v_look := v_look - v_slice;
        v_n := cardinality(v_c.ids);
        EXIT WHEN v_left <= 0 OR v_n < v_slice;
        v_grid := v_c.grids[v_n];
        v_home := v_c.homes[v_n];
        v_person := v_c.ids[v_n];
        IF v_look <= 0 THEN
            RETURN QUERY SELECT v_person, v_grid, NULL::bigint, '', '', '', '', NULL::bytea, NULL::bytea, v_home, NULL::date;
            EXIT;
        END IF;
    END LOOP;
END
$$;
