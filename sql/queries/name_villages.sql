-- Brings a county's copies of division names up to date.
SELECT * FROM qm.name_villages($1)
