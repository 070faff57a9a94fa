-- An entry (n 0) and the stored nodes that its proof is made of (n from 1), in the asked order.
SELECT 0::bigint AS n, e.body AS bytes FROM qm.log_entry e WHERE e.county = $1 AND e.idx = $2
UNION ALL
SELECT u.n, x.hash
  FROM unnest($3::smallint[], $4::bigint[]) WITH ORDINALITY AS u (level, pos, n)
  JOIN qm.log_node x ON x.county = $1 AND x.level = u.level AND x.pos = u.pos
 ORDER BY 1
