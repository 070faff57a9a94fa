-- Removes parts of large objects that no commit came to and that were put before $2 (Unix ms); how many.
SELECT removed FROM qm.parts_sweep($1, $2)
