-- Accounts inside the caller's area that have not acknowledged a directive that concerns them.
-- $1 county, $2 role, $3 prefix, $4 directive.
SELECT DISTINCT r.account, r.role, r.prefix
  FROM qm.directive d
  JOIN qm.account_role r ON r.county = d.county AND starts_with(r.prefix, d.scope)
   AND r.role IN ('worker', 'leader', 'secretary')
  JOIN qm.account a ON a.county = r.county AND a.account = r.account AND NOT a.closed
 WHERE d.county = $1 AND d.directive = $4 AND $2::text IS NOT NULL AND starts_with(r.prefix, $3::text)
   AND NOT EXISTS (SELECT FROM qm.directive_ack k
                    WHERE k.county = d.county AND k.directive = d.directive AND k.account = r.account)
 ORDER BY r.account, r.role, r.prefix
