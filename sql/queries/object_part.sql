-- One part of a large object.
SELECT body FROM qm.object_part WHERE county = $1 AND sha256 = $2 AND part = $3
