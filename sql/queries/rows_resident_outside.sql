-- Rows of a file whose resident is there, outside an area.  $1 county, $2 residents, $3 area.
SELECT u.o
  FROM unnest($2::uuid[]) WITH ORDINALITY AS u (x, o)
  JOIN qm.resident r ON r.county = $1 AND r.resident = u.x
 WHERE r.grid NOT BETWEEN qm.first_grid($3) AND qm.last_grid($3)
 ORDER BY u.o
