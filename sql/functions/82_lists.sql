-- The lists behind the figures, keyset-paged by (grid, household[, resident]).  A refusal opens into
-- no list: who refused stands in no `left:` part, only in a count.
--
-- Parts of households: all · left:M done:M evidenced:M for M in visited reached notice_delivered
-- notice_signed pledge · later:pledge · door:W for W in no_adult absent appointed gone no_entry moved
-- vacant none none_yet (not visited, by the last outcome) · away vacant gone other unclaimed
-- away_reached shops enterprises schools offices venues · homes homes_near (the denominators)
-- Parts of residents: all · left:M done:M evidenced:M for M in app app_real_name app_call_alert
-- app_sms_alert app_all · later:app cannot:app shared:app removed:app none_yet:app · away unknown_age
-- elders population (the denominator).  left:app leaves out who cannot or shares: they have parts of their own.

CREATE OR REPLACE FUNCTION qm.household_in_part(h qm.household, p_part text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_part
        WHEN 'all' THEN h.status <> 5
        WHEN 'homes' THEN h.place = 1 AND h.status = 1
        WHEN 'homes_near' THEN h.place = 1 AND h.status IN (1, 2)
        WHEN 'left:visited' THEN h.place = 1 AND h.status = 1 AND h.flags & 1 = 0 AND qm.key_code(h.door_key) <> 6
        WHEN 'done:visited' THEN h.place = 1 AND h.status = 1 AND h.flags & 1 <> 0
        WHEN 'evidenced:visited' THEN h.place = 1 AND h.status = 1 AND h.flags & 1 <> 0
             AND (h.flags & 32 <> 0 OR qm.has_pledge(h.evidenced_key, h.withdrawn_key))
        WHEN 'left:reached' THEN h.place = 1 AND h.status IN (1, 2) AND h.flags & 2 = 0 AND qm.key_code(h.door_key) <> 6
        WHEN 'done:reached' THEN h.place = 1 AND h.status IN (1, 2) AND h.flags & 2 <> 0
        WHEN 'evidenced:reached' THEN h.place = 1 AND h.status IN (1, 2) AND h.flags & 2 <> 0
             AND (h.flags & 32 <> 0 OR qm.has_pledge(h.evidenced_key, h.withdrawn_key))
        WHEN 'left:notice_delivered' THEN h.place = 1 AND h.status = 1 AND h.flags & 20 = 0
        WHEN 'done:notice_delivered' THEN h.place = 1 AND h.status = 1 AND h.flags & 4 <> 0
        WHEN 'evidenced:notice_delivered' THEN h.place = 1 AND h.status = 1 AND h.flags & 32 <> 0
        WHEN 'left:notice_signed' THEN h.place = 1 AND h.status = 1 AND h.flags & 8 = 0
             AND NOT (h.flags & 16 <> 0 AND h.flags & 4 = 0)
        WHEN 'done:notice_signed' THEN h.place = 1 AND h.status = 1 AND h.flags & 8 <> 0
        WHEN 'evidenced:notice_signed' THEN h.place = 1 AND h.status = 1 AND h.flags & 64 <> 0
        WHEN 'left:pledge' THEN h.place = 1 AND h.status = 1 AND qm.key_code(h.pledge_key) NOT IN (2, 4)
             AND NOT qm.has_pledge(h.signed_key, h.withdrawn_key)
        WHEN 'done:pledge' THEN h.place = 1 AND h.status = 1 AND qm.has_pledge(h.signed_key, h.withdrawn_key)
        WHEN 'evidenced:pledge' THEN h.place = 1 AND h.status = 1 AND qm.has_pledge(h.evidenced_key, h.withdrawn_key)
        WHEN 'later:pledge' THEN h.place = 1 AND h.status = 1 AND qm.key_code(h.pledge_key) = 3
             AND NOT qm.has_pledge(h.signed_key, h.withdrawn_key)
        WHEN 'away' THEN h.place = 1 AND h.status = 2
        WHEN 'away_reached' THEN h.place = 1 AND h.status = 2 AND h.flags & 2 <> 0
        WHEN 'vacant' THEN h.place = 1 AND h.status = 3
        WHEN 'gone' THEN h.place = 1 AND h.status = 4
        WHEN 'other' THEN h.place = 1 AND h.status = 6
        WHEN 'unclaimed' THEN h.place = 1 AND h.status IN (1, 2) AND h.worker IS NULL
        WHEN 'shops' THEN h.place = 2 AND h.status = 1
        WHEN 'enterprises' THEN h.place = 3 AND h.status = 1
        WHEN 'schools' THEN h.place = 4 AND h.status = 1
        WHEN 'offices' THEN h.place = 5 AND h.status = 1
        WHEN 'venues' THEN h.place = 6 AND h.status = 1
        ELSE h.place = 1 AND h.status = 1 AND h.flags & 1 = 0 AND qm.key_code(h.door_key) = CASE p_part
            WHEN 'door:no_adult' THEN 2 WHEN 'door:absent' THEN 3 WHEN 'door:appointed' THEN 4
            WHEN 'door:gone' THEN 5 WHEN 'door:no_entry' THEN 7 WHEN 'door:moved' THEN 8
            WHEN 'door:vacant' THEN 9 WHEN 'door:none' THEN 10 WHEN 'door:none_yet' THEN 0 END
        END
$$;

CREATE OR REPLACE FUNCTION qm.resident_in_part(r qm.resident, p_part text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_part
        WHEN 'all' THEN true
        WHEN 'away' THEN r.home IN (1, 2) AND r.status = 2
        WHEN 'unknown_age' THEN r.home = 1 AND (r.status = 5 OR r.status = 1 AND r.band = 0)
        WHEN 'elders' THEN r.home = 1 AND r.status = 1 AND r.band = 3 AND qm.key_code(r.app_key) = 1
        ELSE r.home = 1 AND r.status = 1 AND r.band = 2 AND CASE p_part
            WHEN 'population' THEN true
            WHEN 'left:app' THEN qm.key_code(r.app_key) IN (0, 3, 8)
            WHEN 'done:app' THEN qm.key_code(r.app_key) = 1
            WHEN 'evidenced:app' THEN qm.key_code(r.app_key) = 1 AND r.evidenced
            WHEN 'left:app_real_name' THEN qm.key_code(r.app_key) = 1 AND r.alerts & 1 = 0
            WHEN 'done:app_real_name' THEN r.alerts & 1 <> 0
            WHEN 'evidenced:app_real_name' THEN r.alerts & 1 <> 0 AND r.evidenced
            WHEN 'left:app_call_alert' THEN qm.key_code(r.app_key) = 1 AND (r.alerts | r.na) & 2 = 0
            WHEN 'done:app_call_alert' THEN r.alerts & 2 <> 0
            WHEN 'evidenced:app_call_alert' THEN r.alerts & 2 <> 0 AND r.evidenced
            WHEN 'left:app_sms_alert' THEN qm.key_code(r.app_key) = 1 AND (r.alerts | r.na) & 4 = 0
            WHEN 'done:app_sms_alert' THEN r.alerts & 4 <> 0
            WHEN 'evidenced:app_sms_alert' THEN r.alerts & 4 <> 0 AND r.evidenced
            WHEN 'left:app_all' THEN qm.key_code(r.app_key) = 1
                 AND NOT (r.alerts & 1 = 1 AND (r.alerts | r.na) & 6 = 6)
            WHEN 'done:app_all' THEN qm.key_code(r.app_key) = 1 AND r.alerts & 1 = 1 AND (r.alerts | r.na) & 6 = 6
            WHEN 'evidenced:app_all' THEN qm.key_code(r.app_key) = 1 AND r.alerts & 1 = 1
                 AND (r.alerts | r.na) & 6 = 6 AND r.evidenced
            WHEN 'later:app' THEN qm.key_code(r.app_key) = 3
            WHEN 'cannot:app' THEN qm.key_code(r.app_key) IN (4, 5, 6)
            WHEN 'shared:app' THEN qm.key_code(r.app_key) = 7
            WHEN 'removed:app' THEN qm.key_code(r.app_key) = 8
            WHEN 'none_yet:app' THEN qm.key_code(r.app_key) = 0
            END
        END
$$;

-- Both lists are plain SQL without a SET, so that a query which calls one is planned as if it held the
-- statement itself: a page streams from the index in order, and what the query does not name is not computed.
-- Where a page begins is one place, never before the first grid asked for: with a lower bound of grids
-- beside it, the index would be read from the place alone, through all grids of the county before.  Cards are
-- bounded as households are, so that both are read as ranges side by side: looking a card up by its key for
-- each row was the greater part of a page.
CREATE OR REPLACE FUNCTION qm.list_households(p_county int, p_role text, p_prefix text, p_within text,
                                              p_part text, p_after_grid bigint, p_after uuid, p_limit int)
RETURNS TABLE (household uuid, grid bigint, place int, status int, flags int, door int, pledge int, visits int,
               worker text, village_group text, lane text, door_label text, head bytea, phone bytea)
LANGUAGE sql STABLE AS $$
    SELECT h.household, h.grid, h.place::int, h.status::int, h.flags, qm.key_code(h.door_key)::int,
           CASE WHEN qm.has_pledge(h.signed_key, h.withdrawn_key) THEN 1 ELSE qm.key_code(h.pledge_key) END::int,
           h.visits, h.worker, c.village_group, c.lane, c.door, c.head, c.phone
      FROM qm.household h
      JOIN qm.household_card c ON c.county = h.county AND c.grid = h.grid AND c.household = h.household
     WHERE h.county = p_county AND p_role IS NOT NULL AND starts_with(p_within, p_prefix)
       AND (h.grid, h.household) > (greatest(p_after_grid, qm.first_grid(p_within)),
                                    coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND (c.grid, c.household) > (greatest(p_after_grid, qm.first_grid(p_within)),
                                    coalesce(p_after, '00000000-0000-0000-0000-000000000000'::uuid))
       AND h.grid <= qm.last_grid(p_within) AND c.grid <= qm.last_grid(p_within)
       AND qm.household_in_part(h, p_part)
     ORDER BY h.grid, h.household
     LIMIT least(greatest(p_limit, 1), 1000)
$$;

CREATE OR REPLACE FUNCTION qm.list_residents(p_county int, p_role text, p_prefix text, p_within text,
                                             p_part text, p_after_grid bigint, p_after uuid,
                                             p_after_resident uuid, p_limit int)
RETURNS TABLE (resident uuid, household uuid, grid bigint, status int, born date, app int, alerts int, na int,
               worker text, village_group text, lane text, door_label text, name bytea, phone bytea)
LANGUAGE sql STABLE AS $$
    SELECT r.resident, r.household, h.grid, r.status::int, r.born, qm.key_code(r.app_key)::int, r.alerts::int, r.na::int, h.worker,
           hc.village_group, hc.lane, hc.door, rc.name, rc.phone
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
       AND qm.resident_in_part(r, p_part)
     ORDER BY h.grid, h.household, r.resident
     LIMIT least(greatest(p_limit, 1), 1000)
$$;
