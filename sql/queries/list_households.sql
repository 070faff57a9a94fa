-- A page of the households behind a figure.
SELECT * FROM qm.list_households($1, $2, $3, $4, $5, $6, $7, $8)
