-- The county's admins: two at most, because only one alone is somebody's default.
SELECT DISTINCT r.account
  FROM qm.account_role r
  JOIN qm.account a USING (county, account)
 WHERE r.county = $1 AND r.role = 'admin' AND NOT a.closed
 LIMIT 2
