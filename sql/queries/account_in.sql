-- A row if the account has a role inside an area.  $1 county, $2 account, $3 area.
SELECT 1 FROM qm.account_role r WHERE r.county = $1 AND r.account = $2 AND starts_with(r.prefix, $3) LIMIT 1
