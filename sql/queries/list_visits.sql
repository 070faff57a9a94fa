-- A page of the visits behind a number.
SELECT household, grid, event, village_group, lane, door_label, head, account, via, police, at, done
  FROM qm.list_visits($1, $2, $3, $4, $5, $6, $7, $8, $9)
