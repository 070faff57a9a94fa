-- The last checkpoint under the name of one tree: before the size at which the next one begins.
SELECT c.tree, c.size, c.root
  FROM qm.log_checkpoint c
 WHERE c.county = $1 AND c.tree = $2
   AND c.size <= coalesce((SELECT n.from_size FROM qm.log_tree n WHERE n.county = $1 AND n.tree = $2 + 1),
                          9223372036854775807)
 ORDER BY c.size DESC LIMIT 1
