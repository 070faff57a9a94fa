-- A page of the residents behind a figure; the first nine columns lie as in list_households.sql.
SELECT resident, grid, facts, worker, village_group, lane, door_label, name, phone, household, born
  FROM qm.list_residents($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
