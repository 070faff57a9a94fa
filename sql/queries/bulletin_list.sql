-- Bulletins within a prefix, newest first.  $2 role, $3 prefix, $4 scope or null, $5 below this key or null, $6 limit.
SELECT * FROM qm.bulletin_list($1, $2, $3, $4, $5, $6)
