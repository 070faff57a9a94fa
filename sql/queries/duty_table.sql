-- Divisions of an area with their responsible persons counted.  $1 county, $2 role, $3 prefix, $4 area.
SELECT t.code, t.name, t.level, t.people, t.needed, t.n[1], t.n[2], t.n[3], t.n[4], t.n[5], t.trained
  FROM qm.duty_table($1, $2, $3, $4) t
