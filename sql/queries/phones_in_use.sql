-- An account's phones that are not revoked.  $1 county, $2 account.
SELECT device::text FROM qm.device WHERE county = $1 AND account = $2 AND revoked_idx IS NULL ORDER BY enrolled_idx
