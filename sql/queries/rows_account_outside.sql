-- Rows of a file whose account also has a role outside an area.  $1 county, $2 accounts, $3 area.
SELECT u.o
  FROM unnest($2::text[]) WITH ORDINALITY AS u (x, o)
 WHERE EXISTS (SELECT FROM qm.account_role r
                WHERE r.county = $1 AND r.account = u.x AND NOT starts_with(r.prefix, $3))
 ORDER BY u.o
