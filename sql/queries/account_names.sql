-- What the people are called whose acts stand in an area: accounts with a role within it or above it.
-- $1 county, $2 role, $3 prefix, $4 area.
SELECT DISTINCT a.account, a.name
  FROM qm.account_role r
  JOIN qm.account a ON a.county = r.county AND a.account = r.account
 WHERE r.county = $1 AND $2::text IS NOT NULL AND starts_with($4::text, $3::text)
   AND (starts_with(r.prefix, $4) OR starts_with($4, r.prefix)) AND a.name IS NOT NULL
 ORDER BY a.account
