-- Rows of a file whose grid was not imported.  $1 county, $2 grids.
SELECT u.o
  FROM unnest($2::bigint[]) WITH ORDINALITY AS u (x, o)
 WHERE u.x / 1000000000 = $1 AND NOT EXISTS (SELECT FROM qm.grid g WHERE g.county = $1 AND g.grid = u.x)
 ORDER BY u.o
