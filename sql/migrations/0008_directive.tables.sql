-- Directives: what the office publishes for villages and workers to read and acknowledge.

CREATE TABLE qm.directive (
    county     int NOT NULL,
    directive  uuid NOT NULL,
    scope      text COLLATE "C" NOT NULL CHECK (scope ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'),
    title      text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    due        date,
    by_account text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    rev        bigint NOT NULL,
    PRIMARY KEY (county, directive)
);
COMMENT ON TABLE qm.directive IS 'published texts for an area; insert only, and never personal data';
COMMENT ON COLUMN qm.directive.rev IS 'revision of the county when it was published: phones get it as a difference';

CREATE TABLE qm.directive_ack (
    county    int NOT NULL,
    directive uuid NOT NULL,
    account   text COLLATE "C" NOT NULL,
    at        bigint NOT NULL,
    PRIMARY KEY (county, directive, account)
);
COMMENT ON TABLE qm.directive_ack IS 'who acknowledged what, and when; insert only';
