-- Stores a sealed picture within the device's budget of the day.
SELECT * FROM qm.blob_put($1, $2, $3, $4, $5, $6, $7, $8, $9)
