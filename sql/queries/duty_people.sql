-- Responsible persons and lecturers of an area.  $1 county, $2 role, $3 prefix, $4 area.
SELECT k.person, k.division, k.duty, k.trained_on, k.by_account, k.at, k.name, k.phone
  FROM qm.duty_person k
 WHERE k.county = $1 AND $2::text IS NOT NULL AND starts_with($4::text, $3::text) AND starts_with(k.division, $4)
 ORDER BY k.division, k.duty, k.at, k.person
