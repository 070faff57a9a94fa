-- What the areas of a level within a division are compared with: a day of last week's end, and the
-- first day of the last fortnight, each with what was carried over since: that is no gain.  $1 county, $2 role, $3 prefix, $4 digits of the level, $5 within,
-- $6 last Sunday, $7 first day of the fortnight; which: 0 last week, 1 fortnight.
SELECT w.code, 0 AS which, w.day, qm.packed_add(w.packed, qm.carried_since($1, w.code, w.day)) AS packed
  FROM (SELECT DISTINCT ON (d.code) d.code, d.day, d.packed
          FROM qm.area_day d
         WHERE d.county = $1 AND d.code BETWEEN $5::text AND $5 || ':' AND length(d.code) = $4::int
           AND d.day BETWEEN $6::date - 6 AND $6
         ORDER BY d.code, d.day DESC) w
 WHERE $2::text IS NOT NULL AND starts_with($5, $3::text)
UNION ALL
SELECT f.code, 1, f.day, qm.packed_add(f.packed, qm.carried_since($1, f.code, f.day))
  FROM (SELECT DISTINCT ON (d.code) d.code, d.day, d.packed
          FROM qm.area_day d
         WHERE d.county = $1 AND d.code BETWEEN $5::text AND $5 || ':' AND length(d.code) = $4::int
           AND d.day >= $7::date
         ORDER BY d.code, d.day) f
 WHERE $2::text IS NOT NULL AND starts_with($5, $3::text)
 ORDER BY 1, 2
