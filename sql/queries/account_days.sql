-- From when and until when a role holds: $1 county, $2 by, $3 now, $4 account, $5 role, $6 prefix, $7 from, $8 until.
SELECT * FROM qm.account_days($1, $2, $3, $4, $5, $6, $7, $8)
