-- People of a file, a row an area: $1 county, $2 by, $3 now, $4 accounts, $5 roles, $6 names, $7 phones,
-- $8 prefixes; $9 whether the file says from when ($10), $11 whether it says until when ($12), $13 whether it has
-- names, $14 phones.
SELECT * FROM qm.import_accounts($1, $2, $3, $4, $5, CASE WHEN $13 THEN $6 END, CASE WHEN $14 THEN $7 END, $8, CASE WHEN $9 THEN $10 END, CASE WHEN $11 THEN $12 END)
