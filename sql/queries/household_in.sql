-- A row if the household lies inside an area.  $1 county, $2 household, $3 area.
SELECT 1 FROM qm.household h
 WHERE h.county = $1 AND h.household = $2 AND h.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
