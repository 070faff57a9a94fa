-- A part of a household becomes one of its own: $1 county, $2 by, $3 now, $4 from, $5 new, $6 residents, $7 grid,
-- $8 place, $9 group, $10 lane, $11 door, $12 head, $13 phone, $14 MAC of the phone.
SELECT * FROM qm.split_household($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
