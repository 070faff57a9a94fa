-- A page of the residents behind a figure.
SELECT * FROM qm.list_residents($1, $2, $3, $4, $5, $6, $7, $8, $9)
