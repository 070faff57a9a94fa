-- The bytes of a setting in force, and the log entry that set it.
SELECT o.body, s.idx
  FROM qm.setting s JOIN qm.object o ON o.county = s.county AND o.sha256 = s.sha256
 WHERE s.county = $1 AND s.kind = $2
