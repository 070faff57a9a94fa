-- How many households that stand have a village's own number, and one of them.  $1 county, $2 rows, $3 numbers,
-- $4 the place each is looked for in.
SELECT u.o, count(h.household), (array_agg(h.household) FILTER (WHERE h.household IS NOT NULL))[1]
  FROM unnest($2::int[], $3::text[], $4::text[]) AS u (o, ref, place)
  LEFT JOIN qm.household_card c ON c.county = $1 AND c.ref = u.ref
  LEFT JOIN qm.household h
    ON h.county = c.county AND h.household = c.household AND h.status <> 5
   AND h.grid BETWEEN qm.first_grid(u.place) AND qm.last_grid(u.place)
 GROUP BY u.o
 ORDER BY u.o
