-- A row if the resident lives inside an area.  $1 county, $2 resident, $3 area.
SELECT 1 FROM qm.resident r
 WHERE r.county = $1 AND r.resident = $2 AND r.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
