-- Takes away the groups of people that no target in force names.  $1 county, $2 day.
SELECT * FROM qm.groups_sweep($1, $2)
