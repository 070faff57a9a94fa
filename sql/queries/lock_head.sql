-- Keeps everybody else from writing to the county until the transaction ends.
SELECT (qm.lock_head($1)).size
