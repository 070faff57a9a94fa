-- Notes the hash of a scan of the sealed paper.
SELECT * FROM qm.bulletin_seal_set($1, $2, $3, $4, $5)
