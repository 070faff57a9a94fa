-- The tables of Qiaomen.  Two kinds: county tables (county is the first column of every key, so that
-- one county lives on one machine whatever the deployment) and reference tables (small, rarely
-- written, the same everywhere).  Numbers of kinds, outcomes and states are those of the wire's enums.

CREATE SCHEMA qm;

-- ---------------------------------------------------------------- reference tables

CREATE TABLE qm.site (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    host text COLLATE "C" NOT NULL CHECK (length(host) BETWEEN 1 AND 120)
);
COMMENT ON TABLE qm.site IS 'reference: the authority that every name is made of; fixed for ever at init';

CREATE TABLE qm.division (
    code   text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]{2,12}$'),
    name   text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    parent text COLLATE "C",
    level  text NOT NULL CHECK (level IN ('province', 'prefecture', 'county', 'township', 'village'))
);
COMMENT ON TABLE qm.division IS 'reference: statistical codes from province to village';

CREATE TABLE qm.device_home (
    key    bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    device uuid NOT NULL,
    county int NOT NULL
);
CREATE INDEX device_home_device ON qm.device_home (device);
COMMENT ON TABLE qm.device_home IS 'reference: the county of a device, and every key ever seen';

CREATE TABLE qm.account_home (
    login   text COLLATE "C" PRIMARY KEY CHECK (length(login) BETWEEN 1 AND 64),
    county  int NOT NULL,
    account text COLLATE "C" NOT NULL
);
COMMENT ON TABLE qm.account_home IS 'reference: the county of a login';

CREATE TABLE qm.counter_place (
    place int PRIMARY KEY CHECK (place > 0),
    name  text COLLATE "C" NOT NULL UNIQUE,
    about text NOT NULL
);
COMMENT ON TABLE qm.counter_place IS 'reference: what each place of a counter row counts; append only';

CREATE TABLE qm.migration (
    name    text COLLATE "C" PRIMARY KEY,
    sha256  bytea NOT NULL,
    done_at timestamptz NOT NULL
);
COMMENT ON TABLE qm.migration IS 'reference: files that were run';

-- ---------------------------------------------------------------- the log

CREATE TABLE qm.log_head (
    county   int PRIMARY KEY CHECK (county BETWEEN 100000 AND 999999),
    name     text NOT NULL,
    tree     int NOT NULL DEFAULT 1,
    size     bigint NOT NULL DEFAULT 0,
    frontier bytea[] NOT NULL DEFAULT '{}',
    root     bytea NOT NULL CHECK (octet_length(root) = 32),
    revision bigint NOT NULL DEFAULT 0,
    age_day  date NOT NULL
) WITH (fillfactor = 20);
COMMENT ON TABLE qm.log_head IS 'one row a county: its lock is the only lock of every write';
COMMENT ON COLUMN qm.log_head.revision IS 'raised by each commit that changed a state or the register';
COMMENT ON COLUMN qm.log_head.age_day IS 'the day for which counters hold ages';

CREATE TABLE qm.log_tree (
    county    int NOT NULL,
    tree      int NOT NULL,
    vkey      text COLLATE "C" NOT NULL,
    from_size bigint NOT NULL,
    PRIMARY KEY (county, tree)
);
COMMENT ON TABLE qm.log_tree IS 'names and keys of a county''s log, one more after each restore';

CREATE TABLE qm.log_entry (
    county int NOT NULL,
    idx    bigint NOT NULL,
    type   smallint NOT NULL CHECK (type BETWEEN 1 AND 10),
    recv   bigint NOT NULL,
    body   bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 65535),
    PRIMARY KEY (county, idx)
);
COMMENT ON TABLE qm.log_entry IS 'the log''s entries, verbatim; insert only';

CREATE TABLE qm.log_node (
    county int NOT NULL,
    level  smallint NOT NULL,
    pos    bigint NOT NULL,
    hash   bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (county, level, pos)
);
COMMENT ON TABLE qm.log_node IS 'roots of perfect subtrees; level 0 holds the leaves; insert only';

CREATE TABLE qm.log_checkpoint (
    county int NOT NULL,
    size   bigint NOT NULL,
    tree   int NOT NULL,
    root   bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (county, size)
);
COMMENT ON TABLE qm.log_checkpoint IS 'unsigned checkpoints, one a commit; signing is a pure function of the row';

-- ---------------------------------------------------------------- people and phones

CREATE TABLE qm.account (
    county int NOT NULL,
    account text COLLATE "C" NOT NULL CHECK (account ~ '^[A-Z][0-9A-Z]{1,15}$'),
    name   bytea,
    phone  bytea,
    closed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (county, account)
);
COMMENT ON TABLE qm.account IS 'name and phone are sealed; an account is never reused';

CREATE TABLE qm.account_role (
    county  int NOT NULL,
    account text COLLATE "C" NOT NULL,
    role    text COLLATE "C" NOT NULL CHECK (role IN ('worker', 'leader', 'deputy', 'secretary', 'township',
                                             'police', 'inspector', 'auditor', 'admin')),
    prefix  text COLLATE "C" NOT NULL CHECK (prefix ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'),
    PRIMARY KEY (county, account, role, prefix)
);
COMMENT ON TABLE qm.account_role IS 'what an account may do, and within which division';

CREATE TABLE qm.grid (
    county            int NOT NULL,
    grid              bigint NOT NULL CHECK (grid BETWEEN 100000000000000 AND 999999999999999),
    name              text NOT NULL,
    population        int,
    population_source text,
    population_date   date,
    PRIMARY KEY (county, grid)
);
COMMENT ON TABLE qm.grid IS 'grids of the countys villages, with the population used for figures per 10,000';

CREATE TABLE qm.account_grid (
    county  int NOT NULL,
    account text COLLATE "C" NOT NULL,
    grid    bigint NOT NULL,
    now     boolean NOT NULL,
    PRIMARY KEY (county, account, grid)
);
COMMENT ON TABLE qm.account_grid IS 'grids a worker has (now) or had at any time';

CREATE TABLE qm.device (
    county       int NOT NULL,
    device       uuid NOT NULL,
    account      text COLLATE "C" NOT NULL,
    key          bytea NOT NULL CHECK (octet_length(key) = 32),
    hard         boolean NOT NULL,
    enrolled_idx bigint NOT NULL,
    revoked_idx  bigint,
    revoked_recv bigint,
    lost_ms      bigint,
    last_recv    bigint,
    recorded     int8multirange NOT NULL DEFAULT '{}',
    rejected     int8multirange NOT NULL DEFAULT '{}',
    blob_day     date,
    blob_bytes   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (county, device)
) WITH (fillfactor = 50);
COMMENT ON TABLE qm.device IS 'phones: account, key, what was recorded and what is missing';
COMMENT ON COLUMN qm.device.recorded IS 'sequence numbers of recorded events; gaps are what the phone still owes';

CREATE TABLE qm.device_key (
    county   int NOT NULL,
    key      bytea NOT NULL,
    device   uuid NOT NULL,
    from_idx bigint NOT NULL,
    PRIMARY KEY (county, key)
);
COMMENT ON TABLE qm.device_key IS 'every key a device had, and from which entry on';

CREATE TABLE qm.enrol_code (
    county     int NOT NULL,
    code_mac   bytea NOT NULL,
    account    text COLLATE "C" NOT NULL,
    by_account text COLLATE "C" NOT NULL,
    expires_ms bigint NOT NULL,
    used_key   bytea,
    PRIMARY KEY (county, code_mac)
);
COMMENT ON TABLE qm.enrol_code IS 'one-use codes, kept as keyed hashes';

CREATE TABLE qm.token (
    county     int NOT NULL,
    token_mac  bytea NOT NULL,
    account    text COLLATE "C" NOT NULL,
    role       text COLLATE "C" NOT NULL,
    prefix     text COLLATE "C" NOT NULL,
    expires_ms bigint NOT NULL,
    PRIMARY KEY (county, token_mac)
);
COMMENT ON TABLE qm.token IS 'bearer tokens of people, kept as keyed hashes; role and division prefix go with each';

-- ---------------------------------------------------------------- events

CREATE TABLE qm.batch (
    county int NOT NULL,
    device uuid NOT NULL,
    batch  uuid NOT NULL,
    root   bytea NOT NULL,
    idx    bigint NOT NULL,
    ids    uuid[] NOT NULL,
    PRIMARY KEY (county, device, batch)
);
COMMENT ON TABLE qm.batch IS 'recorded batches; a retry finds its index by content';
CREATE UNIQUE INDEX batch_idx ON qm.batch (county, idx);
COMMENT ON COLUMN qm.batch.ids IS 'event id of each line; null where the line was rejected';

CREATE TABLE qm.event (
    county    int NOT NULL,
    id        uuid NOT NULL,
    idx       bigint NOT NULL,
    line      smallint NOT NULL,
    kind      smallint NOT NULL,
    code      smallint NOT NULL,
    via       smallint NOT NULL,
    party     smallint NOT NULL,
    alerts    smallint NOT NULL,
    na        smallint NOT NULL,
    hold      smallint NOT NULL,
    flags     smallint NOT NULL,
    evidences smallint NOT NULL,
    device    uuid NOT NULL,
    seq       bigint NOT NULL,
    at        bigint NOT NULL,
    recv      bigint NOT NULL,
    grid      bigint NOT NULL,
    household uuid,
    resident  uuid,
    account   text COLLATE "C" NOT NULL,
    e         bytea NOT NULL,
    p         bytea,
    PRIMARY KEY (county, id)
);
CREATE INDEX event_household ON qm.event (county, household) WHERE kind IN (1, 2, 3);
CREATE INDEX event_resident ON qm.event (county, resident) WHERE kind IN (3, 4);
CREATE INDEX event_held ON qm.event (county, grid, idx, line) WHERE hold <> 0;
CREATE INDEX event_register ON qm.event (county, grid, idx, line) WHERE kind IN (5, 6);
COMMENT ON TABLE qm.event IS 'recorded events; only P is ever taken away (erasure)';
COMMENT ON COLUMN qm.event.hold IS '0 accepted, 1 revoked, 2 scope, 3 moved: fact of arrival';
COMMENT ON COLUMN qm.event.party IS 'who came along, bits of the wire';

CREATE TABLE qm.void_mark (
    county  int NOT NULL,
    target  uuid NOT NULL,
    event   uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    idx     bigint NOT NULL,
    PRIMARY KEY (county, target, event)
);
COMMENT ON TABLE qm.void_mark IS 'recorded voids by what they void; the target may come later';

CREATE TABLE qm.decision (
    county int NOT NULL,
    event  uuid NOT NULL,
    idx    bigint NOT NULL,
    way    boolean NOT NULL,
    code   text COLLATE "C" NOT NULL,
    rev    bigint NOT NULL,
    PRIMARY KEY (county, event, idx)
);
COMMENT ON TABLE qm.decision IS 'what the office decided on recorded events; the last entry decides';
COMMENT ON COLUMN qm.decision.way IS 'true in, false out; the greatest idx decides';

CREATE TABLE qm.quarantine (
    county int NOT NULL,
    idx    bigint NOT NULL,
    line   smallint NOT NULL,
    reason smallint NOT NULL CHECK (reason BETWEEN 1 AND 4),
    recv   bigint NOT NULL,
    leaf   bytea NOT NULL CHECK (octet_length(leaf) = 32),
    e      bytea,
    p      bytea,
    PRIMARY KEY (county, idx, line)
);
COMMENT ON TABLE qm.quarantine IS 'rejected lines: the leaf hash stays';
COMMENT ON COLUMN qm.quarantine.reason IS '1 schema, 2 private, 3 county, 4 conflict; E and P go after 30 days';

CREATE TABLE qm.evidence (
    county int NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    event  uuid NOT NULL,
    PRIMARY KEY (county, sha256, event)
);
COMMENT ON TABLE qm.evidence IS 'pictures that recorded events name';
CREATE INDEX evidence_event ON qm.evidence (county, event);

CREATE TABLE qm.want (
    county  int NOT NULL,
    sha256  bytea NOT NULL CHECK (octet_length(sha256) = 32),
    event   uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    PRIMARY KEY (county, sha256, event)
);
CREATE INDEX want_account ON qm.want (county, account);
COMMENT ON TABLE qm.want IS 'pictures that a recorded event names and that are not here yet';

CREATE TABLE qm.blob (
    county     int NOT NULL,
    sha256     bytea NOT NULL CHECK (octet_length(sha256) = 32),
    bytes      int NOT NULL,
    media      smallint NOT NULL CHECK (media BETWEEN 1 AND 3),
    received   bigint NOT NULL,
    listed_idx bigint,
    sealed     bytea,
    PRIMARY KEY (county, sha256)
);
CREATE INDEX blob_unlisted ON qm.blob (county, received) WHERE listed_idx IS NULL;
COMMENT ON TABLE qm.blob IS 'sealed pictures; media 1 JPEG, 2 PNG, 3 WebP; sealed is null once erased';

-- ---------------------------------------------------------------- the register, with states

CREATE TABLE qm.household (
    county        int NOT NULL,
    household     uuid NOT NULL,
    grid          bigint NOT NULL,
    place         smallint NOT NULL CHECK (place BETWEEN 1 AND 6),
    status        smallint NOT NULL CHECK (status BETWEEN 1 AND 6),
    merged_into   uuid,
    worker        text COLLATE "C",
    flags         int NOT NULL DEFAULT 0,
    visits        int NOT NULL DEFAULT 0,
    police        int NOT NULL DEFAULT 0,
    door_key      text COLLATE "C",
    signed_key    text COLLATE "C",
    withdrawn_key text COLLATE "C",
    evidenced_key text COLLATE "C",
    pledge_key    text COLLATE "C",
    rev           bigint NOT NULL,
    PRIMARY KEY (county, household),
    CHECK ((status = 5) = (merged_into IS NOT NULL))
) WITH (fillfactor = 60);
COMMENT ON TABLE qm.household IS 'places of the register with the fold of their events';
CREATE INDEX household_grid ON qm.household (county, grid, household);
COMMENT ON COLUMN qm.household.status IS '1 counted, 2 away, 3 vacant, 4 gone, 5 merged, 6 other';
COMMENT ON COLUMN qm.household.flags IS 'bits: 1 visited, 2 reached, 4 notice delivered, 8 notice signed, 16 notice refused, 32 delivered with evidence, 64 signed with evidence';
COMMENT ON COLUMN qm.household.door_key IS 'order key of the latest effective visit and its outcome as a letter; the other keys likewise for pledges';
COMMENT ON COLUMN qm.household.rev IS 'revision of the last change; in no index, which keeps updates heap-only';

CREATE TABLE qm.household_card (
    county    int NOT NULL,
    household uuid NOT NULL,
    village_group text NOT NULL DEFAULT '',
    lane      text NOT NULL DEFAULT '',
    door      text NOT NULL DEFAULT '',
    head      bytea,
    phone     bytea,
    phone_mac bytea,
    PRIMARY KEY (county, household)
);
COMMENT ON TABLE qm.household_card IS 'what people read of a household; head and phone are sealed';

CREATE TABLE qm.resident (
    county    int NOT NULL,
    resident  uuid NOT NULL,
    household uuid NOT NULL,
    grid      bigint NOT NULL,
    home      smallint NOT NULL CHECK (home BETWEEN 0 AND 6),
    status    smallint NOT NULL CHECK (status BETWEEN 1 AND 5),
    born      date,
    band      smallint NOT NULL CHECK (band BETWEEN 0 AND 3),
    alerts    smallint NOT NULL DEFAULT 0,
    na        smallint NOT NULL DEFAULT 0,
    evidenced boolean NOT NULL DEFAULT false,
    app_key   text COLLATE "C",
    rev       bigint NOT NULL,
    PRIMARY KEY (county, resident)
) WITH (fillfactor = 70);
COMMENT ON TABLE qm.resident IS 'people of the register with the fold of their events';
CREATE INDEX resident_household ON qm.resident (county, household);
COMMENT ON COLUMN qm.resident.home IS 'effective status of the household: 1 counted home, 2 away, 3 vacant, 4 gone, 6 other or another place, 0 not in the register';
COMMENT ON COLUMN qm.resident.status IS '1 counted, 2 away, 3 gone, 4 dead, 5 unknown_age';
COMMENT ON COLUMN qm.resident.band IS 'age on the county''s age_day: 0 unknown, 1 under 16, 2 16-60, 3 over 60';
COMMENT ON COLUMN qm.resident.app_key IS 'order key of the latest effective app event and its state as a letter';

CREATE TABLE qm.resident_card (
    county    int NOT NULL,
    resident  uuid NOT NULL,
    name      bytea,
    phone     bytea,
    phone_mac bytea,
    groups    text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (county, resident)
);
COMMENT ON TABLE qm.resident_card IS 'what people read of a resident; name and phone are sealed';

CREATE TABLE qm.household_left (
    county    int NOT NULL,
    household uuid NOT NULL,
    rev       bigint NOT NULL,
    grid      bigint NOT NULL,
    PRIMARY KEY (county, household, rev)
);
COMMENT ON TABLE qm.household_left IS 'grids that a household has left, so that phones drop it';

CREATE TABLE qm.register_change (
    county  int NOT NULL,
    rev     bigint NOT NULL,
    subject uuid NOT NULL,
    what    text COLLATE "C" NOT NULL,
    old     text NOT NULL,
    new     text NOT NULL,
    at      bigint NOT NULL,
    by_account text COLLATE "C" NOT NULL,
    PRIMARY KEY (county, rev, subject, what)
);
COMMENT ON TABLE qm.register_change IS 'status changes, moves, merges and claims: what, from what, by whom';

-- ---------------------------------------------------------------- figures and settings

CREATE TABLE qm.grid_counter (
    county int NOT NULL,
    grid   bigint NOT NULL,
    v      bigint[] NOT NULL,
    PRIMARY KEY (county, grid)
) WITH (fillfactor = 30);
COMMENT ON TABLE qm.grid_counter IS 'one row a grid: sums over the states of its households and residents';

CREATE TABLE qm.village_counter (
    county  int NOT NULL,
    village bigint NOT NULL,
    v       bigint[] NOT NULL,
    packed  bytea NOT NULL,
    name    text NOT NULL,
    PRIMARY KEY (county, village)
) WITH (fillfactor = 30);
COMMENT ON TABLE qm.village_counter IS 'one row a village: the sum of its grids';
COMMENT ON COLUMN qm.village_counter.packed IS 'v as int4s in network order: what a board reads, ten times as fast as the array';
COMMENT ON COLUMN qm.village_counter.name IS 'copy of the division''s name, renewed by name_villages';

CREATE TABLE qm.object (
    county int NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    kind   text COLLATE "C" NOT NULL,
    open   boolean NOT NULL,
    body   bytea NOT NULL,
    PRIMARY KEY (county, sha256)
);
COMMENT ON TABLE qm.object IS 'bytes that log entries name by hash; open ones are served to everybody';

CREATE TABLE qm.setting (
    county int NOT NULL,
    kind   text COLLATE "C" NOT NULL CHECK (kind IN ('rule', 'targets', 'texts', 'topics')),
    sha256 bytea NOT NULL,
    idx    bigint NOT NULL,
    PRIMARY KEY (county, kind)
);
COMMENT ON TABLE qm.setting IS 'the rule, targets, texts and topics in force';

CREATE TABLE qm.recount (
    county      int NOT NULL,
    at          bigint NOT NULL,
    size        bigint NOT NULL,
    differences bigint NOT NULL,
    PRIMARY KEY (county, at)
);
COMMENT ON TABLE qm.recount IS 'what recounts found';
CREATE INDEX household_merged ON qm.household (county, merged_into) WHERE merged_into IS NOT NULL;

-- ---------------------------------------------------------------- shapes that functions hand each other

CREATE TYPE qm.fold_event AS (
    subject uuid, kind smallint, code smallint, via smallint, police boolean, evidenced boolean,
    alerts smallint, na smallint, key text COLLATE "C"
);
COMMENT ON TYPE qm.fold_event IS 'an effective event as the fold sees it; subject is who it counts for';

CREATE TYPE qm.household_state AS (
    sign smallint, grid bigint, place smallint, status smallint, claimed boolean, flags int,
    visits int, police int, door smallint, pledge boolean, pledge_evidenced boolean,
    pledge_last smallint
);
CREATE TYPE qm.resident_state AS (
    sign smallint, grid bigint, home smallint, status smallint, band smallint, app smallint,
    alerts smallint, na smallint, evidenced boolean
);
COMMENT ON TYPE qm.household_state IS 'what counters are a sum of; sign -1 takes an old state out, +1 puts a new one in';

CREATE TYPE qm.batch_in AS (
    b int, device uuid, account text, batch uuid, root bytea, recv bigint, note bytea,
    status smallint, idx bigint, hold boolean
);
CREATE TYPE qm.line AS (
    ord int, b int, line smallint, idx bigint, recv bigint, device uuid, account text,
    fault smallint, dup bigint, hold smallint, flags smallint, creates boolean, voided boolean,
    leaf bytea, id uuid, kind smallint, seq bigint, at bigint, grid bigint, household uuid,
    resident uuid, target uuid, code smallint, via smallint, party smallint, alerts smallint,
    na smallint
);
COMMENT ON TYPE qm.line IS 'a judged line; fault 1 schema 2 private 3 county 4 conflict; hold 1 revoked 2 scope 3 moved; flags 1 future 2 late 4 unknown 8 seq';
