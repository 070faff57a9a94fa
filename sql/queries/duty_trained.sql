-- A responsible person was trained: $1 county, $2 by, $3 now, $4 prefix, $5 person, $6 day.
SELECT * FROM qm.duty_trained($1, $2, $3, $4, $5, $6)
