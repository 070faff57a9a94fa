-- Keeps what a recount found.
SELECT * FROM qm.recount_note($1, $2, $3, $4)
