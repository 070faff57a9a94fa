-- Rows of a file whose household does not stand inside an area.  $1 county, $2 households, $3 area.
SELECT u.o
  FROM unnest($2::uuid[]) WITH ORDINALITY AS u (x, o)
 WHERE u.x IS NOT NULL
   AND NOT EXISTS (SELECT FROM qm.household h
                    WHERE h.county = $1 AND h.household = u.x AND h.status <> 5
                      AND h.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3))
 ORDER BY u.o
