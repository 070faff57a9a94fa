-- What a bearer token may do on a day, which is no more than what its account may; a closed account's
-- tokens are no more.  $1 county, $2 MAC, $3 day.
SELECT t.account, t.role, t.prefix, t.expires_ms
  FROM qm.token t
  JOIN qm.account a ON a.county = t.county AND a.account = t.account AND NOT a.closed
 WHERE t.county = $1 AND t.token_mac = $2
   AND EXISTS (SELECT FROM qm.account_role r
                WHERE r.county = t.county AND r.account = t.account AND r.role = t.role
                  AND starts_with(t.prefix, r.prefix) AND qm.role_holds(r.from_day, r.until_day, $3::date))
