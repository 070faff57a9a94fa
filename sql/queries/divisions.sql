-- Names of the divisions above and within an area, and of its grids where the area is a township or less.
-- $1 county, $2 role, $3 prefix of the caller, $4 area.
SELECT d.code, d.name, d.level
  FROM qm.division d
 WHERE $2::text IS NOT NULL AND starts_with($4::text, $3::text) AND starts_with($4, $1::int::text)
   AND (starts_with(d.code, $4) OR d.code IN (left($4, 6), left($4, 9), left($4, 12)))
UNION ALL
SELECT g.grid::text, g.name, 'grid'
  FROM qm.grid g
 WHERE g.county = $1 AND $2 IS NOT NULL AND starts_with($4, $3) AND length($4) >= 9
   AND g.grid BETWEEN qm.first_grid($4) AND qm.last_grid($4)
 ORDER BY 1
