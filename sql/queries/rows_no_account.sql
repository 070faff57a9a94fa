-- Rows of a file whose account is not known.  $1 county, $2 accounts.
SELECT u.o
  FROM unnest($2::text[]) WITH ORDINALITY AS u (x, o)
 WHERE u.x IS NOT NULL AND NOT EXISTS (SELECT FROM qm.account a WHERE a.county = $1 AND a.account = u.x)
 ORDER BY u.o
