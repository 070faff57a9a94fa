-- Ends one session of an account, or all.
SELECT * FROM qm.session_end($1,$2,$3,$4)
