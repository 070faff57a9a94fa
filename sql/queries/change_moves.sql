-- A row if taking this change back moves somebody or something.  $1 county, $2 revision, $3 subject or null.
SELECT 1 FROM qm.change_lines($1, $2, $3) l WHERE l.what IN ('grid', 'merged', 'split', 'household') LIMIT 1
