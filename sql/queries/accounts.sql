-- Accounts with a role inside an area, a row a role.  $1 county, $2 role, $3 prefix, $4 area.
SELECT a.account, a.closed, r.role, r.prefix, r.from_day, r.until_day,
       EXISTS (SELECT FROM qm.password p WHERE p.county = a.county AND p.account = a.account) AS signs_in,
       (SELECT count(*) FROM qm.device d
         WHERE d.county = a.county AND d.account = a.account AND d.revoked_idx IS NULL) AS phones,
       c.at AS closed_at, c.by_account AS closed_by, c.reason AS closed_why, a.name, a.phone
  FROM qm.account_role r
  JOIN qm.account a ON a.county = r.county AND a.account = r.account
  LEFT JOIN LATERAL (SELECT k.at, k.by_account, k.reason FROM qm.account_closing k
                      WHERE k.county = a.county AND k.account = a.account AND a.closed
                      ORDER BY k.at DESC LIMIT 1) c ON true
 WHERE r.county = $1 AND $2::text IS NOT NULL AND starts_with($4::text, $3::text) AND starts_with(r.prefix, $4)
 ORDER BY a.account, r.role, r.prefix
