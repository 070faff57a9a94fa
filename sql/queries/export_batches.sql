-- Batch entries of a log in order: $2 above this index, $3 below this size.
SELECT idx FROM qm.batch WHERE county = $1 AND idx > $2 AND idx < $3 AND idx >= 0 ORDER BY idx LIMIT $4
