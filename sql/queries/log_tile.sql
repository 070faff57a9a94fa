-- Roots of perfect subtrees, from one place to another.
SELECT hash, pos FROM qm.log_node WHERE county = $1 AND level = $2 AND pos >= $3 AND pos < $4 ORDER BY pos
