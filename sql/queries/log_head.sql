-- Where a county's log stands.
SELECT tree, size, root FROM qm.log_head WHERE county = $1
