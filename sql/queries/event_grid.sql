-- The grid of an event.  $1 county, $2 event.
SELECT grid FROM qm.event WHERE county = $1 AND id = $2
