-- Removes pictures that nobody named and bytes that were quarantined long enough.
SELECT * FROM qm.blob_sweep($1, $2)
