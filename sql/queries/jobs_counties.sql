-- Counties with where their log stands, the day of their ages, the last recount and what it found.
SELECT h.county, h.size, h.age_day, l.at, l.differences
  FROM qm.log_head h
  LEFT JOIN LATERAL (SELECT r.at, r.differences FROM qm.recount r WHERE r.county = h.county ORDER BY r.at DESC LIMIT 1) l ON true
 ORDER BY h.county
