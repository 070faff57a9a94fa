-- A resident who moves into another household leaves phones that do not have that household.

CREATE TABLE qm.resident_left (
    county   int NOT NULL,
    grid     bigint NOT NULL,
    rev      bigint NOT NULL,
    resident uuid NOT NULL,
    PRIMARY KEY (county, grid, rev, resident)
);
COMMENT ON TABLE qm.resident_left IS 'grids from whose households a resident has moved to another household, so that phones drop them';
