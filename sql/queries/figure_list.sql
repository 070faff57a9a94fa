-- Figures from elsewhere of a period, within a prefix.
SELECT * FROM qm.figure_list($1, $2, $3)
