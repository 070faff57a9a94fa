-- Rows of a file whose grid stands in an earlier one.  $1 county, $2 grids.
SELECT q.o
  FROM (SELECT u.o, row_number() OVER (PARTITION BY u.x ORDER BY u.o) AS k
          FROM unnest($2::bigint[]) WITH ORDINALITY AS u (x, o)
         WHERE $1::int IS NOT NULL AND u.x IS NOT NULL) q
 WHERE q.k > 1
 ORDER BY q.o
