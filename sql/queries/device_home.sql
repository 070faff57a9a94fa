-- Every key ever seen of a device name, with its county (reference table, by index).
SELECT county, key FROM qm.device_home WHERE device = $1
