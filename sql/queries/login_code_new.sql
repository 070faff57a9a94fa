-- A code for the first sign-in at a browser: $1 county, $2 by, $3 account, $4 its MAC, $5 expires.
SELECT * FROM qm.login_code_new($1, $2, $3, $4, $5)
