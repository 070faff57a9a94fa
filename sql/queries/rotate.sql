-- Gives a device a new key.
SELECT * FROM qm.rotate($1, $2, $3, $4, $5, $6, $7)
