-- Logs pictures that are there and named.
SELECT * FROM qm.blob_note($1, $2)
