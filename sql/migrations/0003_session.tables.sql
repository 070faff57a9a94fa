-- People who sign in at a browser: passwords, one-time codes, sessions, and who looked at what.

ALTER TABLE qm.account_role ADD COLUMN from_day date;
ALTER TABLE qm.account_role ADD COLUMN until_day date;
COMMENT ON COLUMN qm.account_role.from_day IS 'first day on which the role holds; null: from the beginning';
COMMENT ON COLUMN qm.account_role.until_day IS 'last day on which the role holds; null: no end';

CREATE TABLE qm.password (
    county  int NOT NULL,
    account text COLLATE "C" NOT NULL,
    hash    text NOT NULL,
    set_ms  bigint NOT NULL,
    fails   int NOT NULL DEFAULT 0,
    fail_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (county, account)
) WITH (fillfactor = 70);
COMMENT ON TABLE qm.password IS 'Argon2id text of each account that signs in; fails since the last success slow the next try down';

CREATE TABLE qm.login_code (
    county     int NOT NULL,
    code_mac   bytea NOT NULL,
    account    text COLLATE "C" NOT NULL,
    by_account text COLLATE "C" NOT NULL,
    expires_ms bigint NOT NULL,
    used_ms    bigint,
    PRIMARY KEY (county, code_mac)
);
COMMENT ON TABLE qm.login_code IS 'one-use codes for the first sign-in or a forgotten password, kept as keyed hashes';

CREATE TABLE qm.session (
    county      int NOT NULL,
    session_mac bytea NOT NULL,
    account     text COLLATE "C" NOT NULL,
    began_ms    bigint NOT NULL,
    ends_ms     bigint NOT NULL,
    PRIMARY KEY (county, session_mac)
);
CREATE INDEX session_account ON qm.session (county, account);
COMMENT ON TABLE qm.session IS 'who is signed in at a browser, kept as keyed hashes of the cookie';

CREATE TABLE qm.access (
    county  int NOT NULL,
    at      bigint NOT NULL,
    id      uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    role    text COLLATE "C" NOT NULL,
    what    text COLLATE "C" NOT NULL CHECK (what ~ '^[a-z][a-z_]{1,39}$'),
    subject text COLLATE "C" NOT NULL CHECK (length(subject) <= 80),
    reason  text NOT NULL CHECK (length(reason) <= 200),
    PRIMARY KEY (county, at, id)
);
COMMENT ON TABLE qm.access IS 'who looked at what in full, and why; insert only';
