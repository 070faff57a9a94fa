-- The name of a county's division.
SELECT name FROM qm.division WHERE code = $1::int::text
