-- One part of a roster, alone; the commit of a freeze counts those that are there.
INSERT INTO qm.object_part (county, sha256, part, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
