-- Divisions of a file, new or renamed.  Reference rows, which belong to no county.  $1 codes, $2 names,
-- $3 parents, $4 levels.
INSERT INTO qm.division AS d (code, name, parent, level)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent, level = excluded.level
