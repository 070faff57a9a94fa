-- Rows of a file whose grid lies in no village.  $1 county, $2 grids.
SELECT u.o
  FROM unnest($2::bigint[]) WITH ORDINALITY AS u (x, o)
 WHERE u.x / 1000000000 = $1
   AND NOT EXISTS (SELECT FROM qm.division d WHERE d.code = (u.x / 1000)::text AND d.level = 'village')
 ORDER BY u.o
