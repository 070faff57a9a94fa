-- Removes parts of large objects that no commit came to.
SELECT * FROM qm.parts_sweep($1)
