-- What pages remember for the county.  $1 county, $2 name.
SELECT p.body, p.by_account, p.at FROM qm.preference p WHERE p.county = $1 AND p.name = $2
