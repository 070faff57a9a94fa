-- Foreign keys of the bulletins.
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county) REFERENCES qm.log_head (county);
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county, roster_sha) REFERENCES qm.object (county, sha256);
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county, rule_sha) REFERENCES qm.object (county, sha256);
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county, imports_sha) REFERENCES qm.object (county, sha256);
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county, result_sha) REFERENCES qm.object (county, sha256);
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county, public_sha) REFERENCES qm.object (county, sha256);
ALTER TABLE qm.bulletin ADD FOREIGN KEY (county, before_draft) REFERENCES qm.bulletin (county, draft);
ALTER TABLE qm.bulletin_row ADD FOREIGN KEY (county, draft) REFERENCES qm.bulletin (county, draft);
ALTER TABLE qm.bulletin_text ADD FOREIGN KEY (county, draft) REFERENCES qm.bulletin (county, draft);
ALTER TABLE qm.bulletin_seal ADD FOREIGN KEY (county, draft) REFERENCES qm.bulletin (county, draft);
ALTER TABLE qm.proposal ADD FOREIGN KEY (county, draft) REFERENCES qm.bulletin (county, draft);
ALTER TABLE qm.signoff ADD FOREIGN KEY (county) REFERENCES qm.log_head (county);
ALTER TABLE qm.figure ADD FOREIGN KEY (county) REFERENCES qm.log_head (county);
