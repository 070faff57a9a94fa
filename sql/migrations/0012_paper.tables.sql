-- What was carried over from before the start, so that it is not told as this week's work.

CREATE TABLE qm.carried_gain (
    county  int NOT NULL,
    village bigint NOT NULL,
    day     date NOT NULL,
    v       bigint[] NOT NULL,
    PRIMARY KEY (county, village, day)
);
COMMENT ON TABLE qm.carried_gain IS 'by how much the counters of a village rose on a day by records that are carried over, less those taken back';
COMMENT ON COLUMN qm.carried_gain.day IS 'day that the counters stood for, as in qm.area_day';
COMMENT ON COLUMN qm.carried_gain.v IS 'places as in qm.village_counter';
