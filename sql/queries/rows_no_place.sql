-- Rows of a file whose grid was not imported, or whose division is not known.  $1 county, $2 codes.
SELECT u.o
  FROM unnest($2::text[]) WITH ORDINALITY AS u (x, o)
 WHERE CASE WHEN length(u.x) = 15
            THEN NOT EXISTS (SELECT FROM qm.grid g WHERE g.county = $1 AND g.grid = u.x::bigint)
            ELSE NOT EXISTS (SELECT FROM qm.division d WHERE d.code = u.x)
       END
 ORDER BY u.o
