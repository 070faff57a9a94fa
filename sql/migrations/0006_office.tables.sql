-- What the office reads of one household.

CREATE INDEX register_change_subject ON qm.register_change (county, subject);
