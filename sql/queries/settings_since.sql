-- Texts, targets and topics in force that were set at or after a log index.
SELECT s.kind, o.body
  FROM qm.setting s
  JOIN qm.object o ON o.county = s.county AND o.sha256 = s.sha256
 WHERE s.county = $1 AND s.kind IN ('texts', 'targets', 'topics') AND s.idx >= $2
 ORDER BY s.kind
