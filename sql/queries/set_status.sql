-- The status of a household or resident: $1 county, $2 by, $3 now, $4 which of them, $5 subject, $6 status.
SELECT * FROM qm.set_status($1, $2, $3, $4, $5, $6)
