-- Who answers for the campaign in each division; what the office's pages remember for a county; the
-- settings' history read from the log.

CREATE TABLE qm.duty_person (
    county     int NOT NULL,
    person     uuid NOT NULL,
    division   text COLLATE "C" NOT NULL CHECK (division ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    duty       smallint NOT NULL CHECK (duty BETWEEN 1 AND 5),
    name       bytea NOT NULL,
    phone      bytea,
    trained_on date,
    by_account text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (county, person)
);
COMMENT ON TABLE qm.duty_person IS 'responsible persons and lecturers; names and numbers sealed; who is no longer one is removed';
COMMENT ON COLUMN qm.duty_person.duty IS '1 first responsible person, 2 deputy, 3 handler, 4 liaison, 5 lecturer';
CREATE INDEX duty_person_division ON qm.duty_person (county, division);

CREATE TABLE qm.preference (
    county     int NOT NULL,
    name       text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z_]{1,39}$'),
    body       text NOT NULL CHECK (length(body) BETWEEN 2 AND 20000),
    by_account text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (county, name)
);
COMMENT ON TABLE qm.preference IS 'what pages remember for the whole county, as JSON: columns of exports, how many lecturers; no figure hangs on it, so the log does not name it';

-- Few entries are settings: their history is read without the others.
CREATE INDEX log_entry_config ON qm.log_entry (county, idx) WHERE type = 7;
