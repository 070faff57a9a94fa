-- Rows of a file whose division is not known.  $1 county, $2 divisions.
SELECT u.o
  FROM unnest($2::text[]) WITH ORDINALITY AS u (x, o)
 WHERE u.x IS NOT NULL AND $1::int IS NOT NULL AND NOT EXISTS (SELECT FROM qm.division d WHERE d.code = u.x)
 ORDER BY u.o
