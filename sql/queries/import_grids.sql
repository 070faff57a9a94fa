-- Grids of a file: $1 county, $2 by, $3 now, $4 grids, $5 names, $6 populations, $7 sources, $8 days.
SELECT * FROM qm.import_grids($1, $2, $3, $4, $5, $6, $7, $8)
