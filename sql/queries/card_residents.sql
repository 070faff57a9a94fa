-- The residents of a household.  $1 county, $2 household.  A refusal reads like "not yet".
SELECT r.resident, r.status::int, r.born, nullif(nullif(qm.key_code(r.app_key), 2), 0)::int AS app,
       r.alerts & 1 <> 0 AS real_name, r.alerts & 2 <> 0 AS call_alert, r.alerts & 4 <> 0 AS sms_alert,
       c.groups, c.name, c.phone
  FROM qm.resident r
  JOIN qm.resident_card c ON c.county = r.county AND c.resident = r.resident
 WHERE r.county = $1 AND r.household = $2
 ORDER BY r.born, r.resident
