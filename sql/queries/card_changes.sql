-- What the office changed on a household and its residents, newest first.  $1 county, $2 household.
SELECT c.rev, c.subject, c.what, c.old, c.new, c.at, c.by_account
  FROM qm.register_change c
 WHERE c.county = $1
   AND c.subject IN (SELECT $2::uuid UNION ALL SELECT r.resident FROM qm.resident r
                      WHERE r.county = $1 AND r.household = $2)
 ORDER BY c.rev DESC, c.subject, c.what
 LIMIT 200
