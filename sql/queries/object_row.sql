-- Bytes that log entries name by hash; null for one that is not for everybody, unless $3.
SELECT CASE WHEN open OR $3::boolean THEN body END FROM qm.object WHERE county = $1 AND sha256 = $2
