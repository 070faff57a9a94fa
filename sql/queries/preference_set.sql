-- A preference of the county: $1 county, $2 by, $3 now, $4 name, $5 its JSON.
SELECT * FROM qm.preference_set($1, $2, $3, $4, $5)
