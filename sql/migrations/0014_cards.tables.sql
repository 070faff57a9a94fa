-- A card knows the grid of its household, so that a list reads the cards of a grid as one range beside the
-- households' own: looking each one up by its key was the greater part of a list, and more so the larger
-- the county.

ALTER TABLE qm.household_card ADD COLUMN grid bigint;
UPDATE qm.household_card c SET grid = h.grid
  FROM qm.household h WHERE h.county = c.county AND h.household = c.household;
ALTER TABLE qm.household_card ALTER COLUMN grid SET NOT NULL;
COMMENT ON COLUMN qm.household_card.grid IS 'that of the household: the foreign key holds them equal, so one statement changes both';
CREATE INDEX household_card_grid ON qm.household_card (county, grid, household);

-- Unique, so that the key can name it.
DROP INDEX qm.household_grid;
CREATE UNIQUE INDEX household_grid ON qm.household (county, grid, household);
