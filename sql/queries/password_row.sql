-- What a password is compared with, and how the tries went since the last good one.
SELECT p.hash, p.fails, p.fail_ms
  FROM qm.password p
  JOIN qm.account a ON a.county = p.county AND a.account = p.account AND NOT a.closed
 WHERE p.county = $1 AND p.account = $2
