-- Phones of a scope that were not heard of since a time or owe something.
SELECT * FROM qm.silent_phones($1, $2, $3)
