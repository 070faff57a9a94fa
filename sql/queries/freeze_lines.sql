-- What the lines of a roster are made of, in no order.  $1 county, $2 scope, $3 last day, $4 kind
-- (1 households, 2 residents).
SELECT id, grid, status, merged FROM qm.freeze_lines($1, $2, $3) WHERE kind = $4
