-- Rows of a file (from 1) and the grids of their households, those in the register.  $1 county, $2 households.
SELECT u.o, h.grid
  FROM unnest($2::uuid[]) WITH ORDINALITY AS u (x, o)
  JOIN qm.household h ON h.county = $1 AND h.household = u.x
