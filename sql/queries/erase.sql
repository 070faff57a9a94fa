-- Erases the private part of events and residents: $1 county, $2 by, $3 now, $4 events, $5 subjects.
SELECT * FROM qm.erase($1, $2, $3, $4, $5)
