-- What the office changed on a household and its residents, newest first, and whether it can be taken back:
-- 1 yes, 2 part of it lies elsewhere, 3 the household from then does not stand, 4 changed since, 5 never,
-- 6 the number from then is another household's.  $1 county, $2 household, $3 prefix.
SELECT c.rev, c.subject, c.what, c.old, c.new, c.at, c.by_account, c.undoes, c.undone,
       CASE WHEN c.undoes IS NULL AND c.undone IS NULL
            THEN CASE qm.undo_verdict($1, $3, c.rev, c.subject)
                 WHEN 0 THEN 1 WHEN 5 THEN 2 WHEN 8 THEN 3 WHEN 9 THEN 4 WHEN 10 THEN 5 WHEN 12 THEN 6 END END AS undo
  FROM qm.register_change c
 WHERE c.county = $1
   AND c.subject IN (SELECT $2::uuid UNION ALL SELECT r.resident FROM qm.resident r
                      WHERE r.county = $1 AND r.household = $2)
 ORDER BY c.rev DESC, c.subject, c.what
 LIMIT 200
