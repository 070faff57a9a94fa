-- Figures from elsewhere, in the order of the imports' lines.  $1 county, $2 scope, $3 period, $4 metrics.
SELECT * FROM qm.freeze_figures($1, $2, $3, $4)
