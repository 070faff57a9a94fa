-- Publishes a directive.
SELECT * FROM qm.directive_publish($1,$2,$3,$4,$5,$6,$7,$8)
