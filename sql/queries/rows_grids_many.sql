-- Accounts of a file with more than 64 grids, and the last row of each.  $1 county, $2 grids, $3 accounts, $4 roles.
SELECT max(t.o), count(*)
  FROM (SELECT u.account, max(u.o) AS o
          FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS u (x, account, role, o)
         WHERE u.role IN ('worker', 'leader') AND $1 > 0
         GROUP BY u.account, u.x) t
 GROUP BY t.account
HAVING count(*) > 64
 ORDER BY 1
