-- Hashes of scans of the sealed paper, the newest first.
SELECT sha256, by_account, at FROM qm.bulletin_seal WHERE county = $1 AND draft = $2 ORDER BY at DESC, sha256
