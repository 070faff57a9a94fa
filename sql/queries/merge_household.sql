-- One household becomes part of another: $1 county, $2 by, $3 now, $4 the one that goes, $5 the one that stays.
SELECT * FROM qm.merge_household($1, $2, $3, $4, $5)
