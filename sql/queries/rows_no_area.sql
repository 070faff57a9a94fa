-- Rows of a file whose division lies in an area and is not known.  $1 county, $2 divisions, $3 area.
SELECT u.o
  FROM unnest($2::text[]) WITH ORDINALITY AS u (x, o)
 WHERE length(u.x) <= 12 AND starts_with(u.x, $3) AND $1::int IS NOT NULL
   AND NOT EXISTS (SELECT FROM qm.division d WHERE d.code = u.x)
 ORDER BY u.o
