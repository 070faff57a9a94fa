-- Takes a change back: $1 county, $2 by, $3 now, $4 prefix, $5 revision, $6 subject or null.
SELECT * FROM qm.register_undo($1, $2, $3, $4, $5, $6)
