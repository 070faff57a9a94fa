-- What the roster's lines of one kind ($4) are made of, in no order; read it through a cursor.  $1 county,
-- $2 scope, $3 day.
SELECT id, grid, status, merged FROM qm.freeze_lines($1, $2, $3) WHERE kind = $4
