CREATE SCHEMA qm;
CREATE TYPE qm.batch_in AS (
	b integer,
	device uuid,
	account text,
	batch uuid,
	root bytea,
	recv bigint,
	note bytea,
	status smallint,
	idx bigint,
	hold boolean
);
CREATE TYPE qm.fact AS (
	subject uuid,
	what text COLLATE pg_catalog."C",
	old text COLLATE pg_catalog."C",
	new text COLLATE pg_catalog."C",
	old_bytes bytea,
	new_bytes bytea,
	old_mac bytea,
	new_mac bytea
);
COMMENT ON TYPE qm.fact IS 'a register fact that changes: what it was and what it becomes';
CREATE TYPE qm.fold_event AS (
	subject uuid,
	kind smallint,
	code smallint,
	via smallint,
	police boolean,
	evidenced boolean,
	alerts smallint,
	na smallint,
	key text COLLATE pg_catalog."C"
);
COMMENT ON TYPE qm.fold_event IS 'an effective event as the fold sees it; subject is who it counts for';
CREATE TYPE qm.household_state AS (
	sign smallint,
	grid bigint,
	place smallint,
	status smallint,
	claimed boolean,
	flags integer,
	visits integer,
	police integer,
	door smallint,
	pledge boolean,
	pledge_evidenced boolean,
	pledge_last smallint
);
COMMENT ON TYPE qm.household_state IS 'what counters are a sum of; sign -1 takes an old state out, +1 puts a new one in';
CREATE TYPE qm.line AS (
	ord integer,
	b integer,
	line smallint,
	idx bigint,
	recv bigint,
	device uuid,
	account text,
	fault smallint,
	dup bigint,
	hold smallint,
	flags smallint,
	creates boolean,
	voided boolean,
	leaf bytea,
	id uuid,
	kind smallint,
	seq bigint,
	at bigint,
	grid bigint,
	household uuid,
	resident uuid,
	target uuid,
	code smallint,
	via smallint,
	party smallint,
	alerts smallint,
	na smallint
);
COMMENT ON TYPE qm.line IS 'a judged line; fault 1 schema 2 private 3 county 4 conflict; hold 1 revoked 2 scope 3 moved; flags 1 future 2 late 4 unknown 8 seq';
CREATE TYPE qm.resident_state AS (
	sign smallint,
	grid bigint,
	home smallint,
	status smallint,
	band smallint,
	app smallint,
	alerts smallint,
	na smallint,
	evidenced boolean
);
CREATE TABLE qm.bulletin (
    county integer NOT NULL,
    draft uuid NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    kind smallint NOT NULL,
    period text NOT NULL COLLATE pg_catalog."C",
    state smallint DEFAULT 0 NOT NULL,
    replaces bigint,
    before_draft uuid,
    from_idx bigint NOT NULL,
    to_size bigint NOT NULL,
    root bytea NOT NULL,
    from_rev bigint NOT NULL,
    to_rev bigint NOT NULL,
    tree integer NOT NULL,
    day date NOT NULL,
    roster_idx bigint NOT NULL,
    roster_sha bytea NOT NULL,
    rule_sha bytea NOT NULL,
    imports_sha bytea,
    result_sha bytea NOT NULL,
    public_sha bytea NOT NULL,
    prepared_by text NOT NULL COLLATE pg_catalog."C",
    prepared_ms bigint NOT NULL,
    idx bigint,
    published_by text COLLATE pg_catalog."C",
    published_ms bigint,
    number integer,
    CONSTRAINT bulletin_check CHECK ((to_size > from_idx)),
    CONSTRAINT bulletin_check1 CHECK (((state = 1) = (idx IS NOT NULL))),
    CONSTRAINT bulletin_check2 CHECK ((((idx IS NULL) = (published_by IS NULL)) AND ((idx IS NULL) = (published_ms IS NULL)) AND ((idx IS NULL) = (number IS NULL)))),
    CONSTRAINT bulletin_check3 CHECK ((published_by <> prepared_by)),
    CONSTRAINT bulletin_from_idx_check CHECK ((from_idx >= 0)),
    CONSTRAINT bulletin_kind_check CHECK (((kind >= 1) AND (kind <= 5))),
    CONSTRAINT bulletin_number_check CHECK ((number > 0)),
    CONSTRAINT bulletin_period_check CHECK ((period ~ '^[0-9]{4}(-([0-9]{2}|W[0-9]{2}|Q[1-4]|H[12]))?$'::text)),
    CONSTRAINT bulletin_root_check CHECK ((octet_length(root) = 32)),
    CONSTRAINT bulletin_scope_check CHECK ((scope ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'::text)),
    CONSTRAINT bulletin_state_check CHECK (((state >= 0) AND (state <= 2)))
);
COMMENT ON TABLE qm.bulletin IS 'rankings: drafts that were frozen, and bulletins that were published';
COMMENT ON COLUMN qm.bulletin.kind IS 'of the period: 1 week, 2 month, 3 quarter, 4 half, 5 year';
COMMENT ON COLUMN qm.bulletin.state IS '0 frozen, 1 published, 2 dropped';
COMMENT ON COLUMN qm.bulletin.replaces IS 'a correction: index of the entry that it replaces';
COMMENT ON COLUMN qm.bulletin.before_draft IS 'the bulletin whose ranks are the ranks before';
COMMENT ON COLUMN qm.bulletin.from_rev IS 'revision of the head at from_idx; 0 for the first bulletin';
COMMENT ON COLUMN qm.bulletin.number IS 'issue of its scope within the calendar year; a correction has its original''s';
CREATE TABLE qm.register_change (
    county integer NOT NULL,
    rev bigint NOT NULL,
    subject uuid NOT NULL,
    what text NOT NULL COLLATE pg_catalog."C",
    old text NOT NULL,
    new text NOT NULL,
    at bigint NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C",
    undoes bigint,
    undone bigint
);
COMMENT ON TABLE qm.register_change IS 'status changes, moves, merges and claims: what, from what, by whom';
COMMENT ON COLUMN qm.register_change.undoes IS 'the change (rev) that this one takes back';
COMMENT ON COLUMN qm.register_change.undone IS 'the change (rev) that took this one back';
CREATE TABLE qm.log_head (
    county integer NOT NULL,
    name text NOT NULL,
    tree integer DEFAULT 1 NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    frontier bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    root bytea NOT NULL,
    revision bigint DEFAULT 0 NOT NULL,
    age_day date NOT NULL,
    CONSTRAINT log_head_county_check CHECK (((county >= 100000) AND (county <= 999999))),
    CONSTRAINT log_head_root_check CHECK ((octet_length(root) = 32))
)
WITH (fillfactor='20');
COMMENT ON TABLE qm.log_head IS 'one row a county: its lock is the only lock of every write';
COMMENT ON COLUMN qm.log_head.revision IS 'raised by each commit that changed a state or the register';
COMMENT ON COLUMN qm.log_head.age_day IS 'the day for which counters hold ages';
CREATE TABLE qm.event (
    county integer NOT NULL,
    id uuid NOT NULL,
    idx bigint NOT NULL,
    line smallint NOT NULL,
    kind smallint NOT NULL,
    code smallint NOT NULL,
    via smallint NOT NULL,
    party smallint NOT NULL,
    alerts smallint NOT NULL,
    na smallint NOT NULL,
    hold smallint NOT NULL,
    flags smallint NOT NULL,
    evidences smallint NOT NULL,
    device uuid NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    recv bigint NOT NULL,
    grid bigint NOT NULL,
    household uuid,
    resident uuid,
    account text NOT NULL COLLATE pg_catalog."C",
    e bytea NOT NULL,
    p bytea
);
COMMENT ON TABLE qm.event IS 'recorded events; only P is ever taken away (erasure)';
COMMENT ON COLUMN qm.event.party IS 'who came along, bits of the wire';
COMMENT ON COLUMN qm.event.hold IS '0 accepted, 1 revoked, 2 scope, 3 moved: fact of arrival';
CREATE TABLE qm.resident (
    county integer NOT NULL,
    resident uuid NOT NULL,
    household uuid NOT NULL,
    grid bigint NOT NULL,
    home smallint NOT NULL,
    status smallint NOT NULL,
    born date,
    band smallint NOT NULL,
    alerts smallint DEFAULT 0 NOT NULL,
    na smallint DEFAULT 0 NOT NULL,
    evidenced boolean DEFAULT false NOT NULL,
    app_key text COLLATE pg_catalog."C",
    rev bigint NOT NULL,
    CONSTRAINT resident_band_check CHECK (((band >= 0) AND (band <= 3))),
    CONSTRAINT resident_home_check CHECK (((home >= 0) AND (home <= 6))),
    CONSTRAINT resident_status_check CHECK (((status >= 1) AND (status <= 5)))
)
WITH (fillfactor='70');
COMMENT ON TABLE qm.resident IS 'people of the register with the fold of their events';
COMMENT ON COLUMN qm.resident.home IS 'effective status of the household: 1 counted home, 2 away, 3 vacant, 4 gone, 6 other or another place, 0 not in the register';
COMMENT ON COLUMN qm.resident.status IS '1 counted, 2 away, 3 gone, 4 dead, 5 unknown_age';
COMMENT ON COLUMN qm.resident.band IS 'age on the county''s age_day: 0 unknown, 1 under 16, 2 16-60, 3 over 60';
COMMENT ON COLUMN qm.resident.app_key IS 'order key of the latest effective app event and its state as a letter';
CREATE TABLE qm.household (
    county integer NOT NULL,
    household uuid NOT NULL,
    grid bigint NOT NULL,
    place smallint NOT NULL,
    status smallint NOT NULL,
    merged_into uuid,
    worker text COLLATE pg_catalog."C",
    flags integer DEFAULT 0 NOT NULL,
    visits integer DEFAULT 0 NOT NULL,
    police integer DEFAULT 0 NOT NULL,
    door_key text COLLATE pg_catalog."C",
    signed_key text COLLATE pg_catalog."C",
    withdrawn_key text COLLATE pg_catalog."C",
    evidenced_key text COLLATE pg_catalog."C",
    pledge_key text COLLATE pg_catalog."C",
    rev bigint NOT NULL,
    CONSTRAINT household_check CHECK (((status = 5) = (merged_into IS NOT NULL))),
    CONSTRAINT household_place_check CHECK (((place >= 1) AND (place <= 6))),
    CONSTRAINT household_status_check CHECK (((status >= 1) AND (status <= 6)))
)
WITH (fillfactor='60');
COMMENT ON TABLE qm.household IS 'places of the register with the fold of their events';
COMMENT ON COLUMN qm.household.status IS '1 counted, 2 away, 3 vacant, 4 gone, 5 merged, 6 other';
COMMENT ON COLUMN qm.household.flags IS 'bits: 1 visited, 2 reached, 4 notice delivered, 8 notice signed, 16 notice refused, 32 delivered with evidence, 64 signed with evidence';
COMMENT ON COLUMN qm.household.door_key IS 'order key of the latest effective visit and its outcome as a letter; the other keys likewise for pledges';
COMMENT ON COLUMN qm.household.rev IS 'revision of the last change; in no index, which keeps updates heap-only';
CREATE TABLE qm.register_proposal (
    county integer NOT NULL,
    event uuid NOT NULL,
    accepted boolean NOT NULL,
    rev bigint NOT NULL,
    subject uuid NOT NULL,
    at bigint NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON TABLE qm.register_proposal IS 'workers'' proposals that the office has settled; rev is the change that came of an accepted one';
CREATE TABLE qm.access (
    county integer NOT NULL,
    at bigint NOT NULL,
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    what text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    CONSTRAINT access_reason_check CHECK ((length(reason) <= 200)),
    CONSTRAINT access_subject_check CHECK ((length(subject) <= 80)),
    CONSTRAINT access_what_check CHECK ((what ~ '^[a-z][a-z_]{1,39}$'::text))
);
COMMENT ON TABLE qm.access IS 'who looked at what in full, and why; insert only';
CREATE TABLE qm.account (
    county integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    name bytea,
    phone bytea,
    closed boolean DEFAULT false NOT NULL,
    CONSTRAINT account_account_check CHECK ((account ~ '^[A-Z][0-9A-Z]{1,15}$'::text))
);
COMMENT ON TABLE qm.account IS 'name and phone are sealed; an account is never reused';
CREATE TABLE qm.account_closing (
    county integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    closed boolean NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    CONSTRAINT account_closing_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 200)))
);
COMMENT ON TABLE qm.account_closing IS 'who closed an account or opened it again, and why; insert only';
CREATE TABLE qm.account_grid (
    county integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    grid bigint NOT NULL,
    now boolean NOT NULL
);
COMMENT ON TABLE qm.account_grid IS 'grids a worker has (now) or had at any time';
CREATE TABLE qm.account_home (
    login text NOT NULL COLLATE pg_catalog."C",
    county integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT account_home_login_check CHECK (((length(login) >= 1) AND (length(login) <= 64)))
);
COMMENT ON TABLE qm.account_home IS 'reference: the county of a login';
CREATE TABLE qm.account_role (
    county integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    prefix text NOT NULL COLLATE pg_catalog."C",
    from_day date,
    until_day date,
    CONSTRAINT account_role_prefix_check CHECK ((prefix ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'::text)),
    CONSTRAINT account_role_role_check CHECK ((role = ANY (ARRAY['worker'::text, 'leader'::text, 'deputy'::text, 'secretary'::text, 'township'::text, 'police'::text, 'inspector'::text, 'auditor'::text, 'admin'::text])))
);
COMMENT ON TABLE qm.account_role IS 'what an account may do, and within which division';
COMMENT ON COLUMN qm.account_role.from_day IS 'first day on which the role holds; null: from the beginning';
COMMENT ON COLUMN qm.account_role.until_day IS 'last day on which the role holds; null: no end';
CREATE TABLE qm.area_day (
    county integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    size bigint NOT NULL,
    packed bytea NOT NULL,
    CONSTRAINT area_day_code_check CHECK ((code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'::text))
);
COMMENT ON TABLE qm.area_day IS 'counters of villages, townships and the county when a day was closed; insert only';
COMMENT ON COLUMN qm.area_day.size IS 'log size that the counters were of';
COMMENT ON COLUMN qm.area_day.packed IS 'as in qm.village_counter';
CREATE TABLE qm.batch (
    county integer NOT NULL,
    device uuid NOT NULL,
    batch uuid NOT NULL,
    root bytea NOT NULL,
    idx bigint NOT NULL,
    ids uuid[] NOT NULL
);
COMMENT ON TABLE qm.batch IS 'recorded batches; a retry finds its index by content';
COMMENT ON COLUMN qm.batch.ids IS 'event id of each line; null where the line was rejected';
CREATE TABLE qm.blob (
    county integer NOT NULL,
    sha256 bytea NOT NULL,
    bytes integer NOT NULL,
    media smallint NOT NULL,
    received bigint NOT NULL,
    listed_idx bigint,
    sealed bytea,
    CONSTRAINT blob_media_check CHECK (((media >= 1) AND (media <= 3))),
    CONSTRAINT blob_sha256_check CHECK ((octet_length(sha256) = 32))
);
COMMENT ON TABLE qm.blob IS 'sealed pictures; media 1 JPEG, 2 PNG, 3 WebP; sealed is null once erased';
CREATE TABLE qm.bulletin_row (
    county integer NOT NULL,
    draft uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    rank integer NOT NULL,
    before integer NOT NULL,
    score bigint NOT NULL,
    "out" smallint NOT NULL,
    m bigint[] NOT NULL,
    v bigint[] NOT NULL,
    beside bigint[] NOT NULL,
    CONSTRAINT bulletin_row_before_check CHECK ((before >= 0)),
    CONSTRAINT bulletin_row_code_check CHECK ((code ~ '^([0-9]{9}|[0-9]{12}|[0-9]{15})$'::text)),
    CONSTRAINT bulletin_row_out_check CHECK ((("out" >= 0) AND ("out" <= 2))),
    CONSTRAINT bulletin_row_rank_check CHECK ((rank >= 0))
);
COMMENT ON TABLE qm.bulletin_row IS 'a division in a ranking; insert only';
COMMENT ON COLUMN qm.bulletin_row.rank IS '0: not ranked';
COMMENT ON COLUMN qm.bulletin_row."out" IS '0 ranked, 1 empty, 2 small';
COMMENT ON COLUMN qm.bulletin_row.m IS 'eight numbers a metric of the rule: num, den, new, refused, late, carried, num and den before';
COMMENT ON COLUMN qm.bulletin_row.v IS 'all counters at the end of the range, place 1 first';
COMMENT ON COLUMN qm.bulletin_row.beside IS 'held revoked, scope, moved; decided out; voided; merged; roster lines new, gone, changed';
CREATE TABLE qm.bulletin_seal (
    county integer NOT NULL,
    draft uuid NOT NULL,
    sha256 bytea NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT bulletin_seal_sha256_check CHECK ((octet_length(sha256) = 32))
);
COMMENT ON TABLE qm.bulletin_seal IS 'hashes of scans of the sealed paper; insert only';
CREATE TABLE qm.bulletin_text (
    county integer NOT NULL,
    draft uuid NOT NULL,
    section text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT bulletin_text_body_check CHECK ((octet_length(body) <= 16384)),
    CONSTRAINT bulletin_text_section_check CHECK ((section ~ '^[a-z0-9][a-z0-9_-]{0,39}$'::text))
);
COMMENT ON TABLE qm.bulletin_text IS 'wording of a bulletin; edited until it is published';
CREATE TABLE qm.carried_gain (
    county integer NOT NULL,
    village bigint NOT NULL,
    day date NOT NULL,
    v bigint[] NOT NULL
);
COMMENT ON TABLE qm.carried_gain IS 'by how much the counters of a village rose on a day by records that are carried over, less those taken back';
COMMENT ON COLUMN qm.carried_gain.day IS 'day that the counters stood for, as in qm.area_day';
COMMENT ON COLUMN qm.carried_gain.v IS 'places as in qm.village_counter';
CREATE TABLE qm.counter_place (
    place integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL,
    CONSTRAINT counter_place_place_check CHECK ((place > 0))
);
COMMENT ON TABLE qm.counter_place IS 'reference: what each place of a counter row counts; append only';
CREATE TABLE qm.decision (
    county integer NOT NULL,
    event uuid NOT NULL,
    idx bigint NOT NULL,
    way boolean NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    rev bigint NOT NULL
);
COMMENT ON TABLE qm.decision IS 'what the office decided on recorded events; the last entry decides';
COMMENT ON COLUMN qm.decision.way IS 'true in, false out; the greatest idx decides';
CREATE TABLE qm.device (
    county integer NOT NULL,
    device uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    key bytea NOT NULL,
    hard boolean NOT NULL,
    enrolled_idx bigint NOT NULL,
    revoked_idx bigint,
    revoked_recv bigint,
    lost_ms bigint,
    last_recv bigint,
    recorded int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    rejected int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    blob_day date,
    blob_bytes bigint DEFAULT 0 NOT NULL,
    CONSTRAINT device_key_check CHECK ((octet_length(key) = 32))
)
WITH (fillfactor='50');
COMMENT ON TABLE qm.device IS 'phones: account, key, what was recorded and what is missing';
COMMENT ON COLUMN qm.device.recorded IS 'sequence numbers of recorded events; gaps are what the phone still owes';
CREATE TABLE qm.device_home (
    key bytea NOT NULL,
    device uuid NOT NULL,
    county integer NOT NULL,
    CONSTRAINT device_home_key_check CHECK ((octet_length(key) = 32))
);
COMMENT ON TABLE qm.device_home IS 'reference: the county of a device, and every key ever seen';
CREATE TABLE qm.device_key (
    county integer NOT NULL,
    key bytea NOT NULL,
    device uuid NOT NULL,
    from_idx bigint NOT NULL
);
COMMENT ON TABLE qm.device_key IS 'every key a device had, and from which entry on';
CREATE TABLE qm.directive (
    county integer NOT NULL,
    directive uuid NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    body text NOT NULL,
    due date,
    by_account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    rev bigint NOT NULL,
    CONSTRAINT directive_body_check CHECK (((length(body) >= 1) AND (length(body) <= 4000))),
    CONSTRAINT directive_scope_check CHECK ((scope ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'::text)),
    CONSTRAINT directive_title_check CHECK (((length(title) >= 1) AND (length(title) <= 100)))
);
COMMENT ON TABLE qm.directive IS 'published texts for an area; insert only, and never personal data';
COMMENT ON COLUMN qm.directive.rev IS 'revision of the county when it was published: phones get it as a difference';
CREATE TABLE qm.directive_ack (
    county integer NOT NULL,
    directive uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL
);
COMMENT ON TABLE qm.directive_ack IS 'who acknowledged what, and when; insert only';
CREATE TABLE qm.division (
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    parent text COLLATE pg_catalog."C",
    level text NOT NULL,
    CONSTRAINT division_code_check CHECK ((code ~ '^[0-9]{2,12}$'::text)),
    CONSTRAINT division_level_check CHECK ((level = ANY (ARRAY['province'::text, 'prefecture'::text, 'county'::text, 'township'::text, 'village'::text]))),
    CONSTRAINT division_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);
COMMENT ON TABLE qm.division IS 'reference: statistical codes from province to village';
CREATE TABLE qm.duty_person (
    county integer NOT NULL,
    person uuid NOT NULL,
    division text NOT NULL COLLATE pg_catalog."C",
    duty smallint NOT NULL,
    name bytea NOT NULL,
    phone bytea,
    trained_on date,
    by_account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT duty_person_division_check CHECK ((division ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'::text)),
    CONSTRAINT duty_person_duty_check CHECK (((duty >= 1) AND (duty <= 5)))
);
COMMENT ON TABLE qm.duty_person IS 'responsible persons and lecturers; names and numbers sealed; who is no longer one is removed';
COMMENT ON COLUMN qm.duty_person.duty IS '1 first responsible person, 2 deputy, 3 handler, 4 liaison, 5 lecturer';
CREATE TABLE qm.enrol_code (
    county integer NOT NULL,
    code_mac bytea NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    by_account text NOT NULL COLLATE pg_catalog."C",
    expires_ms bigint NOT NULL,
    used_key bytea
);
COMMENT ON TABLE qm.enrol_code IS 'one-use codes, kept as keyed hashes';
CREATE TABLE qm.evidence (
    county integer NOT NULL,
    sha256 bytea NOT NULL,
    event uuid NOT NULL,
    CONSTRAINT evidence_sha256_check CHECK ((octet_length(sha256) = 32))
);
COMMENT ON TABLE qm.evidence IS 'pictures that recorded events name';
CREATE TABLE qm.figure (
    county integer NOT NULL,
    period text NOT NULL COLLATE pg_catalog."C",
    metric text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL,
    source bytea NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT figure_code_check CHECK ((code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'::text)),
    CONSTRAINT figure_metric_check CHECK ((metric ~ '^[a-z0-9][a-z0-9_-]{0,39}$'::text)),
    CONSTRAINT figure_period_check CHECK ((period ~ '^[0-9]{4}(-([0-9]{2}|W[0-9]{2}|Q[1-4]|H[12]))?$'::text)),
    CONSTRAINT figure_source_check CHECK ((octet_length(source) = 32)),
    CONSTRAINT figure_value_check CHECK (((value >= 0) AND (value <= '9007199254740991'::bigint)))
);
COMMENT ON TABLE qm.figure IS 'figures from elsewhere, with the hash of the file they came from; a freeze keeps its copy';
CREATE TABLE qm.grid (
    county integer NOT NULL,
    grid bigint NOT NULL,
    name text NOT NULL,
    population integer,
    population_source text,
    population_date date,
    CONSTRAINT grid_grid_check CHECK (((grid >= '100000000000000'::bigint) AND (grid <= '999999999999999'::bigint)))
);
COMMENT ON TABLE qm.grid IS 'grids of the countys villages, with the population used for figures per 10,000';
CREATE TABLE qm.grid_counter (
    county integer NOT NULL,
    grid bigint NOT NULL,
    v bigint[] NOT NULL
)
WITH (fillfactor='30');
COMMENT ON TABLE qm.grid_counter IS 'one row a grid: sums over the states of its households and residents';
CREATE TABLE qm.household_card (
    county integer NOT NULL,
    household uuid NOT NULL,
    village_group text DEFAULT ''::text NOT NULL,
    lane text DEFAULT ''::text NOT NULL,
    door text DEFAULT ''::text NOT NULL,
    head bytea,
    phone bytea,
    phone_mac bytea,
    ref text COLLATE pg_catalog."C",
    grid bigint NOT NULL
);
COMMENT ON TABLE qm.household_card IS 'what people read of a household; head and phone are sealed';
COMMENT ON COLUMN qm.household_card.ref IS 'the village''s own number of the household, by which its sheets name it';
COMMENT ON COLUMN qm.household_card.grid IS 'that of the household: the foreign key holds them equal, so one statement changes both';
CREATE TABLE qm.household_left (
    county integer NOT NULL,
    household uuid NOT NULL,
    rev bigint NOT NULL,
    grid bigint NOT NULL
);
COMMENT ON TABLE qm.household_left IS 'grids that a household has left, so that phones drop it';
CREATE TABLE qm.log_checkpoint (
    county integer NOT NULL,
    size bigint NOT NULL,
    tree integer NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT log_checkpoint_root_check CHECK ((octet_length(root) = 32))
);
COMMENT ON TABLE qm.log_checkpoint IS 'unsigned checkpoints, one a commit; signing is a pure function of the row';
CREATE TABLE qm.log_entry (
    county integer NOT NULL,
    idx bigint NOT NULL,
    type smallint NOT NULL,
    recv bigint NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT log_entry_body_check CHECK (((octet_length(body) >= 1) AND (octet_length(body) <= 65535))),
    CONSTRAINT log_entry_type_check CHECK (((type >= 1) AND (type <= 10)))
);
COMMENT ON TABLE qm.log_entry IS 'the log''s entries, verbatim; insert only';
CREATE TABLE qm.log_node (
    county integer NOT NULL,
    level smallint NOT NULL,
    pos bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT log_node_hash_check CHECK ((octet_length(hash) = 32))
);
COMMENT ON TABLE qm.log_node IS 'roots of perfect subtrees; level 0 holds the leaves; insert only';
CREATE TABLE qm.log_tree (
    county integer NOT NULL,
    tree integer NOT NULL,
    vkey text NOT NULL COLLATE pg_catalog."C",
    from_size bigint NOT NULL
);
COMMENT ON TABLE qm.log_tree IS 'names and keys of a county''s log, one more after each restore';
CREATE TABLE qm.login_code (
    county integer NOT NULL,
    code_mac bytea NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    by_account text NOT NULL COLLATE pg_catalog."C",
    expires_ms bigint NOT NULL,
    used_ms bigint
);
COMMENT ON TABLE qm.login_code IS 'one-use codes for the first sign-in or a forgotten password, kept as keyed hashes';
CREATE TABLE qm.migration (
    name text NOT NULL COLLATE pg_catalog."C",
    sha256 bytea NOT NULL,
    done_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE qm.migration IS 'reference: files that were run';
CREATE TABLE qm.object (
    county integer NOT NULL,
    sha256 bytea NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    open boolean NOT NULL,
    body bytea NOT NULL,
    parts integer DEFAULT 0 NOT NULL,
    bytes bigint,
    CONSTRAINT object_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT object_parts_check CHECK ((parts >= 0)),
    CONSTRAINT object_sha256_check CHECK ((octet_length(sha256) = 32))
);
COMMENT ON TABLE qm.object IS 'bytes that log entries name by hash; open ones are served to everybody';
COMMENT ON COLUMN qm.object.parts IS '0: body holds all; else body is empty and the bytes are in object_part';
COMMENT ON COLUMN qm.object.bytes IS 'length of all parts together; null without parts';
CREATE TABLE qm.object_part (
    county integer NOT NULL,
    sha256 bytea NOT NULL,
    part integer NOT NULL,
    body bytea NOT NULL,
    put_ms bigint DEFAULT 0 NOT NULL,
    CONSTRAINT object_part_body_check CHECK (((octet_length(body) >= 1) AND (octet_length(body) <= 1048576))),
    CONSTRAINT object_part_part_check CHECK ((part >= 0)),
    CONSTRAINT object_part_sha256_check CHECK ((octet_length(sha256) = 32))
);
ALTER TABLE ONLY qm.object_part ALTER COLUMN body SET COMPRESSION lz4;
COMMENT ON TABLE qm.object_part IS 'bytes of large objects (rosters) in parts, by the hash of the whole; their bytes are insert only';
COMMENT ON COLUMN qm.object_part.put_ms IS 'when it was put, or found again by a later freeze';
CREATE TABLE qm.password (
    county integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL,
    set_ms bigint NOT NULL,
    fails integer DEFAULT 0 NOT NULL,
    fail_ms bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');
COMMENT ON TABLE qm.password IS 'Argon2id text of each account that signs in; fails since the last success slow the next try down';
CREATE TABLE qm.preference (
    county integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    by_account text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT preference_body_check CHECK (((length(body) >= 2) AND (length(body) <= 20000))),
    CONSTRAINT preference_name_check CHECK ((name ~ '^[a-z][a-z_]{1,39}$'::text))
);
COMMENT ON TABLE qm.preference IS 'what pages remember for the whole county, as JSON: columns of exports, how many lecturers; no figure hangs on it, so the log does not name it';
CREATE TABLE qm.proposal (
    county integer NOT NULL,
    draft uuid NOT NULL,
    n integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    step text NOT NULL COLLATE pg_catalog."C",
    state smallint DEFAULT 0 NOT NULL,
    by_account text COLLATE pg_catalog."C",
    at bigint,
    remark text DEFAULT ''::text NOT NULL,
    CONSTRAINT proposal_n_check CHECK ((n > 0)),
    CONSTRAINT proposal_reason_check CHECK ((reason = ANY (ARRAY['worst'::text, 'case'::text, 'low'::text, 'false'::text]))),
    CONSTRAINT proposal_remark_check CHECK ((octet_length(remark) <= 2000)),
    CONSTRAINT proposal_state_check CHECK (((state >= 0) AND (state <= 2))),
    CONSTRAINT proposal_subject_check CHECK ((subject = ANY (ARRAY['village'::text, 'unit'::text, 'police'::text])))
);
COMMENT ON TABLE qm.proposal IS 'escalations that the rule proposes and a person decides';
COMMENT ON COLUMN qm.proposal.state IS '0 proposed, 1 accepted, 2 dismissed';
CREATE TABLE qm.quarantine (
    county integer NOT NULL,
    idx bigint NOT NULL,
    line smallint NOT NULL,
    reason smallint NOT NULL,
    recv bigint NOT NULL,
    leaf bytea NOT NULL,
    e bytea,
    p bytea,
    CONSTRAINT quarantine_leaf_check CHECK ((octet_length(leaf) = 32)),
    CONSTRAINT quarantine_reason_check CHECK (((reason >= 1) AND (reason <= 4)))
);
COMMENT ON TABLE qm.quarantine IS 'rejected lines: the leaf hash stays';
COMMENT ON COLUMN qm.quarantine.reason IS '1 schema, 2 private, 3 county, 4 conflict; E and P go after 30 days';
CREATE TABLE qm.recount (
    county integer NOT NULL,
    at bigint NOT NULL,
    size bigint NOT NULL,
    differences bigint NOT NULL
);
COMMENT ON TABLE qm.recount IS 'what recounts found';
CREATE TABLE qm.register_kept (
    county integer NOT NULL,
    rev bigint NOT NULL,
    subject uuid NOT NULL,
    what text NOT NULL COLLATE pg_catalog."C",
    old bytea,
    new bytea,
    old_mac bytea,
    new_mac bytea
);
COMMENT ON TABLE qm.register_kept IS 'what an edit replaced, so that it can be taken back; names and numbers sealed as in the cards; no history shows it, erasure removes it';
CREATE TABLE qm.resident_card (
    county integer NOT NULL,
    resident uuid NOT NULL,
    name bytea,
    phone bytea,
    phone_mac bytea,
    groups text[] DEFAULT '{}'::text[] NOT NULL
);
COMMENT ON TABLE qm.resident_card IS 'what people read of a resident; name and phone are sealed';
CREATE TABLE qm.resident_left (
    county integer NOT NULL,
    grid bigint NOT NULL,
    rev bigint NOT NULL,
    resident uuid NOT NULL
);
COMMENT ON TABLE qm.resident_left IS 'grids from whose households a resident has moved to another household, so that phones drop them';
CREATE TABLE qm.session (
    county integer NOT NULL,
    session_mac bytea NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    began_ms bigint NOT NULL,
    ends_ms bigint NOT NULL
);
COMMENT ON TABLE qm.session IS 'who is signed in at a browser, kept as keyed hashes of the cookie';
CREATE TABLE qm.setting (
    county integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    sha256 bytea NOT NULL,
    idx bigint NOT NULL,
    CONSTRAINT setting_kind_check CHECK ((kind = ANY (ARRAY['rule'::text, 'targets'::text, 'texts'::text, 'topics'::text])))
);
COMMENT ON TABLE qm.setting IS 'the rule, targets, texts and topics in force';
CREATE TABLE qm.signoff (
    county integer NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    period text NOT NULL COLLATE pg_catalog."C",
    prepared_by text NOT NULL COLLATE pg_catalog."C",
    prepared_ms bigint NOT NULL,
    to_size bigint NOT NULL,
    roster_sha bytea NOT NULL,
    confirmed_by text COLLATE pg_catalog."C",
    confirmed_ms bigint,
    idx bigint,
    CONSTRAINT signoff_check CHECK ((((idx IS NULL) = (confirmed_by IS NULL)) AND ((idx IS NULL) = (confirmed_ms IS NULL)))),
    CONSTRAINT signoff_check1 CHECK ((confirmed_by <> prepared_by)),
    CONSTRAINT signoff_period_check CHECK ((period ~ '^[0-9]{4}(-([0-9]{2}|W[0-9]{2}|Q[1-4]|H[12]))?$'::text)),
    CONSTRAINT signoff_roster_sha_check CHECK ((octet_length(roster_sha) = 32)),
    CONSTRAINT signoff_scope_check CHECK ((scope ~ '^[0-9]{12}$'::text))
);
COMMENT ON TABLE qm.signoff IS 'rosters that a deputy prepared and a village secretary confirmed';
CREATE TABLE qm.site (
    one boolean DEFAULT true NOT NULL,
    host text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT site_host_check CHECK (((length(host) >= 1) AND (length(host) <= 120))),
    CONSTRAINT site_one_check CHECK (one)
);
COMMENT ON TABLE qm.site IS 'reference: the authority that every name is made of; fixed for ever at init';
CREATE TABLE qm.token (
    county integer NOT NULL,
    token_mac bytea NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    prefix text NOT NULL COLLATE pg_catalog."C",
    expires_ms bigint NOT NULL
);
COMMENT ON TABLE qm.token IS 'bearer tokens of people, kept as keyed hashes; role and division prefix go with each';
CREATE TABLE qm.village_counter (
    county integer NOT NULL,
    village bigint NOT NULL,
    v bigint[] NOT NULL,
    packed bytea NOT NULL,
    name text NOT NULL
)
WITH (fillfactor='30');
COMMENT ON TABLE qm.village_counter IS 'one row a village: the sum of its grids';
COMMENT ON COLUMN qm.village_counter.packed IS 'v as int4s in network order: what a board reads, ten times as fast as the array';
COMMENT ON COLUMN qm.village_counter.name IS 'copy of the division''s name, renewed by name_villages';
CREATE TABLE qm.void_mark (
    county integer NOT NULL,
    target uuid NOT NULL,
    event uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    idx bigint NOT NULL
);
COMMENT ON TABLE qm.void_mark IS 'recorded voids by what they void; the target may come later';
CREATE TABLE qm.want (
    county integer NOT NULL,
    sha256 bytea NOT NULL,
    event uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT want_sha256_check CHECK ((octet_length(sha256) = 32))
);
COMMENT ON TABLE qm.want IS 'pictures that a recorded event names and that are not here yet';
ALTER TABLE ONLY qm.access
    ADD CONSTRAINT access_pkey PRIMARY KEY (county, at, id);
ALTER TABLE ONLY qm.account_closing
    ADD CONSTRAINT account_closing_pkey PRIMARY KEY (county, account, at);
ALTER TABLE ONLY qm.account_grid
    ADD CONSTRAINT account_grid_pkey PRIMARY KEY (county, account, grid);
ALTER TABLE ONLY qm.account_home
    ADD CONSTRAINT account_home_pkey PRIMARY KEY (login);
ALTER TABLE ONLY qm.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (county, account);
ALTER TABLE ONLY qm.account_role
    ADD CONSTRAINT account_role_pkey PRIMARY KEY (county, account, role, prefix);
ALTER TABLE ONLY qm.area_day
    ADD CONSTRAINT area_day_pkey PRIMARY KEY (county, code, day);
ALTER TABLE ONLY qm.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (county, device, batch);
ALTER TABLE ONLY qm.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (county, sha256);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_pkey PRIMARY KEY (county, draft);
ALTER TABLE ONLY qm.bulletin_row
    ADD CONSTRAINT bulletin_row_pkey PRIMARY KEY (county, draft, code);
ALTER TABLE ONLY qm.bulletin_seal
    ADD CONSTRAINT bulletin_seal_pkey PRIMARY KEY (county, draft, sha256);
ALTER TABLE ONLY qm.bulletin_text
    ADD CONSTRAINT bulletin_text_pkey PRIMARY KEY (county, draft, section);
ALTER TABLE ONLY qm.carried_gain
    ADD CONSTRAINT carried_gain_pkey PRIMARY KEY (county, village, day);
ALTER TABLE ONLY qm.counter_place
    ADD CONSTRAINT counter_place_name_key UNIQUE (name);
ALTER TABLE ONLY qm.counter_place
    ADD CONSTRAINT counter_place_pkey PRIMARY KEY (place);
ALTER TABLE ONLY qm.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (county, event, idx);
ALTER TABLE ONLY qm.device_home
    ADD CONSTRAINT device_home_pkey PRIMARY KEY (key);
ALTER TABLE ONLY qm.device_key
    ADD CONSTRAINT device_key_pkey PRIMARY KEY (county, key);
ALTER TABLE ONLY qm.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (county, device);
ALTER TABLE ONLY qm.directive_ack
    ADD CONSTRAINT directive_ack_pkey PRIMARY KEY (county, directive, account);
ALTER TABLE ONLY qm.directive
    ADD CONSTRAINT directive_pkey PRIMARY KEY (county, directive);
ALTER TABLE ONLY qm.division
    ADD CONSTRAINT division_pkey PRIMARY KEY (code);
ALTER TABLE ONLY qm.duty_person
    ADD CONSTRAINT duty_person_pkey PRIMARY KEY (county, person);
ALTER TABLE ONLY qm.enrol_code
    ADD CONSTRAINT enrol_code_pkey PRIMARY KEY (county, code_mac);
ALTER TABLE ONLY qm.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (county, id);
ALTER TABLE ONLY qm.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (county, sha256, event);
ALTER TABLE ONLY qm.figure
    ADD CONSTRAINT figure_pkey PRIMARY KEY (county, period, metric, code);
ALTER TABLE ONLY qm.grid_counter
    ADD CONSTRAINT grid_counter_pkey PRIMARY KEY (county, grid);
ALTER TABLE ONLY qm.grid
    ADD CONSTRAINT grid_pkey PRIMARY KEY (county, grid);
ALTER TABLE ONLY qm.household_card
    ADD CONSTRAINT household_card_pkey PRIMARY KEY (county, household);
ALTER TABLE ONLY qm.household_left
    ADD CONSTRAINT household_left_pkey PRIMARY KEY (county, household, rev);
ALTER TABLE ONLY qm.household
    ADD CONSTRAINT household_pkey PRIMARY KEY (county, household);
ALTER TABLE ONLY qm.log_checkpoint
    ADD CONSTRAINT log_checkpoint_pkey PRIMARY KEY (county, size);
ALTER TABLE ONLY qm.log_entry
    ADD CONSTRAINT log_entry_pkey PRIMARY KEY (county, idx);
ALTER TABLE ONLY qm.log_head
    ADD CONSTRAINT log_head_pkey PRIMARY KEY (county);
ALTER TABLE ONLY qm.log_node
    ADD CONSTRAINT log_node_pkey PRIMARY KEY (county, level, pos);
ALTER TABLE ONLY qm.log_tree
    ADD CONSTRAINT log_tree_pkey PRIMARY KEY (county, tree);
ALTER TABLE ONLY qm.login_code
    ADD CONSTRAINT login_code_pkey PRIMARY KEY (county, code_mac);
ALTER TABLE ONLY qm.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);
ALTER TABLE ONLY qm.object_part
    ADD CONSTRAINT object_part_pkey PRIMARY KEY (county, sha256, part);
ALTER TABLE ONLY qm.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (county, sha256);
ALTER TABLE ONLY qm.password
    ADD CONSTRAINT password_pkey PRIMARY KEY (county, account);
ALTER TABLE ONLY qm.preference
    ADD CONSTRAINT preference_pkey PRIMARY KEY (county, name);
ALTER TABLE ONLY qm.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (county, draft, n);
ALTER TABLE ONLY qm.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (county, idx, line);
ALTER TABLE ONLY qm.recount
    ADD CONSTRAINT recount_pkey PRIMARY KEY (county, at);
ALTER TABLE ONLY qm.register_change
    ADD CONSTRAINT register_change_pkey PRIMARY KEY (county, rev, subject, what);
ALTER TABLE ONLY qm.register_kept
    ADD CONSTRAINT register_kept_pkey PRIMARY KEY (county, rev, subject, what);
ALTER TABLE ONLY qm.register_proposal
    ADD CONSTRAINT register_proposal_pkey PRIMARY KEY (county, event);
ALTER TABLE ONLY qm.resident_card
    ADD CONSTRAINT resident_card_pkey PRIMARY KEY (county, resident);
ALTER TABLE ONLY qm.resident_left
    ADD CONSTRAINT resident_left_pkey PRIMARY KEY (county, grid, rev, resident);
ALTER TABLE ONLY qm.resident
    ADD CONSTRAINT resident_pkey PRIMARY KEY (county, resident);
ALTER TABLE ONLY qm.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (county, session_mac);
ALTER TABLE ONLY qm.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (county, kind);
ALTER TABLE ONLY qm.signoff
    ADD CONSTRAINT signoff_pkey PRIMARY KEY (county, scope, period);
ALTER TABLE ONLY qm.site
    ADD CONSTRAINT site_pkey PRIMARY KEY (one);
ALTER TABLE ONLY qm.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (county, token_mac);
ALTER TABLE ONLY qm.village_counter
    ADD CONSTRAINT village_counter_pkey PRIMARY KEY (county, village);
ALTER TABLE ONLY qm.void_mark
    ADD CONSTRAINT void_mark_pkey PRIMARY KEY (county, target, event);
ALTER TABLE ONLY qm.want
    ADD CONSTRAINT want_pkey PRIMARY KEY (county, sha256, event);
CREATE UNIQUE INDEX batch_idx ON qm.batch USING btree (county, idx) WHERE (idx >= 0);
CREATE INDEX blob_listed ON qm.blob USING btree (county, listed_idx) WHERE (listed_idx IS NOT NULL);
CREATE INDEX blob_unlisted ON qm.blob USING btree (county, received) WHERE (listed_idx IS NULL);
CREATE UNIQUE INDEX bulletin_chain ON qm.bulletin USING btree (county, replaces) WHERE ((state = 1) AND (replaces IS NOT NULL));
CREATE UNIQUE INDEX bulletin_idx ON qm.bulletin USING btree (county, idx) WHERE (idx IS NOT NULL);
CREATE UNIQUE INDEX bulletin_once ON qm.bulletin USING btree (county, scope, period) WHERE ((state = 1) AND (replaces IS NULL));
CREATE INDEX device_home_device ON qm.device_home USING btree (device);
CREATE INDEX duty_person_division ON qm.duty_person USING btree (county, division);
CREATE INDEX event_held ON qm.event USING btree (county, grid, idx, line) WHERE (hold <> 0);
CREATE INDEX event_household ON qm.event USING btree (county, household) WHERE (kind = ANY (ARRAY[1, 2, 3]));
CREATE INDEX event_proposal ON qm.event USING btree (county, idx, line) WHERE ((kind = 5) OR ((kind = 6) AND (code > 2)));
CREATE INDEX event_range ON qm.event USING brin (county, idx);
CREATE INDEX event_register ON qm.event USING btree (county, grid, idx, line) WHERE (kind = ANY (ARRAY[5, 6]));
CREATE INDEX event_resident ON qm.event USING btree (county, resident) WHERE (kind = ANY (ARRAY[3, 4]));
CREATE INDEX evidence_event ON qm.evidence USING btree (county, event);
CREATE INDEX household_card_grid ON qm.household_card USING btree (county, grid, household);
CREATE INDEX household_card_ref ON qm.household_card USING btree (county, ref) WHERE (ref IS NOT NULL);
CREATE UNIQUE INDEX household_grid ON qm.household USING btree (county, grid, household);
CREATE INDEX household_merged ON qm.household USING btree (county, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX log_entry_config ON qm.log_entry USING btree (county, idx) WHERE (type = 7);
CREATE INDEX register_change_subject ON qm.register_change USING btree (county, subject);
CREATE INDEX register_kept_subject ON qm.register_kept USING btree (county, subject);
CREATE INDEX register_proposal_subject ON qm.register_proposal USING btree (county, subject);
CREATE INDEX resident_grid ON qm.resident USING btree (county, grid);
CREATE INDEX resident_household ON qm.resident USING btree (county, household);
CREATE INDEX session_account ON qm.session USING btree (county, account);
CREATE INDEX want_account ON qm.want USING btree (county, account);
ALTER TABLE ONLY qm.account_closing
    ADD CONSTRAINT account_closing_account FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.account
    ADD CONSTRAINT account_county_fkey FOREIGN KEY (county) REFERENCES qm.log_head(county);
ALTER TABLE ONLY qm.account_grid
    ADD CONSTRAINT account_grid_county_account_fkey FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.account_grid
    ADD CONSTRAINT account_grid_county_grid_fkey FOREIGN KEY (county, grid) REFERENCES qm.grid(county, grid);
ALTER TABLE ONLY qm.account_role
    ADD CONSTRAINT account_role_county_account_fkey FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_before_draft_fkey FOREIGN KEY (county, before_draft) REFERENCES qm.bulletin(county, draft);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_fkey FOREIGN KEY (county) REFERENCES qm.log_head(county);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_imports_sha_fkey FOREIGN KEY (county, imports_sha) REFERENCES qm.object(county, sha256);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_public_sha_fkey FOREIGN KEY (county, public_sha) REFERENCES qm.object(county, sha256);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_result_sha_fkey FOREIGN KEY (county, result_sha) REFERENCES qm.object(county, sha256);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_roster_sha_fkey FOREIGN KEY (county, roster_sha) REFERENCES qm.object(county, sha256);
ALTER TABLE ONLY qm.bulletin
    ADD CONSTRAINT bulletin_county_rule_sha_fkey FOREIGN KEY (county, rule_sha) REFERENCES qm.object(county, sha256);
ALTER TABLE ONLY qm.bulletin_row
    ADD CONSTRAINT bulletin_row_county_draft_fkey FOREIGN KEY (county, draft) REFERENCES qm.bulletin(county, draft);
ALTER TABLE ONLY qm.bulletin_seal
    ADD CONSTRAINT bulletin_seal_county_draft_fkey FOREIGN KEY (county, draft) REFERENCES qm.bulletin(county, draft);
ALTER TABLE ONLY qm.bulletin_text
    ADD CONSTRAINT bulletin_text_county_draft_fkey FOREIGN KEY (county, draft) REFERENCES qm.bulletin(county, draft);
ALTER TABLE ONLY qm.device
    ADD CONSTRAINT device_county_account_fkey FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.device_key
    ADD CONSTRAINT device_key_county_device_fkey FOREIGN KEY (county, device) REFERENCES qm.device(county, device);
ALTER TABLE ONLY qm.directive_ack
    ADD CONSTRAINT directive_ack_known FOREIGN KEY (county, directive) REFERENCES qm.directive(county, directive);
ALTER TABLE ONLY qm.enrol_code
    ADD CONSTRAINT enrol_code_county_account_fkey FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.figure
    ADD CONSTRAINT figure_county_fkey FOREIGN KEY (county) REFERENCES qm.log_head(county);
ALTER TABLE ONLY qm.household_card
    ADD CONSTRAINT household_card_household FOREIGN KEY (county, grid, household) REFERENCES qm.household(county, grid, household);
ALTER TABLE ONLY qm.log_tree
    ADD CONSTRAINT log_tree_county_fkey FOREIGN KEY (county) REFERENCES qm.log_head(county);
ALTER TABLE ONLY qm.login_code
    ADD CONSTRAINT login_code_account FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.password
    ADD CONSTRAINT password_account FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.proposal
    ADD CONSTRAINT proposal_county_draft_fkey FOREIGN KEY (county, draft) REFERENCES qm.bulletin(county, draft);
ALTER TABLE ONLY qm.register_proposal
    ADD CONSTRAINT register_proposal_event FOREIGN KEY (county, event) REFERENCES qm.event(county, id);
ALTER TABLE ONLY qm.resident_card
    ADD CONSTRAINT resident_card_county_resident_fkey FOREIGN KEY (county, resident) REFERENCES qm.resident(county, resident);
ALTER TABLE ONLY qm.session
    ADD CONSTRAINT session_account_known FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
ALTER TABLE ONLY qm.setting
    ADD CONSTRAINT setting_county_sha256_fkey FOREIGN KEY (county, sha256) REFERENCES qm.object(county, sha256);
ALTER TABLE ONLY qm.signoff
    ADD CONSTRAINT signoff_county_fkey FOREIGN KEY (county) REFERENCES qm.log_head(county);
ALTER TABLE ONLY qm.token
    ADD CONSTRAINT token_county_account_fkey FOREIGN KEY (county, account) REFERENCES qm.account(county, account);
-- qm.access_note(integer,bigint,uuid,text,text,text,text,text) -> TABLE(status smallint) [plpgsql volatile]
-- qm.account_close(integer,text,bigint,text,text) -> TABLE(status smallint) [plpgsql volatile]
-- qm.account_days(integer,text,bigint,text,text,text,date,date) -> TABLE(status smallint) [plpgsql volatile]
-- qm.account_grids(integer,text[],date) -> void [sql volatile]
-- qm.account_open(integer,text,bigint,text,text) -> TABLE(status smallint) [plpgsql volatile]
-- qm.add(bigint[],bigint[]) -> bigint[] [sql immutable]
-- qm.age_band(date,date) -> smallint [sql immutable]
-- qm.apply_events(integer,bigint,qm.fold_event[]) -> void [plpgsql volatile]
-- qm.as_of(bigint,bigint,date,integer) -> bytea [sql immutable]
-- qm.band_between(date,date,date) -> smallint [sql immutable]
-- qm.batch_lines(integer,bigint) -> TABLE(line integer, id uuid, e bytea, leaf bytea, reason smallint) [sql stable]
-- qm.birthdays(integer,date) -> TABLE(moved integer) [plpgsql volatile]
-- qm.blob_note(integer,bigint) -> TABLE(listed integer, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.blob_put(integer,uuid,bytea,integer,smallint,bytea,bigint,date,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.blob_sweep(integer,bigint) -> TABLE(removed integer) [plpgsql volatile]
-- qm.bulletin_drop(integer,text,uuid) -> TABLE(status smallint) [plpgsql volatile]
-- qm.bulletin_list(integer,text,text,text,bigint,integer) -> TABLE(key bigint, draft uuid, scope text, kind smallint, period text, state smallint, replaces bigint, replaced_by bigint, from_idx bigint, to_size bigint, prepared_by text, prepared_ms bigint, idx bigint, published_by text, published_ms bigint, number integer) [sql stable]
-- qm.bulletin_newest(integer,text,smallint,bigint) -> SETOF qm.bulletin [sql stable]
-- qm.bulletin_object(integer,bytea,text,boolean,bytea) -> void [plpgsql volatile]
-- qm.bulletin_payload(qm.bulletin) -> text [sql immutable]
-- qm.bulletin_publish(integer,text,bigint,uuid) -> TABLE(status smallint, idx bigint, number integer, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.bulletin_read(integer,uuid,bigint) -> TABLE(draft uuid, scope text, scope_name text, county_name text, kind smallint, period text, state smallint, replaces bigint, replaces_draft uuid, replaced_by bigint, before_draft uuid, before_period text, from_idx bigint, to_size bigint, bulletin_root bytea, bulletin_tree integer, day date, roster_idx bigint, roster_sha bytea, before_roster_sha bytea, rule_sha bytea, rule bytea, imports_sha bytea, result_sha bytea, public_sha bytea, prepared_by text, prepared_ms bigint, idx bigint, published_by text, published_ms bigint, number integer, vkey text) [sql stable]
-- qm.bulletin_refusal(integer,text,smallint,text,bigint,bigint,bigint,bytea,uuid) -> smallint [plpgsql stable]
-- qm.bulletin_rows(integer,uuid) -> TABLE(code text, name text, rank integer, before integer, score bigint, left_out smallint, m bigint[], v bigint[], beside bigint[]) [sql stable]
-- qm.bulletin_seal_set(integer,text,bigint,uuid,bytea) -> TABLE(status smallint) [plpgsql volatile]
-- qm.care_groups(integer,date,text) -> TABLE(code text, zh text, en text, used boolean, areas text[]) [sql stable]
-- qm.carried_note(integer,date,qm.household_state[],qm.resident_state[]) -> void [plpgsql volatile]
-- qm.carried_since(integer,text,date) -> bigint[] [sql stable]
-- qm.change_lines(integer,bigint,uuid) -> SETOF qm.register_change [sql stable]
-- qm.changes(integer,text,bigint,bigint[]) -> TABLE(t text, a uuid, b uuid, grid bigint, place integer, status integer, flags integer, door integer, pledge integer, app integer, alerts integer, born date, s1 bytea, s2 bytea, x1 text, x2 text, x3 text, groups text[], n bigint) [plpgsql stable]
-- qm.claim(integer,text,bigint,uuid[],text[]) -> TABLE(status smallint, bad integer) [plpgsql volatile]
-- qm.closed_bulletin(integer,text,text,text,uuid) -> TABLE(to_size bigint, roster_sha bytea, parts integer) [sql stable]
-- qm.code_new(integer,text,text,bytea,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.county_add(integer,text,text,bigint,text,date) -> TABLE(status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.coverage(integer,text,text,text,text) -> TABLE(code text, name text, v bigint[], size bigint, recv bigint, age_day date, tree integer) [plpgsql stable]
-- qm.covered(bigint[]) -> bigint[] [sql immutable]
-- qm.covered_with(bigint[],bigint[]) -> bigint[] [sql immutable]
-- qm.day_close(qm.log_head) -> void [plpgsql volatile]
-- qm.day_of(bigint) -> date [sql immutable]
-- qm.decide(integer,text,bigint,uuid[],boolean[],text[],uuid[],date[],bytea[],bytea[],bytea[],text[]) -> TABLE(status smallint, idx bigint, bad uuid, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.decide_astray(integer,uuid[]) -> uuid [sql stable]
-- qm.decide_create(qm.log_head,bigint,uuid[],uuid[],date[],bytea[],bytea[],bytea[],text[]) -> void [plpgsql volatile]
-- qm.decide_new(integer,uuid[]) -> SETOF qm.event [sql stable]
-- qm.directive_acknowledge(integer,text,uuid,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.directive_concerns(integer,text,text) -> boolean [sql stable]
-- qm.directive_publish(integer,text,bigint,uuid,text,text,text,date) -> TABLE(status smallint) [plpgsql volatile]
-- qm.do_merge(qm.log_head,text,bigint,uuid,uuid) -> smallint [plpgsql volatile]
-- qm.do_move_household(qm.log_head,text,bigint,uuid,bigint) -> smallint [plpgsql volatile]
-- qm.do_move_resident(qm.log_head,text,bigint,uuid,uuid) -> smallint [plpgsql volatile]
-- qm.do_proposal(qm.log_head,text,bigint,text,uuid,text,uuid,bigint,uuid[]) -> smallint [plpgsql volatile]
-- qm.do_split(qm.log_head,text,bigint,uuid,uuid,uuid[],bigint,smallint,text,text,text,bytea,bytea,bytea) -> smallint [plpgsql volatile]
-- qm.duties_put(integer,text,bigint,boolean,uuid[],text[],smallint[],bytea[],bytea[],date[]) -> TABLE(status smallint, bad integer, rows integer) [plpgsql volatile]
-- qm.duty_remove(integer,text,bigint,text,uuid) -> TABLE(status smallint) [plpgsql volatile]
-- qm.duty_table(integer,text,text,text) -> TABLE(code text, name text, level text, people bigint, needed integer, n integer[], trained integer) [plpgsql stable]
-- qm.duty_trained(integer,text,bigint,text,uuid,date) -> TABLE(status smallint) [plpgsql volatile]
-- qm.effective_events(integer,uuid[],uuid[],bigint) -> qm.fold_event[] [plpgsql stable]
-- qm.enrol(integer,bytea,uuid,bytea,boolean,bytea,bigint) -> TABLE(status smallint, account text, grids bigint[], idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.entry_text(text,bigint,text,text) -> bytea [sql stable]
-- qm.erase(integer,text,bigint,uuid[],uuid[]) -> TABLE(status smallint, idx bigint, bad uuid, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.erase_cards(integer,bigint,uuid[]) -> void [plpgsql volatile]
-- qm.erase_events(integer,uuid[],uuid[]) -> uuid[] [sql stable]
-- qm.erase_parts(integer,bigint,uuid[],uuid[]) -> void [plpgsql volatile]
-- qm.erase_subjects(integer,uuid[]) -> uuid[] [sql stable]
-- qm.events_below(integer,uuid[],uuid[],uuid[],bigint) -> qm.fold_event[] [plpgsql stable]
-- qm.events_then(integer,uuid[],uuid[],bigint) -> qm.fold_event[] [sql stable]
-- qm.evidence_asked(integer,date,bigint[]) -> text[] [plpgsql stable]
-- qm.fact(uuid,text,text) -> qm.fact [sql immutable]
-- qm.facts_of(integer,uuid[]) -> SETOF qm.fact [sql stable]
-- qm.figure_list(integer,text,text) -> TABLE(metric text, code text, value bigint, source bytea, by_account text, at bigint) [sql stable]
-- qm.figures_set(integer,text,bigint,text,text[],text[],bigint[],bytea) -> TABLE(status smallint, bad integer) [plpgsql volatile]
-- qm.first_grid(text) -> bigint [sql immutable]
-- qm.fold_households(qm.fold_event[]) -> TABLE(household uuid, flags integer, visits integer, police integer, door_key text, signed_key text, withdrawn_key text, evidenced_key text, pledge_key text) [sql immutable]
-- qm.fold_residents(qm.fold_event[]) -> TABLE(resident uuid, app_key text, alerts smallint, na smallint, evidenced boolean) [sql immutable]
-- qm.freeze_beside(integer,text,bigint) -> TABLE(grid bigint, beside bigint[]) [plpgsql stable]
-- qm.freeze_commit(integer,text,bigint,uuid,text,text,smallint,bigint,uuid,bigint,bigint,bytea,bigint,bigint,integer,date,bytea,integer,bigint,bytea,bytea,bytea,bytea,bytea,bytea,bytea,text[],integer[],integer[],bigint[],smallint[],bigint[],integer,bigint[],bigint[],text[],text[],text[],text[]) -> TABLE(status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.freeze_facts(integer,text,bigint,bigint,bigint,bigint,boolean,bigint,bigint[],uuid[]) -> TABLE(grid bigint, subject uuid, id uuid, kind smallint, code smallint, via smallint, party smallint, alerts smallint, na smallint, idx bigint, at bigint, recv bigint, hold smallint, account text, proved bigint) [plpgsql stable]
-- qm.freeze_figures(integer,text,text,text[]) -> TABLE(metric text, code text, value bigint, source bytea) [sql stable]
-- qm.freeze_folds(integer,text,date,bigint,bigint,bigint,bigint,bigint,boolean,bigint,bigint[],smallint[],uuid[],bigint[],smallint[]) -> TABLE(grid bigint, f integer, v bigint[]) [plpgsql stable]
-- qm.freeze_head(integer,text,smallint,bigint) -> TABLE(status smallint, size bigint, recv bigint, revision bigint, tree integer, age_day date, period text, from_idx bigint, from_rev bigint, to_size bigint, to_rev bigint, root bytea, before_draft uuid, before_period text, rule_sha bytea, rule bytea) [plpgsql stable]
-- qm.freeze_lines(integer,text,date) -> TABLE(kind integer, id uuid, grid bigint, status text, merged uuid) [sql stable]
-- qm.freeze_roster(integer,text,date) -> TABLE(chunk text, lines text) [sql stable]
-- qm.freeze_state(qm.household,integer,integer,integer,integer,text,text,text,text,text) -> qm.household_state [sql immutable]
-- qm.freeze_state(qm.resident,integer,smallint,text,smallint,smallint,boolean) -> qm.resident_state [sql immutable]
-- qm.freeze_sums(integer,text,date,bigint,bigint,bigint,bigint,bigint,bigint,bigint[],smallint[],uuid[],bigint[],smallint[]) -> TABLE(grid bigint, v bigint[], a bigint[], b bigint[], l bigint[], z bigint[], beside bigint[], w bigint[]) [plpgsql stable]
-- qm.freeze_touched(integer,bigint,bigint,bigint) -> TABLE(subject uuid) [plpgsql stable]
-- qm.freeze_village(integer,text,date) -> TABLE(size bigint, lines text) [plpgsql stable]
-- qm.frontier_root(bytea[]) -> bytea [plpgsql immutable]
-- qm.full_years(date,date) -> integer [sql immutable]
-- qm.grids_of(integer,text) -> bigint[] [sql stable]
-- qm.groups_of(text[],bigint,text[],text[]) -> text[] [sql immutable]
-- qm.groups_sweep(integer,date) -> TABLE(removed integer) [plpgsql volatile]
-- qm.has_admin(integer,date) -> boolean [sql stable]
-- qm.has_pledge(text,text) -> boolean [sql immutable]
-- qm.home_of(smallint,smallint) -> smallint [sql immutable]
-- qm.homes_then(integer,uuid[],bigint[],smallint[],qm.fold_event[]) -> SETOF qm.household [sql stable]
-- qm.household_in_part(qm.household,integer,integer,bigint,integer,integer) -> boolean [sql immutable]
-- qm.import_accounts(integer,text,bigint,text[],text[],bytea[],bytea[],text[],date[],date[]) -> TABLE(status smallint, bad integer, rows integer) [plpgsql volatile]
-- qm.import_grids(integer,text,bigint,bigint[],text[],integer[],text[],date[]) -> TABLE(status smallint, bad integer, rows integer) [plpgsql volatile]
-- qm.import_households(integer,text,bigint,uuid[],bigint[],smallint[],smallint[],text[],text[],text[],bytea[],bytea[],bytea[],text[],text[]) -> TABLE(status smallint, bad integer, rows integer) [plpgsql volatile]
-- qm.import_residents(integer,text,bigint,uuid[],uuid[],bytea[],date[],bytea[],bytea[],smallint[],text[]) -> TABLE(status smallint, bad integer, rows integer) [plpgsql volatile]
-- qm.initials() -> TABLE(letters text) [plpgsql stable]
-- qm.is_effective(integer,uuid,smallint,text,bigint) -> boolean [sql stable]
-- qm.is_evidenced(integer,uuid,smallint,bigint) -> boolean [sql stable]
-- qm.key_code(text) -> smallint [sql immutable]
-- qm.last_grid(text) -> bigint [sql immutable]
-- qm.lecturers_needed(bigint,integer,text) -> integer [sql immutable]
-- qm.list_households(integer,text,text,text,bigint,uuid,integer,integer,integer,bigint,integer,integer) -> TABLE(household uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text, head bytea, phone bytea) [sql stable]
-- qm.list_households_closed(integer,text,text,text,uuid,bigint,uuid,integer,integer,integer,bigint,integer,integer) -> TABLE(household uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text, head bytea, phone bytea, part bigint) [plpgsql stable]
-- qm.list_households_week(integer,text,text,text,bigint,uuid,integer,integer,integer,bigint,integer,integer) -> TABLE(household uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text, head bytea, phone bytea) [plpgsql stable]
-- qm.list_residents(integer,text,text,text,bigint,uuid,uuid,integer,integer,integer,integer,integer,integer,integer) -> TABLE(resident uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text, name bytea, phone bytea, household uuid, born date) [sql stable]
-- qm.list_residents_closed(integer,text,text,text,uuid,bigint,uuid,integer,integer,integer,integer,integer,integer,integer) -> TABLE(resident uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text, name bytea, phone bytea, household uuid, born date, part bigint) [plpgsql stable]
-- qm.list_residents_week(integer,text,text,text,bigint,uuid,uuid,integer,integer,integer,integer,integer,integer,integer) -> TABLE(resident uuid, grid bigint, facts bigint, worker text, village_group text, lane text, door_label text, name bytea, phone bytea, household uuid, born date) [plpgsql stable]
-- qm.list_visits(integer,text,text,text,bigint,uuid,uuid,integer,boolean) -> TABLE(household uuid, grid bigint, event uuid, village_group text, lane text, door_label text, head bytea, account text, via integer, police boolean, at bigint, done date) [sql stable]
-- qm.lock_head(integer) -> qm.log_head [plpgsql volatile]
-- qm.log_commit(qm.log_head,smallint[],bigint[],bytea[]) -> qm.log_head [plpgsql volatile]
-- qm.log_continue(integer,text,bigint,text,text) -> TABLE(status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.login_code_new(integer,text,text,bytea,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.login_fail(integer,text,bigint) -> TABLE(fails integer) [plpgsql volatile]
-- qm.login_first(integer,text,bytea,text,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.merge_facts(integer,uuid,uuid) -> qm.fact[] [sql stable]
-- qm.merge_household(integer,text,bigint,uuid,uuid) -> TABLE(status smallint) [plpgsql volatile]
-- qm.move_household(integer,text,bigint,uuid,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.move_resident(integer,text,bigint,uuid,uuid) -> TABLE(status smallint) [plpgsql volatile]
-- qm.name_villages(integer) -> TABLE(renamed integer) [plpgsql volatile]
-- qm.open_proposals(integer,uuid[]) -> TABLE(event uuid, kind smallint, code smallint, subject uuid, household uuid, resident uuid, from_household uuid, grid bigint, status smallint, proposed smallint, account text, at bigint, recv bigint, idx bigint) [sql stable]
-- qm.order_key(bigint,bigint,uuid) -> text [sql immutable]
-- qm.pack(bigint[]) -> bytea [sql immutable]
-- qm.packed_add(bytea,bigint[]) -> bytea [sql immutable]
-- qm.parts_sweep(integer,bigint) -> TABLE(removed integer) [plpgsql volatile]
-- qm.password_change(integer,text,text,bytea,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.people_then(integer,uuid[],bigint[],qm.fold_event[]) -> SETOF qm.resident [sql stable]
-- qm.post(integer,qm.household_state[],qm.resident_state[]) -> void [plpgsql volatile]
-- qm.preference_put(integer,text,bigint,text,text,text) -> TABLE(status smallint) [plpgsql volatile]
-- qm.preference_set(integer,text,bigint,text,text) -> TABLE(status smallint) [plpgsql volatile]
-- qm.proposal_decide(integer,text,bigint,uuid,integer,smallint,text) -> TABLE(status smallint) [plpgsql volatile]
-- qm.proposal_list(integer,text,text,text,bigint,uuid,integer) -> TABLE(event uuid, kind integer, code integer, household uuid, resident uuid, from_household uuid, grid bigint, status integer, proposed integer, account text, at bigint, recv bigint, idx bigint, village_group text, lane text, door text, head bytea, name bytea) [plpgsql stable]
-- qm.proposals_settle(integer,text,bigint,text,uuid[],text,smallint,smallint,uuid,bigint,uuid[]) -> TABLE(status smallint, bad uuid, settled integer) [plpgsql volatile]
-- qm.proposals_status(qm.log_head,text,bigint,uuid[],text,smallint,smallint) -> uuid [plpgsql volatile]
-- qm.proposed_status(smallint,smallint,date) -> smallint [sql immutable]
-- qm.pseudonym(uuid) -> text [sql immutable]
-- qm.pseudonym_id(text) -> uuid [sql immutable]
-- qm.put_facts(qm.log_head,text,bigint,bigint,qm.fact[]) -> integer [plpgsql volatile]
-- qm.put_household_facts(integer,bigint,qm.fact[]) -> void [plpgsql volatile]
-- qm.put_resident_facts(qm.log_head,bigint,qm.fact[]) -> void [plpgsql volatile]
-- qm.recount(integer,text) -> TABLE(subject text, place integer, kept bigint, counted bigint) [plpgsql stable]
-- qm.recount_grid(qm.log_head,bigint) -> TABLE(subject text, place integer, kept bigint, counted bigint) [plpgsql stable]
-- qm.recount_note(integer,bigint,bigint,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.recount_packed(integer,date,text) -> TABLE(subject text, place integer, kept bigint, counted bigint) [plpgsql stable]
-- qm.refold(integer,bigint,uuid[],uuid[]) -> void [plpgsql volatile]
-- qm.refold_events(integer,bigint,uuid[]) -> void [plpgsql volatile]
-- qm.refs_taken(integer,uuid[],bigint[],text[]) -> TABLE(o bigint) [sql stable]
-- qm.register_edit(integer,text,bigint,text,uuid,text[],text[],bytea[],bytea[]) -> TABLE(status smallint, changed integer) [plpgsql volatile]
-- qm.register_undo(integer,text,bigint,text,bigint,uuid) -> TABLE(status smallint) [plpgsql volatile]
-- qm.rehome(integer,bigint,uuid[]) -> void [plpgsql volatile]
-- qm.resident_in_part(qm.resident,integer,integer,integer,integer,integer,integer) -> boolean [sql immutable]
-- qm.revoke(integer,text,uuid,text,bigint,bigint) -> TABLE(status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.role_holds(date,date,date) -> boolean [sql immutable]
-- qm.roster_lines(integer,bytea,integer,text,text,text,text[]) -> TABLE(id uuid, grid bigint, status smallint) [sql stable]
-- qm.roster_merged(integer,bytea,text) -> TABLE(gone uuid, stands uuid) [sql stable]
-- qm.rotate(integer,uuid,bytea,bytea,boolean,bytea,bigint) -> TABLE(status smallint, account text, grids bigint[], idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.session_begin(integer,text,bytea,bigint,bigint,date) -> TABLE(status smallint) [plpgsql volatile]
-- qm.session_end(integer,text,bytea,boolean) -> TABLE(ended integer) [plpgsql volatile]
-- qm.set_config(integer,text,bigint,text,bytea,bytea,boolean) -> TABLE(status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.set_status(integer,text,bigint,text,uuid,smallint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.setting_areas(integer,text,bigint,text) -> text[] [sql stable]
-- qm.setting_put(integer,text,bigint,text,text,bytea,integer,integer) -> TABLE(status smallint, idx bigint, size bigint, sha256 bytea, bad integer) [plpgsql volatile]
-- qm.settled_proposals(integer,text,uuid[]) -> SETOF qm.register_proposal [sql stable]
-- qm.signoff_confirm(integer,text,bigint,text,text,bigint,bytea) -> TABLE(status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.signoff_deadline(date) -> bigint [sql immutable]
-- qm.signoff_list(integer,text,text,date,bigint) -> TABLE(village text, name text, state smallint, prepared_by text, prepared_ms bigint, to_size bigint, roster_sha bytea, confirmed_by text, confirmed_ms bigint, idx bigint) [sql stable]
-- qm.signoff_prepare(integer,text,bigint,text,text,date) -> TABLE(status smallint, to_size bigint, roster_sha bytea) [plpgsql volatile]
-- qm.silent_phones(integer,text,bigint) -> TABLE(account text, device uuid, last_recv bigint, missing bigint, wanted bigint) [sql stable]
-- qm.split_household(integer,text,bigint,uuid,uuid,uuid[],bigint,smallint,text,text,text,bytea,bytea,bytea) -> TABLE(status smallint) [plpgsql volatile]
-- qm.state_of(qm.household,integer) -> qm.household_state [sql immutable]
-- qm.state_of(qm.resident,integer) -> qm.resident_state [sql immutable]
-- qm.states_of(integer,uuid[],uuid[],integer) -> record [sql stable]
-- qm.status_word(smallint,smallint) -> text [sql immutable]
-- qm.status_word(smallint,smallint,smallint) -> text [sql immutable]
-- qm.sum_households(qm.household_state[]) -> TABLE(k bigint, v bigint[]) [sql immutable]
-- qm.sum_residents(qm.resident_state[]) -> TABLE(k bigint, v bigint[]) [sql immutable]
-- qm.sum_states(qm.household_state[],qm.resident_state[]) -> TABLE(k bigint, v bigint[]) [sql immutable]
-- qm.sync(integer,uuid[],bytea[],uuid[],bytea[],bigint[],bytea[],integer[],integer[],smallint[],smallint[],bytea[],uuid[],smallint[],bigint[],bigint[],bigint[],uuid[],uuid[],uuid[],smallint[],smallint[],smallint[],smallint[],smallint[],smallint[],bytea[],bytea[],integer[],bytea[],integer[],date[],bytea[],bytea[],bytea[],text[]) -> TABLE(b integer, status smallint, idx bigint, entry bytea, accepted integer, held integer, rejected integer, dup integer, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree integer) [plpgsql volatile]
-- qm.sync_apply(qm.log_head,bigint,qm.batch_in[],smallint[],bigint[],smallint[],boolean[],boolean[],uuid[],uuid[],bigint[],integer[],uuid[],smallint[],bigint[],uuid[],uuid[],uuid[],smallint[],smallint[],smallint[],smallint[],smallint[],integer[],bytea[]) -> void [plpgsql volatile]
-- qm.sync_batches(qm.log_head,uuid[],bytea[],uuid[],bytea[],bigint[],bytea[]) -> qm.batch_in[] [plpgsql stable]
-- qm.sync_create(qm.log_head,bigint,qm.line[],integer[],date[],bytea[],bytea[],bytea[],text[]) -> void [plpgsql volatile]
-- qm.sync_doubtful(integer,boolean[],bigint[],uuid[],uuid[],uuid[],integer[],smallint[],uuid[],smallint[],bigint[],bigint[],uuid[],uuid[]) -> integer[] [plpgsql immutable]
-- qm.sync_fold(integer,smallint[],bigint[],smallint[],boolean[],uuid[],uuid[],uuid[],uuid[],bigint[],integer[],uuid[],smallint[],bigint[],uuid[],uuid[],smallint[],smallint[],smallint[],smallint[],smallint[],integer[],bytea[]) -> qm.fold_event[] [plpgsql stable]
-- qm.sync_judge(integer,qm.batch_in[],uuid[],bigint[],integer[],smallint[],bytea[],uuid[],smallint[],bigint[],bigint[],bigint[],uuid[],uuid[],uuid[],smallint[]) -> record [plpgsql stable]
-- qm.sync_known(integer,qm.batch_in[],integer[],uuid[],uuid[],uuid[]) -> record [plpgsql stable]
-- qm.sync_phones(integer,smallint[],bigint[],uuid[],bigint[],integer[],bigint[]) -> void [plpgsql volatile]
-- qm.sync_reused(integer[],int8multirange[],integer[],bigint[],smallint[]) -> integer[] [plpgsql immutable]
-- qm.sync_runs(integer[],bigint[],smallint[],bigint[]) -> record [plpgsql immutable]
-- qm.sync_store(integer,qm.batch_in[],smallint[],bigint[],smallint[],smallint[],uuid[],bigint[],integer[],smallint[],bytea[],uuid[],smallint[],bigint[],bigint[],bigint[],uuid[],uuid[],uuid[],smallint[],smallint[],smallint[],smallint[],smallint[],bytea[],bytea[],integer[],bytea[]) -> void [plpgsql volatile]
-- qm.targets_joined(integer,text[],json) -> json [sql stable]
-- qm.token_new(integer,text,text,text,bytea,bigint) -> TABLE(status smallint) [plpgsql volatile]
-- qm.undo_facts(integer,bigint,uuid) -> qm.fact[] [sql stable]
-- qm.undo_place(integer,bigint,bigint,qm.fact[]) -> smallint [plpgsql stable]
-- qm.undo_verdict(integer,text,bigint,uuid) -> smallint [plpgsql stable]
-- qm.unpack(bytea) -> bigint[] [sql immutable]
-- qm.verdict_text(smallint,bigint,smallint,smallint) -> text [sql stable]
-- qm.village_name(bigint) -> text [sql stable]
-- qm.week_size(integer,text) -> bigint [sql stable]
-- qm.wording_set(integer,text,bigint,uuid,text[],text[]) -> TABLE(status smallint) [plpgsql volatile]
-- qm.year_of(bigint) -> integer [sql immutable]
-- qm.years_before(date,integer) -> date [sql immutable]
