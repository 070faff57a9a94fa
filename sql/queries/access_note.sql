-- Notes who looked at what in full, and why.
SELECT * FROM qm.access_note($1,$2,$3,$4,$5,$6,$7,$8)
