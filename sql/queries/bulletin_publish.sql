-- Publishes a frozen draft; asked again: the same answer.
SELECT * FROM qm.bulletin_publish($1, $2, $3, $4)
