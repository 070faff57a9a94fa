-- What there is to freeze: head, range, bulletin before and rule.  $1 county, $2 scope, $3 kind of period,
-- $4 entry that a correction replaces, or null.
SELECT * FROM qm.freeze_head($1, $2, $3, $4)
