-- Acknowledges a directive.
SELECT * FROM qm.directive_acknowledge($1,$2,$3,$4)
