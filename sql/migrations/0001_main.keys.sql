-- Foreign keys: county to county with the county at the same place in both keys.
ALTER TABLE qm.log_tree ADD FOREIGN KEY (county) REFERENCES qm.log_head (county);
ALTER TABLE qm.account ADD FOREIGN KEY (county) REFERENCES qm.log_head (county);
ALTER TABLE qm.account_role ADD FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.account_grid ADD FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.account_grid ADD FOREIGN KEY (county, grid) REFERENCES qm.grid (county, grid);
ALTER TABLE qm.device ADD FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.device_key ADD FOREIGN KEY (county, device) REFERENCES qm.device (county, device);
ALTER TABLE qm.enrol_code ADD FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.token ADD FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.household_card ADD FOREIGN KEY (county, household) REFERENCES qm.household (county, household);
ALTER TABLE qm.resident_card ADD FOREIGN KEY (county, resident) REFERENCES qm.resident (county, resident);
ALTER TABLE qm.setting ADD FOREIGN KEY (county, sha256) REFERENCES qm.object (county, sha256);
