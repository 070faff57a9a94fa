-- Settles what workers propose: $1 county, $2 by, $3 now, $4 prefix, $5 events, $6 as what, $7 status of a household,
-- $8 of a resident, $9 target, $10 grid, $11 residents.
SELECT * FROM qm.proposals_settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
