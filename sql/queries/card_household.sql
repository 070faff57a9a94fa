-- A household's card, if it lies in the caller's area.  $1 county, $2 role, $3 prefix, $4 household.
SELECT h.household, h.grid, h.place::int, h.status::int, h.merged_into, h.worker,
       h.flags & 1 <> 0 AS visited, h.flags & 2 <> 0 AS reached, h.flags & 4 <> 0 AS delivered,
       h.flags & 8 <> 0 AS signed, qm.has_pledge(h.signed_key, h.withdrawn_key) AS pledge, h.visits,
       c.village_group, c.lane, c.door, c.ref, c.head, c.phone
  FROM qm.household h
  JOIN qm.household_card c ON c.county = h.county AND c.household = h.household
 WHERE h.county = $1 AND h.household = $4 AND $2::text IS NOT NULL
   AND h.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
