-- Phones of accounts that work in an area: when they were heard of, what they still owe, and whether the
-- account made the code for itself, as an office does for its own browser.
-- $1 county, $2 role, $3 prefix, $4 area.
SELECT d.device, d.account, d.hard, e.recv AS enrolled, d.last_recv, d.revoked_idx IS NOT NULL AS revoked,
       d.revoked_recv, coalesce(upper(d.recorded + d.rejected) - 1, 0) AS seq,
       (SELECT coalesce(sum(upper(u.gap) - lower(u.gap)), 0)::bigint
          FROM unnest(int8multirange(int8range(1, upper(d.recorded + d.rejected)))
                      - (d.recorded + d.rejected)) AS u (gap)
         WHERE NOT isempty(d.recorded + d.rejected)) AS missing,
       d.device IN (SELECT k.device FROM qm.enrol_code c
                      JOIN qm.device_key k ON k.county = c.county AND k.key = c.used_key
                     WHERE c.county = $1 AND c.by_account = c.account) AS own
  FROM qm.device d
  JOIN qm.log_entry e ON e.county = d.county AND e.idx = d.enrolled_idx
 WHERE d.county = $1 AND $2::text IS NOT NULL AND starts_with($4::text, $3::text)
   AND EXISTS (SELECT FROM qm.account_grid g
                WHERE g.county = d.county AND g.account = d.account
                  AND g.grid BETWEEN qm.first_grid($4) AND qm.last_grid($4))
 ORDER BY d.account, e.recv
