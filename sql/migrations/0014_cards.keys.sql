ALTER TABLE qm.household_card DROP CONSTRAINT household_card_county_household_fkey;
ALTER TABLE qm.household_card ADD CONSTRAINT household_card_household
    FOREIGN KEY (county, grid, household) REFERENCES qm.household (county, grid, household);
