-- A directive, a row each account that it concerns inside an area, with when it acknowledged; one row without
-- an account if there are none.  $1 county, $2 directive, $3 area.
SELECT d.scope, d.title, d.body, d.due, d.by_account, d.at, r.account, k.at AS acknowledged
  FROM qm.directive d
  LEFT JOIN (SELECT DISTINCT x.county, x.account, x.prefix
               FROM qm.account_role x
               JOIN qm.account a USING (county, account)
              WHERE x.county = $1 AND x.role IN ('worker', 'leader', 'secretary') AND starts_with(x.prefix, $3::text)
                AND NOT a.closed) r
    ON r.county = d.county AND starts_with(r.prefix, d.scope)
  LEFT JOIN qm.directive_ack k ON k.county = d.county AND k.directive = d.directive AND k.account = r.account
 WHERE d.county = $1 AND d.directive = $2 AND (starts_with(d.scope, $3) OR starts_with($3, d.scope))
 GROUP BY d.scope, d.title, d.body, d.due, d.by_account, d.at, r.account, k.at
 ORDER BY k.at NULLS FIRST, r.account
