-- Takes a device in for a code.
SELECT * FROM qm.enrol($1, $2, $3, $4, $5, $6, $7)
