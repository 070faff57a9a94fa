-- Who looked at what in full, newest first: accounts with a role inside the caller's area; whom it was about where that
-- lies in this area too.
-- $1 county, $2 role, $3 prefix, $4 from and $5 before (Unix ms), $6 account, $7 what ('' = any), $8 limit: more if the
-- last ones are of one millisecond, so that going on before that one leaves none out.
SELECT a.at, a.account, a.role, a.what, a.subject, a.reason,
       s.household, s.grid, s.village_group, s.lane, s.door, s.id, s.name
  FROM (SELECT x.at, x.id, x.account, x.role, x.what, x.subject, x.reason
          FROM qm.access x
         WHERE x.county = $1 AND $2::text IS NOT NULL AND x.at >= $4::bigint AND x.at < $5::bigint
           AND ($6::text = '' OR x.account = $6) AND ($7::text = '' OR x.what = $7)
           AND EXISTS (SELECT FROM qm.account_role r
                        WHERE r.county = x.county AND r.account = x.account AND starts_with(r.prefix, $3::text))
         ORDER BY x.at DESC
         FETCH FIRST ($8::int) ROWS WITH TIES) a
  -- The limit keeps this a look-up by key for each row, however many the planner takes them to be.
  LEFT JOIN LATERAL (
        SELECT h.household, h.grid, k.village_group, k.lane, k.door, w.id,
               CASE WHEN r.resident IS NULL THEN k.head ELSE p.name END AS name
          FROM (SELECT CASE WHEN a.subject ~ '^[A-Za-z0-9_-]{22}$' THEN qm.pseudonym_id(a.subject) END AS id) w
          LEFT JOIN qm.resident r ON r.county = $1 AND r.resident = w.id
          LEFT JOIN qm.resident_card p ON p.county = $1 AND p.resident = w.id
          JOIN qm.household h ON h.county = $1 AND h.household = coalesce(r.household, w.id)
          JOIN qm.household_card k ON k.county = $1 AND k.household = h.household
         WHERE h.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
         LIMIT 1) s ON true
 ORDER BY a.at DESC, a.id
