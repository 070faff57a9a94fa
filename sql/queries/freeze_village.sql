-- All roster lines of a village and the size they stand for.
SELECT * FROM qm.freeze_village($1, $2, $3)
