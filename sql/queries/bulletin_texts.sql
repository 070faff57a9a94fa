-- Wording of a bulletin.
SELECT section, body, by_account, at FROM qm.bulletin_text WHERE county = $1 AND draft = $2 ORDER BY section
