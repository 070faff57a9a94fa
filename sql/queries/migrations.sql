-- The files that have run, with what was in them.
SELECT name, sha256 FROM qm.migration ORDER BY name
