-- What can be frozen for a scope and kind of period ($4: index of the bulletin to replace, or null).
SELECT * FROM qm.freeze_head($1, $2, $3, $4)
