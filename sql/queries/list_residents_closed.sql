-- A page of the residents behind a frozen figure, as list_residents.sql; facts null: a place to go on from.
SELECT resident, grid, facts, worker, village_group, lane, door_label, name, phone, household, born, part
  FROM qm.list_residents_closed($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
