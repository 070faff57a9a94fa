-- Confirms a village's roster.
SELECT * FROM qm.signoff_confirm($1, $2, $3, $4, $5, $6, $7)
