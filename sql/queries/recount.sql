-- Counts everything anew in one snapshot; a row a difference.
SELECT * FROM qm.recount($1, $2)
