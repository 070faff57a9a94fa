-- Bulletins: what was frozen, what was published, who signed off which roster, figures from elsewhere.
-- What a freeze wrote is never changed: a draft that is dropped or published changes its state only,
-- and numbers, rows and proofs are inserted and never updated or deleted (sql/roles.sql).

ALTER TABLE qm.object ADD COLUMN parts int NOT NULL DEFAULT 0 CHECK (parts >= 0),
                      ADD COLUMN bytes bigint CHECK (bytes >= 0);
COMMENT ON COLUMN qm.object.parts IS '0: body holds all; else body is empty and the bytes are in object_part';
COMMENT ON COLUMN qm.object.bytes IS 'length of all parts together; null without parts';

CREATE TABLE qm.object_part (
    county int NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    part   int NOT NULL CHECK (part >= 0),
    body   bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 1048576),
    PRIMARY KEY (county, sha256, part)
);
COMMENT ON TABLE qm.object_part IS 'bytes of large objects (rosters) in parts, by the hash of the whole; insert only';

CREATE TABLE qm.bulletin (
    county       int NOT NULL,
    draft        uuid NOT NULL,
    scope        text COLLATE "C" NOT NULL CHECK (scope ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    kind         smallint NOT NULL CHECK (kind BETWEEN 1 AND 5),
    period       text COLLATE "C" NOT NULL CHECK (period ~ '^[0-9]{4}(-([0-9]{2}|W[0-9]{2}|Q[1-4]|H[12]))?$'),
    state        smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    replaces     bigint,
    before_draft uuid,
    from_idx     bigint NOT NULL CHECK (from_idx >= 0),
    to_size      bigint NOT NULL CHECK (to_size > from_idx),
    root         bytea NOT NULL CHECK (octet_length(root) = 32),
    from_rev     bigint NOT NULL,
    to_rev       bigint NOT NULL,
    tree         int NOT NULL,
    day          date NOT NULL,
    roster_idx   bigint NOT NULL,
    roster_sha   bytea NOT NULL,
    rule_sha     bytea NOT NULL,
    imports_sha  bytea,
    result_sha   bytea NOT NULL,
    public_sha   bytea NOT NULL,
    prepared_by  text COLLATE "C" NOT NULL,
    prepared_ms  bigint NOT NULL,
    idx          bigint,
    published_by text COLLATE "C",
    published_ms bigint,
    number       int CHECK (number > 0),
    PRIMARY KEY (county, draft),
    CHECK ((state = 1) = (idx IS NOT NULL)),
    CHECK ((idx IS NULL) = (published_by IS NULL) AND (idx IS NULL) = (published_ms IS NULL)
           AND (idx IS NULL) = (number IS NULL)),
    CHECK (published_by <> prepared_by)
);
COMMENT ON TABLE qm.bulletin IS 'rankings: drafts that were frozen, and bulletins that were published';
COMMENT ON COLUMN qm.bulletin.kind IS 'of the period: 1 week, 2 month, 3 quarter, 4 half, 5 year';
COMMENT ON COLUMN qm.bulletin.state IS '0 frozen, 1 published, 2 dropped';
COMMENT ON COLUMN qm.bulletin.replaces IS 'a correction: index of the entry that it replaces';
COMMENT ON COLUMN qm.bulletin.before_draft IS 'the bulletin whose ranks are the ranks before';
COMMENT ON COLUMN qm.bulletin.from_rev IS 'revision of the head at from_idx; 0 for the first bulletin';
COMMENT ON COLUMN qm.bulletin.number IS 'issue of its scope within the calendar year; a correction has its original''s';
-- What must be there once is there once, whatever a function does.
CREATE UNIQUE INDEX bulletin_idx ON qm.bulletin (county, idx) WHERE idx IS NOT NULL;
CREATE UNIQUE INDEX bulletin_once ON qm.bulletin (county, scope, period) WHERE state = 1 AND replaces IS NULL;
CREATE UNIQUE INDEX bulletin_chain ON qm.bulletin (county, replaces) WHERE state = 1 AND replaces IS NOT NULL;

CREATE TABLE qm.bulletin_row (
    county int NOT NULL,
    draft  uuid NOT NULL,
    code   text COLLATE "C" NOT NULL CHECK (code ~ '^([0-9]{9}|[0-9]{12}|[0-9]{15})$'),
    rank   int NOT NULL CHECK (rank >= 0),
    before int NOT NULL CHECK (before >= 0),
    score  bigint NOT NULL,
    out    smallint NOT NULL CHECK (out BETWEEN 0 AND 2),
    m      bigint[] NOT NULL,
    v      bigint[] NOT NULL,
    beside bigint[] NOT NULL,
    PRIMARY KEY (county, draft, code)
);
COMMENT ON TABLE qm.bulletin_row IS 'a division in a ranking; insert only';
COMMENT ON COLUMN qm.bulletin_row.rank IS '0: not ranked';
COMMENT ON COLUMN qm.bulletin_row.out IS '0 ranked, 1 empty, 2 small';
COMMENT ON COLUMN qm.bulletin_row.m IS 'eight numbers a metric of the rule: num, den, new, refused, late, carried, num and den before';
COMMENT ON COLUMN qm.bulletin_row.v IS 'all counters at the end of the range, place 1 first';
COMMENT ON COLUMN qm.bulletin_row.beside IS 'held revoked, scope, moved; decided out; voided; merged; roster lines new, gone, changed';

CREATE TABLE qm.bulletin_text (
    county     int NOT NULL,
    draft      uuid NOT NULL,
    section    text COLLATE "C" NOT NULL CHECK (section ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    body       text NOT NULL CHECK (octet_length(body) <= 16384),
    by_account text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (county, draft, section)
);
COMMENT ON TABLE qm.bulletin_text IS 'wording of a bulletin; edited until it is published';

CREATE TABLE qm.bulletin_seal (
    county     int NOT NULL,
    draft      uuid NOT NULL,
    sha256     bytea NOT NULL CHECK (octet_length(sha256) = 32),
    by_account text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (county, draft, sha256)
);
COMMENT ON TABLE qm.bulletin_seal IS 'hashes of scans of the sealed paper; insert only';

CREATE TABLE qm.proposal (
    county     int NOT NULL,
    draft      uuid NOT NULL,
    n          int NOT NULL CHECK (n > 0),
    code       text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL CHECK (subject IN ('village', 'unit', 'police')),
    reason     text COLLATE "C" NOT NULL CHECK (reason IN ('worst', 'case', 'low', 'false')),
    step       text COLLATE "C" NOT NULL,
    state      smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    by_account text COLLATE "C",
    at         bigint,
    remark     text NOT NULL DEFAULT '' CHECK (octet_length(remark) <= 2000),
    PRIMARY KEY (county, draft, n)
);
COMMENT ON TABLE qm.proposal IS 'escalations that the rule proposes and a person decides';
COMMENT ON COLUMN qm.proposal.state IS '0 proposed, 1 accepted, 2 dismissed';

CREATE TABLE qm.signoff (
    county       int NOT NULL,
    scope        text COLLATE "C" NOT NULL CHECK (scope ~ '^[0-9]{12}$'),
    period       text COLLATE "C" NOT NULL CHECK (period ~ '^[0-9]{4}(-([0-9]{2}|W[0-9]{2}|Q[1-4]|H[12]))?$'),
    prepared_by  text COLLATE "C" NOT NULL,
    prepared_ms  bigint NOT NULL,
    to_size      bigint NOT NULL,
    roster_sha   bytea NOT NULL CHECK (octet_length(roster_sha) = 32),
    confirmed_by text COLLATE "C",
    confirmed_ms bigint,
    idx          bigint,
    PRIMARY KEY (county, scope, period),
    CHECK ((idx IS NULL) = (confirmed_by IS NULL) AND (idx IS NULL) = (confirmed_ms IS NULL)),
    CHECK (confirmed_by <> prepared_by)
);
COMMENT ON TABLE qm.signoff IS 'rosters that a deputy prepared and a village secretary confirmed';

CREATE TABLE qm.figure (
    county     int NOT NULL,
    period     text COLLATE "C" NOT NULL CHECK (period ~ '^[0-9]{4}(-([0-9]{2}|W[0-9]{2}|Q[1-4]|H[12]))?$'),
    metric     text COLLATE "C" NOT NULL CHECK (metric ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    code       text COLLATE "C" NOT NULL CHECK (code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'),
    value      bigint NOT NULL CHECK (value BETWEEN 0 AND 9007199254740991),
    source     bytea NOT NULL CHECK (octet_length(source) = 32),
    by_account text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (county, period, metric, code)
);
COMMENT ON TABLE qm.figure IS 'figures from elsewhere, with the hash of the file they came from; a freeze keeps its copy';

-- Lines of one village are read for each sign-off: without it each would read the county's residents.
CREATE INDEX resident_grid ON qm.resident (county, grid);
