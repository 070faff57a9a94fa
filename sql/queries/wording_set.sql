-- Changes sections of a draft's wording.
SELECT * FROM qm.wording_set($1, $2, $3, $4, $5, $6)
