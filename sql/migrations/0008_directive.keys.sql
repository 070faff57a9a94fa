ALTER TABLE qm.directive_ack ADD CONSTRAINT directive_ack_known
    FOREIGN KEY (county, directive) REFERENCES qm.directive (county, directive);
