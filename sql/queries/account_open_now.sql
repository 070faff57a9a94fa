-- A row if there is such an account and it is not closed.  $1 county, $2 account.
SELECT 1 FROM qm.account WHERE county = $1 AND account = $2 AND NOT closed
