-- Sets another password; the other sessions end.
SELECT * FROM qm.password_change($1,$2,$3,$4,$5)
