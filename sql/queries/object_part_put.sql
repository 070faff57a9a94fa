-- Adds a part of a large object; once is enough.
INSERT INTO qm.object_part (county, sha256, part, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (county, sha256, part) DO NOTHING
