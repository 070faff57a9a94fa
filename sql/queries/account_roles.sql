-- An account's roles, and whether each lies inside an area.  $1 county, $2 account, $3 area.
SELECT r.role, starts_with(r.prefix, $3) FROM qm.account_role r WHERE r.county = $1 AND r.account = $2
