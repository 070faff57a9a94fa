-- All that a setting ever was, newest first: read from the log.  $1 county, $2 kind, $3 below which
-- index, $4 limit.
SELECT e.idx, e.recv, substring(x.text FROM E'\nby ([0-9A-Z]+)\n') AS by_account, x.sha256, o.body
  FROM qm.log_entry e
 CROSS JOIN LATERAL (SELECT convert_from(e.body, 'UTF8') AS text,
                            substr(split_part(convert_from(e.body, 'UTF8'), E'\n' || $2::text || ' sha256:', 2), 1, 64) AS sha256) x
  JOIN qm.object o ON o.county = e.county AND o.sha256 = decode(x.sha256, 'hex')
 WHERE e.county = $1 AND e.type = 7 AND e.idx < $3::bigint AND x.sha256 ~ '^[0-9a-f]{64}$'
 ORDER BY e.idx DESC
 LIMIT $4::int
