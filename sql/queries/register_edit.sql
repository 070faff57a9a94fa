-- Fields of a card: $1 county, $2 by, $3 now, $4 what, $5 subject, $6 fields, $7 values, $8 bytes, $9 MACs.
SELECT * FROM qm.register_edit($1, $2, $3, $4, $5, $6, $7, $8, $9)
