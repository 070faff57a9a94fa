-- One part of a roster, alone; the commit of a freeze counts those that are there.  A part that an earlier
-- freeze left is this one's now, and as young.  $1 county, $2 SHA-256 of the whole, $3 part, $4 bytes, $5 now.
INSERT INTO qm.object_part AS p (county, sha256, part, body, put_ms) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (county, sha256, part) DO UPDATE SET put_ms = greatest(p.put_ms, excluded.put_ms)
