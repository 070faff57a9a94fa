-- A setting, by who may: $1 county, $2 by, $3 now, $4 the area that the account works in, $5 kind, $6 bytes, $7 rows and
-- $8 bytes at most.
SELECT * FROM qm.setting_put($1, $2, $3, $4, $5, $6, $7, $8)
