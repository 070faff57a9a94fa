-- A resident moves to another household: $1 county, $2 by, $3 now, $4 resident, $5 household.
SELECT * FROM qm.move_resident($1, $2, $3, $4, $5)
