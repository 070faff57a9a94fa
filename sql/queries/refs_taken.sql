-- Rows whose number another household of their village has.  $1 county, $2 households, $3 grids, $4 numbers.
SELECT o FROM qm.refs_taken($1, $2, $3, $4) ORDER BY o
