-- Counts a wrong password.
SELECT * FROM qm.login_fail($1,$2,$3)
