-- Decides on held events: $1 county, $2 by, $3 now, $4 events, $5 ways, $6 codes; what they create, opened and
-- sealed again: $7 events, $8 born, $9 names, $10 phones, $11 MACs of phones, $12 doors.
SELECT * FROM qm.decide($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
