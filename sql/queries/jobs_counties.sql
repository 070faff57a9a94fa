-- Counties with where their log stands, the day of their ages and the last recount.
SELECT h.county, h.size, h.age_day,
       (SELECT max(r.at) FROM qm.recount r WHERE r.county = h.county)
  FROM qm.log_head h ORDER BY h.county
