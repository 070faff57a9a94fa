-- Begins a session after a good password.
SELECT * FROM qm.session_begin($1,$2,$3,$4,$5,$6)
