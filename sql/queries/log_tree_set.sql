-- The head takes on the number of a newer tree.  $1 county, $2 tree.
UPDATE qm.log_head SET tree = $2 WHERE county = $1 AND tree < $2
