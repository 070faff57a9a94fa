-- Open proposals of workers in an area, by grid and event.  $1 county, $2 role, $3 prefix, $4 area, $5 and $6
-- place of the last one seen (grid, event), $7 limit.
SELECT l.* FROM qm.proposal_list($1, $2, $3, $4, $5, $6, $7) l
