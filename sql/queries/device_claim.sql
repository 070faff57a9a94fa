-- Takes a key and a device name for a county, for ever; true if it is theirs (also from before).
-- Repeatable.  A device that rotates may bring further keys: $4 says that the name may be known.
WITH claimed AS (
    INSERT INTO qm.device_home (key, device, county)
    SELECT $1::bytea, $2::uuid, $3::int
     WHERE $4::boolean OR NOT EXISTS (SELECT FROM qm.device_home h WHERE h.device = $2 AND h.key <> $1)
    ON CONFLICT (key) DO NOTHING
    RETURNING key
)
SELECT EXISTS (SELECT FROM claimed)
    OR EXISTS (SELECT FROM qm.device_home h WHERE h.key = $1 AND h.device = $2 AND h.county = $3)
