-- Held events of an area that nobody has decided on.  $1 county, $2 area.
SELECT e.id, e.kind, e.hold, e.grid, e.account, e.recv, e.idx, e.household
  FROM qm.event e
 WHERE e.county = $1 AND e.hold <> 0 AND e.grid BETWEEN qm.first_grid($2) AND qm.last_grid($2)
   AND NOT EXISTS (SELECT FROM qm.decision d WHERE d.county = $1 AND d.event = e.id)
 ORDER BY e.grid, e.idx, e.line
