-- The figures at the end of each day, for trends and forecasts.

CREATE TABLE qm.area_day (
    county int NOT NULL,
    code   text COLLATE "C" NOT NULL CHECK (code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    day    date NOT NULL,
    size   bigint NOT NULL,
    packed bytea NOT NULL,
    PRIMARY KEY (county, code, day)
);
COMMENT ON TABLE qm.area_day IS 'counters of villages, townships and the county when a day was closed; insert only';
COMMENT ON COLUMN qm.area_day.packed IS 'as in qm.village_counter';
COMMENT ON COLUMN qm.area_day.size IS 'log size that the counters were of';
