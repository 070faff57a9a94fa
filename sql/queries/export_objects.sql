-- Objects that entries below a size ($3) name, by hash: $2 above this one.  Those of a ranking only
-- when its entry is below that size: a draft is the office's.
SELECT o.sha256, o.parts, coalesce(o.bytes, octet_length(o.body))::bigint AS bytes
  FROM qm.object o
 WHERE o.county = $1 AND o.sha256 > $2
   AND (o.kind NOT IN ('roster', 'imports', 'result', 'public')
        OR EXISTS (SELECT FROM qm.bulletin b
                    WHERE b.county = o.county
                      AND (b.roster_idx < $3 AND b.roster_sha = o.sha256
                           OR b.idx < $3 AND o.sha256 IN (b.imports_sha, b.result_sha, b.public_sha))))
 ORDER BY o.sha256 LIMIT $4
