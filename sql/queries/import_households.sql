-- Households of a file: $1 county, $2 by, $3 now, $4 households, $5 grids, $6 places, $7 statuses, $8 groups,
-- $9 lanes, $10 doors, $11 heads, $12 phones, $13 MACs of phones, $14 workers; $15 whether the file has the
-- village's own numbers ($16).
SELECT * FROM qm.import_households($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, CASE WHEN $15 THEN $16 END)
