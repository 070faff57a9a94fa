-- What an account's phone must know, as a difference since a revision.
SELECT * FROM qm.changes($1, $2, $3, $4)
