-- Bytes that log entries name by hash; null for one that is not for everybody, unless $3.  With parts
-- above 0 the body is empty and the bytes are in object_part.
SELECT CASE WHEN open OR $3::boolean THEN body END, parts, bytes FROM qm.object WHERE county = $1 AND sha256 = $2
