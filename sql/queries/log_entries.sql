-- Entries, from one index to another.
SELECT body, idx FROM qm.log_entry WHERE county = $1 AND idx >= $2 AND idx < $3 ORDER BY idx
