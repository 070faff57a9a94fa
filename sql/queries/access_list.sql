-- Who looked at what in full, newest first: accounts with a role inside the caller's area.
-- $1 county, $2 role, $3 prefix, $4 before (Unix ms), $5 limit: more if the last ones are of one millisecond, so that
-- going on before that one leaves none out.
SELECT a.at, a.account, a.role, a.what, a.subject, a.reason
  FROM (SELECT x.at, x.id, x.account, x.role, x.what, x.subject, x.reason
          FROM qm.access x
         WHERE x.county = $1 AND $2::text IS NOT NULL AND x.at < $4::bigint
           AND EXISTS (SELECT FROM qm.account_role r
                        WHERE r.county = x.county AND r.account = x.account AND starts_with(r.prefix, $3::text))
         ORDER BY x.at DESC
         FETCH FIRST ($5::int) ROWS WITH TIES) a
 ORDER BY a.at DESC, a.id
