ALTER TABLE qm.password ADD CONSTRAINT password_account
    FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.login_code ADD CONSTRAINT login_code_account
    FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
ALTER TABLE qm.session ADD CONSTRAINT session_account_known
    FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
