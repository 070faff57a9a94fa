ALTER TABLE qm.register_proposal ADD CONSTRAINT register_proposal_event
    FOREIGN KEY (county, event) REFERENCES qm.event (county, id);
