-- The log entry that put a setting in force.  $1 county, $2 kind.
SELECT s.idx, e.recv, substring(convert_from(e.body, 'UTF8') FROM E'\nby ([0-9A-Z]+)\n') AS by_account,
       encode(s.sha256, 'hex') AS sha256, o.body
  FROM qm.setting s
  JOIN qm.log_entry e ON e.county = s.county AND e.idx = s.idx
  JOIN qm.object o ON o.county = s.county AND o.sha256 = s.sha256
 WHERE s.county = $1 AND s.kind = $2
