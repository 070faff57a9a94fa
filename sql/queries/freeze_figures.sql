-- Imported figures of a scope and period for the metrics of a rule, sorted as their lines.
SELECT * FROM qm.freeze_figures($1, $2, $3, $4)
