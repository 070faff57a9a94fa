-- One bulletin by draft id, or ($2 null) a published one by its entry's index.
SELECT * FROM qm.bulletin_read($1, $2, $3)
