-- When a part was put, so that the night tells one that a freeze has just put from one that was left.
ALTER TABLE qm.object_part ADD COLUMN put_ms bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN qm.object_part.put_ms IS 'when it was put, or found again by a later freeze';
COMMENT ON TABLE qm.object_part IS 'bytes of large objects (rosters) in parts, by the hash of the whole; their bytes are insert only';
-- It takes an age, too.
DROP FUNCTION IF EXISTS qm.parts_sweep(int);
