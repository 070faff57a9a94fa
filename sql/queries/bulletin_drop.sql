-- Drops a frozen draft.
SELECT * FROM qm.bulletin_drop($1, $2, $3)
