-- What was recorded at a household, newest first.  $1 county, $2 household, $3 limit.  How a refusal
-- went is nobody's reading here: its code is null.
SELECT e.id, e.kind::int,
       CASE WHEN (e.kind, e.code) IN ((1, 6), (2, 3), (3, 2), (4, 2)) THEN NULL ELSE e.code END::int AS code,
       e.via::int, e.account, e.resident, e.at, e.recv, e.idx, e.hold::int, e.evidences::int,
       (SELECT d.way FROM qm.decision d WHERE d.county = e.county AND d.event = e.id
         ORDER BY d.idx DESC LIMIT 1) AS decided,
       EXISTS (SELECT FROM qm.void_mark v WHERE v.county = e.county AND v.target = e.id
                  AND v.account = e.account) AS voided
  FROM (SELECT x.* FROM qm.event x
         WHERE x.county = $1 AND x.household = $2 AND x.kind IN (1, 2, 3)
        UNION ALL
        SELECT y.* FROM qm.resident r
          JOIN qm.event y ON y.county = r.county AND y.resident = r.resident AND y.kind = 4
         WHERE r.county = $1 AND r.household = $2) e
 ORDER BY e.at DESC, e.id
 LIMIT $3::int
