-- An event by its id in whichever county has it: one look-up by primary key a county.
SELECT e.county, e.idx, e.line, e.e, e.p
  FROM qm.log_head h
  JOIN qm.event e ON e.county = h.county AND e.id = $1
 WHERE e.p IS NOT NULL
 LIMIT 1
