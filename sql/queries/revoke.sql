-- Revokes a phone: $1 county, $2 by, $3 device, $4 its name, $5 lost since, $6 now.
SELECT * FROM qm.revoke($1, $2, $3, $4, $5, $6)
