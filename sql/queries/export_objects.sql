-- Objects that entries below a size ($3) name, by hash: $2 above this one.  Those of a ranking only
-- when its entry is below that size: a draft is the office's.  Lengths are measured here, as
-- object_part gives the parts: what was written down may have been changed.
SELECT o.sha256, CASE WHEN o.parts = 0 THEN 0 ELSE coalesce(p.parts, 1) END AS parts,
       CASE WHEN o.parts = 0 THEN octet_length(o.body)::bigint ELSE coalesce(p.bytes, 0) END AS bytes
  FROM qm.object o
 CROSS JOIN LATERAL (
        SELECT max(part) + 1 AS parts, sum(least(octet_length(body), 1048577)) AS bytes
          FROM qm.object_part WHERE county = o.county AND sha256 = o.sha256 AND part < o.parts) p
 WHERE o.county = $1 AND o.sha256 > $2 AND octet_length(o.sha256) = 32
   AND (o.kind NOT IN ('roster', 'imports', 'result', 'public')
        OR EXISTS (SELECT FROM qm.bulletin b
                    WHERE b.county = o.county
                      AND (b.roster_idx < $3 AND b.roster_sha = o.sha256
                           OR b.idx < $3 AND o.sha256 IN (b.imports_sha, b.result_sha, b.public_sha))))
 ORDER BY o.sha256 LIMIT $4
