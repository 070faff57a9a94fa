-- Sums of the folds, a row a grid.  $1 county, $2 scope, $3 last day, $4 and $5 size and revision of the
-- bulletin before, $6 and $7 those of now, $8 the first millisecond of the period, $9 and $10 the divisions
-- (grid / $9) of which what stood at $4 is known, $11 to $14 the lines that changed: kind, id, grid and word then.
SELECT * FROM qm.freeze_sums($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
