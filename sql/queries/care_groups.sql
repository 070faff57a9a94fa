-- The county's care groups, and the areas whose targets name them.  $1 county, $2 day, $3 area.
SELECT * FROM qm.care_groups($1, $2, $3)
