-- Accounts that are closed and opened again, and roles that hold from one day until another.

CREATE TABLE qm.account_closing (
    county     int NOT NULL,
    account    text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    closed     boolean NOT NULL,
    by_account text COLLATE "C" NOT NULL,
    reason     text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    PRIMARY KEY (county, account, at)
);
COMMENT ON TABLE qm.account_closing IS 'who closed an account or opened it again, and why; insert only';

-- Takes the days of each role too.
DROP FUNCTION IF EXISTS qm.import_accounts(int, text, bigint, text[], text[], bytea[], bytea[], text[]);
