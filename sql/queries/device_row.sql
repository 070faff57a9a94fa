-- A device as it stands now.
SELECT key, account, revoked_recv FROM qm.device WHERE county = $1 AND device = $2
