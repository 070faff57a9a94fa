-- A preference of the county: $1 county, $2 by, $3 now, $4 the area that the account works in, $5 name, $6 its JSON.
SELECT * FROM qm.preference_put($1, $2, $3, $4, $5, $6)
