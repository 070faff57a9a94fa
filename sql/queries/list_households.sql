-- A page of the households behind a figure.
SELECT household, grid, facts, worker, village_group, lane, door_label, head, phone
  FROM qm.list_households($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
