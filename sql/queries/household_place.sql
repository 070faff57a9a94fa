-- What a split takes over where nothing is said.  $1 county, $2 household.
SELECT h.place, h.grid, c.village_group, c.lane
  FROM qm.household h
  JOIN qm.household_card c USING (county, household)
 WHERE h.county = $1 AND h.household = $2
