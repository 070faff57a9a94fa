-- One of these events that lies outside an area, by its grid and by its household's.  $1 county, $2 events, $3 area.
SELECT e.id
  FROM qm.event e
  LEFT JOIN qm.household h ON h.county = e.county AND h.household = e.household
 WHERE e.county = $1 AND e.id = ANY ($2)
   AND NOT (e.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
            OR coalesce(h.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3), false))
 LIMIT 1
