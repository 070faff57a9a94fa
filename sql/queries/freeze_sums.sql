-- Sums of a scope, a row a grid.  $1 county, $2 scope, $3 day, $4 from, $5 its revision, $6 to, $7 its
-- revision, $8 begin of the period in Unix ms.
SELECT * FROM qm.freeze_sums($1, $2, $3, $4, $5, $6, $7, $8)
