-- Opens a closed account: $1 county, $2 by, $3 now, $4 account, $5 reason.
SELECT * FROM qm.account_open($1, $2, $3, $4, $5)
