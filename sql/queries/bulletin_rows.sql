-- Divisions of a ranking in the order of the result.
SELECT * FROM qm.bulletin_rows($1, $2)
