-- A file has run.  $1 its name, $2 its SHA-256.
INSERT INTO qm.migration (name, sha256, done_at) VALUES ($1, $2, now())
