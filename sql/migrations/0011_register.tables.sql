-- Changes of the register that can be taken back, splits, edits, the village's own household numbers,
-- and what the office made of workers' proposals.

ALTER TABLE qm.register_change ADD COLUMN undoes bigint;
ALTER TABLE qm.register_change ADD COLUMN undone bigint;
COMMENT ON COLUMN qm.register_change.undoes IS 'the change (rev) that this one takes back';
COMMENT ON COLUMN qm.register_change.undone IS 'the change (rev) that took this one back';

CREATE TABLE qm.register_kept (
    county  int NOT NULL,
    rev     bigint NOT NULL,
    subject uuid NOT NULL,
    what    text COLLATE "C" NOT NULL,
    old     bytea,
    new     bytea,
    old_mac bytea,
    new_mac bytea,
    PRIMARY KEY (county, rev, subject, what)
);
COMMENT ON TABLE qm.register_kept IS 'what an edit replaced, so that it can be taken back; names and numbers sealed as in the cards; no history shows it, erasure removes it';

CREATE INDEX register_kept_subject ON qm.register_kept (county, subject);

CREATE TABLE qm.register_proposal (
    county   int NOT NULL,
    event    uuid NOT NULL,
    accepted boolean NOT NULL,
    rev      bigint NOT NULL,
    subject  uuid NOT NULL,
    at       bigint NOT NULL,
    by_account text COLLATE "C" NOT NULL,
    PRIMARY KEY (county, event)
);
COMMENT ON TABLE qm.register_proposal IS 'workers'' proposals that the office has settled; rev is the change that came of an accepted one';
CREATE INDEX register_proposal_subject ON qm.register_proposal (county, subject);

-- Events that propose something about a resident or a household, found without reading the others.
CREATE INDEX event_proposal ON qm.event (county, idx, line) WHERE kind = 5 OR kind = 6 AND code > 2;

ALTER TABLE qm.household_card ADD COLUMN ref text COLLATE "C";
COMMENT ON COLUMN qm.household_card.ref IS 'the village''s own number of the household, by which its sheets name it';
CREATE INDEX household_card_ref ON qm.household_card (county, ref) WHERE ref IS NOT NULL;

-- One fact of a household or resident: place, status, grid, merged, worker, household as text; group,
-- lane, door, ref, born, groups as bytes of their text; head, name, phone sealed, phone with its MAC.
CREATE TYPE qm.fact AS (
    subject uuid, what text COLLATE "C", old text COLLATE "C", new text COLLATE "C",
    old_bytes bytea, new_bytes bytea, old_mac bytea, new_mac bytea
);
COMMENT ON TYPE qm.fact IS 'a register fact that changes: what it was and what it becomes';

-- It takes one argument more now; both beside each other would be ambiguous.
DROP FUNCTION IF EXISTS qm.import_households(int, text, bigint, uuid[], bigint[], smallint[], smallint[], text[],
    text[], text[], bytea[], bytea[], bytea[], text[]);
