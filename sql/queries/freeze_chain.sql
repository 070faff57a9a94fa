-- Published bulletins that nothing has replaced, newest first, each with its rule.  $1 county, $2 scope,
-- $3 kind of period, $4 size of the log that they lie below, $5 how many.
SELECT b.draft, b.period, o.body
  FROM qm.bulletin b
  JOIN qm.object o ON o.county = b.county AND o.sha256 = b.rule_sha
 WHERE b.county = $1 AND b.scope = $2 AND b.kind = $3 AND b.state = 1 AND b.to_size < $4
   AND NOT EXISTS (SELECT FROM qm.bulletin r WHERE r.county = b.county AND r.state = 1 AND r.replaces = b.idx)
 ORDER BY b.to_size DESC
 LIMIT $5
