-- Where a resident lives.  $1 county, $2 resident.
SELECT r.grid FROM qm.resident r WHERE r.county = $1 AND r.resident = $2
