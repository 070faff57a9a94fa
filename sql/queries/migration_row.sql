-- A row if this file has run.  $1 its name.
SELECT 1 FROM qm.migration WHERE name = $1
