-- Closes an account: $1 county, $2 by, $3 now, $4 account, $5 reason.
SELECT * FROM qm.account_close($1, $2, $3, $4, $5)
