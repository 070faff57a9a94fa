-- The roster of the bulletin before, part by part.  $1 county, $2 its draft.
SELECT x.body
  FROM qm.bulletin b
  JOIN (SELECT county, sha256, -1 AS part, body FROM qm.object WHERE parts = 0
        UNION ALL SELECT county, sha256, part, body FROM qm.object_part) x
    ON x.county = b.county AND x.sha256 = b.roster_sha
 WHERE b.county = $1 AND b.draft = $2
 ORDER BY x.part
