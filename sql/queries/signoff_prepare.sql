-- Prepares a village's roster for its sign-off.
SELECT * FROM qm.signoff_prepare($1, $2, $3, $4, $5, $6)
