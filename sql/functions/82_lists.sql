-- The lists behind the figures, keyset-paged by (grid, household[, resident]).  A refusal opens into
-- no list: who refused stands in no `left:` part, only in a count.
--
-- A part is a test on what a row says of itself, given as numbers (the names: server/domain/roster_parts.h;
-- household_parts.csv and resident_parts.csv in tests/vectors hold both sides
-- together).  A test by name, one branch a part, was made anew
-- for each page and was a quarter of its cost.  The test is one CASE, which the planner takes for one row in
-- two: taken apart, its conditions would seem to leave hardly any row, and a card be looked up for each.

-- p_flags: those that matter, p_set: those of them that are there; p_kinds: bit 8 * place + status; p_doors: bit
-- of the last outcome, 0 for none yet; p_more: 1-4 the pledge is left, done, evidenced, put off, 5 notice or
-- pledge evidenced, 6 the notice not refused, or delivered all the same, 7 without a worker.
CREATE OR REPLACE FUNCTION qm.household_in_part(h qm.household, p_flags int, p_set int, p_kinds bigint,
                                                p_doors int, p_more int) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN h.flags & p_flags = p_set AND p_kinds >> (h.place * 8 + h.status) & 1 = 1
             AND p_doors >> qm.key_code(h.door_key) & 1 = 1
        THEN CASE p_more
            WHEN 0 THEN true
            WHEN 1 THEN qm.key_code(h.pledge_key) NOT IN (2, 4) AND NOT qm.has_pledge(h.signed_key, h.withdrawn_key)
            WHEN 2 THEN qm.has_pledge(h.signed_key, h.withdrawn_key)
            WHEN 3 THEN qm.has_pledge(h.evidenced_key, h.withdrawn_key)
            WHEN 4 THEN qm.key_code(h.pledge_key) = 3 AND NOT qm.has_pledge(h.signed_key, h.withdrawn_key)
            WHEN 5 THEN h.flags & 32 <> 0 OR qm.has_pledge(h.evidenced_key, h.withdrawn_key)
            WHEN 6 THEN h.flags & 20 <> 16
            WHEN 7 THEN h.worker IS NULL END
        ELSE false END
$$;

-- p_homes: bit of home; p_kinds: bit 4 * status + band; p_apps: bit of the app's state, 0 for none yet;
-- p_set: alerts that are on; p_alerts: bit of the alerts that are on or, but the real name, not offered.
CREATE OR REPLACE FUNCTION qm.resident_in_part(r qm.resident, p_homes int, p_kinds int, p_apps int, p_set int,
                                               p_alerts int, p_evidenced int) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_homes >> r.home & 1 = 1 AND p_kinds >> (r.status * 4 + r.band) & 1 = 1
             AND p_apps >> qm.key_code(r.app_key) & 1 = 1 AND p_set & ~r.alerts = 0
             AND p_alerts >> ((r.alerts & 1) | ((r.alerts | r.na) & 6)) & 1 = 1
        THEN p_evidenced = 0 OR r.evidenced
        ELSE false END
$$;

-- Both lists are plain SQL without a SET, so that a query which calls one is planned as if it held the
-- statement itself: a page streams from the index in order, and what the query does not name is not computed.
-- Where a page begins is one place, never before the first grid asked for: with a lower bound of grids
-- beside it, the index would be read from the place alone, through all grids of the county before.  Cards are
-- bounded as households are, so that both are read as ranges side by side: looking a card up by its key for
-- each row was the greater part of a page.  What a row says is packed into one number, `facts`; domain/roster.c
-- takes it apart.
CREATE OR REPLACE FUNCTION qm.list_households(p_county int, p_role text, p_prefix text, p_within text,
                                              p_after_grid bigint, p_after uuid, p_limit int, p_flags int,
                                              p_set int, p_kinds bigint, p_doors int, p_more int)
RETURNS TABLE (household uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text,
               head bytea, phone bytea)
LANGUAGE sql STABLE AS $$
    SELECT h.household, h.grid,
           h.place | (h.status << 4) | (h.flags << 8)
             | CASE WHEN qm.has_pledge(h.signed_key, h.withdrawn_key) THEN 1 << 24 ELSE 0 END
             | (h.visits::bigint << 32),
           h.worker, c.village_group, c.lane, c.door, c.head, c.phone
      FROM qm.household h
      JOIN qm.household_card c ON c.county = h.county AND c.grid = h.grid AND c.household = h.household
     WHERE h.county = p_county AND p_role IS NOT NULL AND starts_with(p_within, p_prefix)
       AND (h.grid, h.household) > (greatest(p_after_grid, qm.first_grid(p_within)),
                                    coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND (c.grid, c.household) > (greatest(p_after_grid, qm.first_grid(p_within)),
                                    coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND h.grid <= qm.last_grid(p_within) AND c.grid <= qm.last_grid(p_within)
       AND qm.household_in_part(h, p_flags, p_set, p_kinds, p_doors, p_more)
     ORDER BY h.grid, h.household
     LIMIT least(greatest(p_limit, 1), 1000)
$$;

CREATE OR REPLACE FUNCTION qm.list_residents(p_county int, p_role text, p_prefix text, p_within text,
                                             p_after_grid bigint, p_after uuid, p_after_resident uuid, p_limit int,
                                             p_homes int, p_kinds int, p_apps int, p_set int, p_alerts int,
                                             p_evidenced int)
RETURNS TABLE (resident uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text,
               name bytea, phone bytea, household uuid, born date)
LANGUAGE sql STABLE AS $$
    SELECT r.resident, h.grid,
           (r.status | (qm.key_code(r.app_key) << 4) | (r.alerts::int << 8) | (r.na::int << 16))::bigint, h.worker,
           hc.village_group, hc.lane, hc.door, rc.name, rc.phone, r.household, r.born
      FROM qm.household h
      JOIN qm.resident r ON r.county = h.county AND r.household = h.household
      JOIN qm.household_card hc ON hc.county = h.county AND hc.grid = h.grid AND hc.household = h.household
      JOIN qm.resident_card rc ON rc.county = r.county AND rc.resident = r.resident
     WHERE h.county = p_county AND p_role IS NOT NULL AND starts_with(p_within, p_prefix)
       AND (h.grid, h.household) >= (greatest(p_after_grid, qm.first_grid(p_within)),
                                     coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND (hc.grid, hc.household) >= (greatest(p_after_grid, qm.first_grid(p_within)),
                                       coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND h.grid <= qm.last_grid(p_within) AND hc.grid <= qm.last_grid(p_within)
       AND (h.grid, h.household, r.resident) > (greatest(p_after_grid, qm.first_grid(p_within)),
                                     coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid),
                                     coalesce(p_after_resident, '00000000-0000-0000-0000-000000000000'::uuid))
       AND qm.resident_in_part(r, p_homes, p_kinds, p_apps, p_set, p_alerts, p_evidenced)
     ORDER BY h.grid, h.household, r.resident
     LIMIT least(greatest(p_limit, 1), 1000)
$$;

-- Visits that count, by household and then in the order in which they were made, at all places: p_police those
-- with police only.  How a visit went is not told: it would tell who declined.
CREATE OR REPLACE FUNCTION qm.list_visits(p_county int, p_role text, p_prefix text, p_within text,
                                          p_after_grid bigint, p_after uuid, p_after_event uuid, p_limit int,
                                          p_police boolean)
RETURNS TABLE (household uuid, grid bigint, event uuid, village_group text, lane text, door_label text, head bytea,
               account text, via int, police boolean, at bigint, done date)
LANGUAGE sql STABLE AS $$
    SELECT h.household, h.grid, e.id, c.village_group, c.lane, c.door, c.head, e.account, e.via::int, e.party & 1 = 1, e.at,
           to_date(substring(convert_from(e.e, 'UTF8') FROM '"done":"([0-9]{8})"'), 'YYYYMMDD')
      FROM qm.household h
      JOIN qm.household_card c ON c.county = h.county AND c.grid = h.grid AND c.household = h.household
     CROSS JOIN LATERAL (SELECT h.household AS home
                         UNION ALL
                         SELECT m.household FROM qm.household m
                          WHERE m.county = h.county AND m.merged_into = h.household) AS n
      JOIN qm.event e ON e.county = h.county AND e.household = n.home AND e.kind IN (1, 2, 3)
     WHERE h.county = p_county AND p_role IS NOT NULL AND starts_with(p_within, p_prefix)
       AND (h.grid, h.household) >= (greatest(p_after_grid, qm.first_grid(p_within)),
                                     coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND h.grid <= qm.last_grid(p_within) AND h.status <> 5
       AND CASE WHEN p_police THEN h.police ELSE h.visits END > 0
       AND (h.grid, h.household, e.id) > (greatest(p_after_grid, qm.first_grid(p_within)),
                                          coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid),
                                          coalesce(p_after_event, '00000000-0000-0000-0000-000000000000'::uuid))
       AND e.kind = 1 AND (NOT p_police OR e.party & 1 = 1)
       AND qm.is_effective(h.county, e.id, e.hold, e.account, 9223372036854775807)
     ORDER BY h.grid, h.household, e.id
     LIMIT least(greatest(p_limit, 1), 1000)
$$;
