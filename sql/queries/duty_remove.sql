-- A responsible person goes: $1 county, $2 by, $3 now, $4 prefix, $5 person.
SELECT * FROM qm.duty_remove($1, $2, $3, $4, $5)
