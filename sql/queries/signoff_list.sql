-- Sign-offs of the villages of a scope.  $3 period, $4 its last day, $5 size at which it was frozen, or null.
SELECT * FROM qm.signoff_list($1, $2, $3, $4, $5)
