-- The head, and the checkpoint row at the size that an instance has signed.
SELECT h.tree, h.size, c.root
  FROM qm.log_head h
  LEFT JOIN qm.log_checkpoint c ON c.county = h.county AND c.size = $2
 WHERE h.county = $1
