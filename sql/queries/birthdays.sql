-- Moves people in and out of the ages of that day.
SELECT * FROM qm.birthdays($1, $2)
