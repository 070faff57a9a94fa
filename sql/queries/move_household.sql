-- A household moves to another grid: $1 county, $2 by, $3 now, $4 household, $5 grid.
SELECT * FROM qm.move_household($1, $2, $3, $4, $5)
