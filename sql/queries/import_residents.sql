-- Residents of a file: $1 county, $2 by, $3 now, $4 residents, $5 households, $6 names, $7 born, $8 phones,
-- $9 MACs of phones, $10 statuses, $11 groups.
SELECT * FROM qm.import_residents($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
