-- What was recorded at a household, at those that were merged into it and about its residents, newest first,
-- with what the office decided.  $1 county, $2 household, $3 limit.  How a refusal went is nobody's reading
-- here: its code is null.
WITH home AS MATERIALIZED (
    SELECT h.household, h.grid FROM qm.household h
     WHERE h.county = $1 AND (h.household = $2 OR h.merged_into = $2)
), people AS MATERIALIZED (
    SELECT r.resident FROM qm.resident r WHERE r.county = $1 AND r.household = $2
)
SELECT e.id, e.kind::int,
       CASE WHEN (e.kind, e.code) IN ((1, 6), (2, 3), (3, 2), (4, 2)) THEN NULL ELSE e.code END::int AS code,
       e.via::int, e.account, e.resident, e.at, e.recv, e.idx, e.hold::int, e.evidences::int,
       d.way AS decided, d.by AS decided_by, d.recv AS decided_at,
       EXISTS (SELECT FROM qm.void_mark v WHERE v.county = e.county AND v.target = e.id
                  AND v.account = e.account) AS voided,
       p.accepted, p.by_account AS settled_by, p.at AS settled_at,
       CASE WHEN e.kind IN (5, 6) THEN substring(convert_from(e.e, 'UTF8') FROM '"why":"([a-z_]+)"') END AS why
  FROM (SELECT x.* FROM home
          JOIN qm.event x ON x.county = $1 AND x.household = home.household AND x.kind IN (1, 2, 3)
        UNION ALL
        SELECT y.* FROM people
          JOIN qm.event y ON y.county = $1 AND y.resident = people.resident AND y.kind = 4
        UNION ALL
        SELECT z.* FROM qm.event z
         WHERE z.county = $1 AND z.kind IN (5, 6)
           AND z.grid IN (SELECT home.grid FROM home
                          UNION SELECT l.grid FROM home
                            JOIN qm.household_left l ON l.county = $1 AND l.household = home.household)
           AND (z.kind = 5 AND z.household IN (SELECT home.household FROM home)
                OR z.kind = 6 AND z.resident IN (SELECT people.resident FROM people))) e
  LEFT JOIN LATERAL (
       SELECT t.way, l.recv, substring(convert_from(l.body, 'UTF8') FROM '\nby ([0-9A-Z]+)\n') AS by
         FROM qm.decision t
         JOIN qm.log_entry l ON l.county = t.county AND l.idx = t.idx
        WHERE t.county = e.county AND t.event = e.id
        ORDER BY t.idx DESC LIMIT 1) d ON true
  LEFT JOIN qm.register_proposal p ON p.county = e.county AND p.event = e.id
 ORDER BY e.at DESC, e.id
 LIMIT $3::int
