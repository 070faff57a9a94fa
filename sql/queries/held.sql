-- Held events of an area that nobody has decided on, in the order of grids.
-- $1 county, $2 role, $3 prefix, $4 area, $5 to $7 place of the last one seen (grid, index, line), $8 limit.
SELECT e.id, e.kind, e.hold, e.grid, e.account, e.household, e.resident, e.at, e.recv, e.idx, e.line
  FROM qm.event e
 WHERE e.county = $1 AND e.hold <> 0 AND $2::text IS NOT NULL AND starts_with($4::text, $3::text)
   AND e.grid BETWEEN qm.first_grid($4) AND qm.last_grid($4)
   AND (e.grid, e.idx, e.line) > ($5::bigint, $6::bigint, $7::int)
   AND NOT EXISTS (SELECT FROM qm.decision d WHERE d.county = e.county AND d.event = e.id)
 ORDER BY e.grid, e.idx, e.line
 LIMIT $8::int
