-- Opens a county's log: $1 county, $2 name, $3 by, $4 now, $5 key of the log, $6 day.
SELECT * FROM qm.county_add($1, $2, $3, $4, $5, $6)
