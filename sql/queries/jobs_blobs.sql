-- Counties that hold pictures which an event names and the log does not; columns as jobs_counties.
SELECT h.county, h.size, h.age_day, NULL::bigint
  FROM qm.log_head h
 WHERE EXISTS (SELECT FROM qm.blob b
                 JOIN qm.evidence x ON x.county = b.county AND x.sha256 = b.sha256
                WHERE b.county = h.county AND b.listed_idx IS NULL AND b.sealed IS NOT NULL)
 ORDER BY h.county
