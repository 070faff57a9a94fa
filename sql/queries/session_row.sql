-- Who is signed in with this cookie, and the roles that hold today; no row: nobody.
SELECT s.account, s.ends_ms, r.role, r.prefix
  FROM qm.session s
  JOIN qm.account a ON a.county = s.county AND a.account = s.account AND NOT a.closed
  JOIN qm.account_role r ON r.county = s.county AND r.account = s.account
 WHERE s.county = $1 AND s.session_mac = $2 AND s.ends_ms > $3
   AND qm.role_holds(r.from_day, r.until_day, $4::date)
 ORDER BY length(r.prefix), r.prefix, r.role
