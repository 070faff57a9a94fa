-- A row if the account has this role over an area on a day.  $1 county, $2 account, $3 role, $4 area, $5 day.
SELECT 1
  FROM qm.account_role r
  JOIN qm.account a USING (county, account)
 WHERE r.county = $1 AND r.account = $2 AND r.role = $3 AND starts_with($4::text, r.prefix) AND NOT a.closed
   AND qm.role_holds(r.from_day, r.until_day, $5::date)
 LIMIT 1
