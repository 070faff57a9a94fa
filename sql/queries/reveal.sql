-- The sealed name and telephone of a household or resident of the caller's area.
-- $1 county, $2 role, $3 prefix, $4 household or resident.
SELECT c.household, c.head AS name, c.phone
  FROM qm.household_card c
  JOIN qm.household h ON h.county = c.county AND h.household = c.household
 WHERE c.county = $1 AND c.household = $4 AND $2::text IS NOT NULL
   AND h.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
UNION ALL
SELECT c.resident, c.name, c.phone
  FROM qm.resident_card c
  JOIN qm.resident r ON r.county = c.county AND r.resident = c.resident
 WHERE c.county = $1 AND c.resident = $4 AND $2 IS NOT NULL
   AND r.grid BETWEEN qm.first_grid($3) AND qm.last_grid($3)
