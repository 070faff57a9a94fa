-- The lines of a batch in order: E of what was recorded (also earlier, for repeats), what is kept
-- of rejected ones.
SELECT u.id, e.e, q.leaf, q.reason, q.e
  FROM qm.batch b
 CROSS JOIN LATERAL unnest(b.ids) WITH ORDINALITY AS u (id, n)
  LEFT JOIN qm.event e ON e.county = b.county AND e.id = u.id
  LEFT JOIN qm.quarantine q ON q.county = b.county AND q.idx = b.idx AND q.line = u.n - 1
 WHERE b.county = $1 AND b.idx = $2
 ORDER BY u.n
