-- Rows of a file whose account stands above a township.  $1 county, $2 accounts, $3 area.
SELECT u.o
  FROM unnest($2::text[]) WITH ORDINALITY AS u (x, o)
 WHERE EXISTS (SELECT FROM qm.account_role r
                WHERE r.county = $1 AND r.account = u.x AND starts_with(r.prefix, $3)
                  AND r.role IN ('township', 'inspector', 'auditor', 'admin'))
 ORDER BY u.o
