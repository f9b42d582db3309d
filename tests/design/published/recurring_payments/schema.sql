CREATE TABLE account (account_id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE subscription (
    account_id TEXT NOT NULL REFERENCES account (account_id),
    subscription_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    payment_day INTEGER NOT NULL,
    amount NUMERIC NOT NULL,
    next_reminder_date TEXT,
    last_reminder_date TEXT,
    next_payment_date TEXT,
    last_payment_date TEXT,
    PRIMARY KEY (account_id, subscription_id)
);
CREATE TABLE receipt (
    account_id TEXT NOT NULL REFERENCES account (account_id),
    processed_at TEXT NOT NULL,
    sku TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    PRIMARY KEY (account_id, processed_at, sku)
);
