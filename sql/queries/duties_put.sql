-- Responsible persons of a file: $1 county, $2 by, $3 now, $4 replace, $5 persons, $6 divisions, $7 duties,
-- $8 names, $9 phones, $10 trained.
SELECT * FROM qm.duties_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
