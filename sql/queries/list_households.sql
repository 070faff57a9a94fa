-- A page of the households behind a figure; domain/roster.c takes the facts apart.
SELECT household, grid, place | (status << 4) | (flags << 8) | ((pledge = 1)::int << 24) | (visits::bigint << 32) AS facts,
       worker, village_group, lane, door_label, head, phone
  FROM qm.list_households($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
