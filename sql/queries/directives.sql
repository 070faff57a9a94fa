-- Directives that concern the caller's area, newest first, with how many have acknowledged of how many.
-- $1 county, $2 role, $3 prefix, $4 account, $5 before (Unix ms), $6 limit.
SELECT d.directive, d.scope, d.title, d.body, d.due, d.by_account, d.at,
       (SELECT count(DISTINCT r.account) FROM qm.account_role r JOIN qm.account a USING (county, account)
         WHERE r.county = d.county AND NOT a.closed AND starts_with(r.prefix, d.scope)
           AND r.role IN ('worker', 'leader', 'secretary')) AS concerned,
       (SELECT count(*) FROM qm.directive_ack k
         WHERE k.county = d.county AND k.directive = d.directive) AS acknowledged,
       (SELECT k.at FROM qm.directive_ack k
         WHERE k.county = d.county AND k.directive = d.directive AND k.account = $4::text) AS own
  FROM qm.directive d
 WHERE d.county = $1 AND $2::text IS NOT NULL AND (starts_with(d.scope, $3::text) OR starts_with($3, d.scope))
   AND d.at < $5::bigint
 ORDER BY d.at DESC, d.directive
 LIMIT $6::int
