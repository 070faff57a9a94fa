-- Sets a password by a one-time code.
SELECT * FROM qm.login_first($1,$2,$3,$4,$5)
