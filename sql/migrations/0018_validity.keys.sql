ALTER TABLE qm.account_closing ADD CONSTRAINT account_closing_account
    FOREIGN KEY (county, account) REFERENCES qm.account (county, account);
