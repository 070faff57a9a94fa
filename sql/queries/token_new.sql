-- A token for a program: $1 county, $2 account, $3 role, $4 prefix, $5 its MAC, $6 expires.
SELECT * FROM qm.token_new($1, $2, $3, $4, $5, $6)
