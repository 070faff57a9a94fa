-- Who looked at what in full, newest first: accounts with a role inside the caller's area.
-- $1 county, $2 role, $3 prefix, $4 before (Unix ms), $5 limit.
SELECT x.at, x.account, x.role, x.what, x.subject, x.reason
  FROM qm.access x
 WHERE x.county = $1 AND $2::text IS NOT NULL AND x.at < $4::bigint
   AND EXISTS (SELECT FROM qm.account_role r
                WHERE r.county = x.county AND r.account = x.account AND starts_with(r.prefix, $3::text))
 ORDER BY x.at DESC, x.id
 LIMIT $5::int
