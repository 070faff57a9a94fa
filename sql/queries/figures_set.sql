-- Takes figures from elsewhere in, all or none.
SELECT * FROM qm.figures_set($1, $2, $3, $4, $5, $6, $7, $8)
