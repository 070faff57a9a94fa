-- A page of the households that the week brought into a part, as list_households.sql; facts null: a place to go on from.
SELECT household, grid, facts, worker, village_group, lane, door_label, head, phone
  FROM qm.list_households_week($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
