-- The targets that were in force at a size of the log: the newest config/v1 entry below it that names some.
SELECT o.body
  FROM (SELECT e.body FROM qm.log_entry e
         WHERE e.county = $1 AND e.type = 7 AND e.idx < $2
           AND position(convert_to(E'\n\ntargets sha256:', 'UTF8') IN e.body) > 0
         ORDER BY e.idx DESC LIMIT 1) c
  JOIN qm.object o
    ON o.county = $1
   AND o.sha256 = decode(substring(convert_from(c.body, 'UTF8') FROM '\n\ntargets sha256:([0-9a-f]{64})'), 'hex')
