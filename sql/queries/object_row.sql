-- Bytes that log entries name by hash.
SELECT body FROM qm.object WHERE county = $1 AND sha256 = $2 AND (open OR $3::boolean)
