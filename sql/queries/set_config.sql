-- A setting of the county: $1 county, $2 by, $3 now, $4 kind, $5 SHA-256, $6 bytes, $7 whether everybody may read them.
SELECT * FROM qm.set_config($1, $2, $3, $4, $5, $6, $7)
