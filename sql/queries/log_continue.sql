-- Goes on with a log that came from a backup: $1 county, $2 by, $3 now, $4 origin that is left, $5 key of the new one.
SELECT * FROM qm.log_continue($1, $2, $3, $4, $5)
