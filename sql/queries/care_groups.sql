-- The county's care groups.  $1 county, $2 day.
SELECT * FROM qm.care_groups($1, $2)
