-- An area's counters day by day; $1 county, $2 role, $3 prefix of the caller, $4 area, $5 from, $6 until.
SELECT d.day, d.size, d.packed
  FROM qm.area_day d
 WHERE d.county = $1 AND $2::text IS NOT NULL AND starts_with($4::text, $3::text) AND d.code = $4
   AND d.day BETWEEN $5::date AND $6::date
 ORDER BY d.day
