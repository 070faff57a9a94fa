-- The villages within a division: counter rows packed for speed, as far as the caller's prefix goes.
-- $1 county, $2 role, $3 prefix, $4 level (village), $5 within; columns as of queries/coverage.sql.
-- What they are as of is looked up once, not beside each row.
SELECT c.village::text, c.name, c.packed,
       (SELECT qm.as_of(h.size, e.recv, h.age_day, h.tree)
          FROM qm.log_head h
          LEFT JOIN qm.log_entry e ON e.county = h.county AND e.idx = h.size - 1
         WHERE h.county = $1)
  FROM qm.village_counter c
 WHERE c.county = $1 AND $2::text IS NOT NULL AND $4::text = 'village'
   AND starts_with($5::text, $3::text) AND starts_with($5, $1::text) AND length($5) <= 12
   AND c.village BETWEEN qm.first_grid($5) / 1000 AND qm.last_grid($5) / 1000
 ORDER BY c.village
