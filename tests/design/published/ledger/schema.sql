CREATE TABLE customer (customer_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE account (
    account_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    currency TEXT NOT NULL,
    balance NUMERIC NOT NULL
);
CREATE TABLE transfer (transfer_id TEXT PRIMARY KEY, made_at TEXT NOT NULL, purpose TEXT NOT NULL);
CREATE TABLE entry (
    account_id TEXT NOT NULL REFERENCES account (account_id),
    sequence INTEGER NOT NULL,
    transfer_id TEXT NOT NULL REFERENCES transfer (transfer_id),
    booked_at TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    PRIMARY KEY (account_id, sequence)
);
