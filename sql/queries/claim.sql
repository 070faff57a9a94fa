-- Who is responsible for households: $1 county, $2 by, $3 now, $4 households, $5 workers ('' nobody).
SELECT * FROM qm.claim($1, $2, $3, $4, $5)
