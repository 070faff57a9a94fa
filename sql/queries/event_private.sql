-- What those events create and with which sealed part: a household (kind 5), or a resident who was found or
-- moved in (kind 6).  $1 county, $2 events.
SELECT e.id, CASE e.kind WHEN 5 THEN e.household ELSE e.resident END, e.p
  FROM qm.event e
 WHERE e.county = $1 AND e.id = ANY ($2) AND (e.kind = 5 OR e.kind = 6 AND e.code IN (1, 2))
 ORDER BY e.id
