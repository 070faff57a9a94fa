-- Rows of a file whose household is there, outside an area.  $1 county, $2 households, $3 area.
SELECT u.o
  FROM unnest($2::uuid[]) WITH ORDINALITY AS u (x, o)
  JOIN qm.household h ON h.county = $1 AND h.household = u.x
 WHERE h.grid NOT BETWEEN qm.first_grid($3) AND qm.last_grid($3)
 ORDER BY u.o
