CREATE TABLE account (account_id TEXT PRIMARY KEY, holder TEXT NOT NULL, opened_at TEXT NOT NULL);
CREATE TABLE card (
    account_id TEXT NOT NULL REFERENCES account (account_id),
    card_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (account_id, card_id)
);
CREATE TABLE offer (
    offer_id TEXT PRIMARY KEY,
    category TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    details TEXT NOT NULL
);
CREATE TABLE assignment (
    account_id TEXT NOT NULL REFERENCES account (account_id),
    offer_id TEXT NOT NULL REFERENCES offer (offer_id),
    state TEXT NOT NULL,
    assigned_at TEXT NOT NULL,
    PRIMARY KEY (account_id, offer_id)
);
