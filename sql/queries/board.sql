-- The villages within a division: counter rows packed for speed, as far as the caller's prefix goes, and
-- behind them, without numbers, those that have none, because no grid was imported; each in the order of codes.
-- $1 county, $2 role, $3 prefix, $4 level (village), $5 within; columns as of queries/coverage.sql.
-- What they are as of is looked up once, not beside each row.  To look for each village's row, or to sort all,
-- would cost as much as all else: the first is done only where there are more villages than rows.
SELECT v.village::text, v.name, v.packed,
       (SELECT qm.as_of(h.size, e.recv, h.age_day, h.tree)
          FROM qm.log_head h
          LEFT JOIN qm.log_entry e ON e.county = h.county AND e.idx = h.size - 1
         WHERE h.county = $1)
  FROM ((SELECT c.village, c.name, c.packed
           FROM qm.village_counter c
          WHERE c.county = $1 AND c.village BETWEEN qm.first_grid($5) / 1000 AND qm.last_grid($5) / 1000
          ORDER BY c.village)
        UNION ALL
        (SELECT d.code::bigint, d.name, NULL
           FROM qm.division d
          WHERE d.code BETWEEN $5 AND $5 || ':' AND length(d.code) = 12
            AND (SELECT count(*) FROM qm.division x WHERE x.code BETWEEN $5 AND $5 || ':' AND length(x.code) = 12)
                > (SELECT count(*) FROM qm.village_counter c
                    WHERE c.county = $1 AND c.village BETWEEN qm.first_grid($5) / 1000 AND qm.last_grid($5) / 1000)
            AND NOT EXISTS (SELECT FROM qm.village_counter c WHERE c.county = $1 AND c.village = d.code::bigint)
          ORDER BY d.code)) v
 WHERE $2::text IS NOT NULL AND $4::text = 'village'
   AND starts_with($5::text, $3::text) AND starts_with($5, $1::text) AND length($5) <= 12
