CREATE TABLE brand (brand_name TEXT PRIMARY KEY, likes INTEGER NOT NULL);
CREATE TABLE category (category_name TEXT PRIMARY KEY, featured INTEGER NOT NULL);
CREATE TABLE deal (
    deal_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    price NUMERIC NOT NULL,
    brand_name TEXT NOT NULL REFERENCES brand (brand_name),
    category_name TEXT NOT NULL REFERENCES category (category_name),
    created_day TEXT NOT NULL,
    created_at TEXT NOT NULL,
    featured_until_date TEXT
);
CREATE TABLE shopper (username TEXT PRIMARY KEY, full_name TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE message (
    message_id TEXT PRIMARY KEY,
    username TEXT NOT NULL REFERENCES shopper (username),
    sent_at TEXT NOT NULL,
    body TEXT NOT NULL,
    unread_since_date TEXT
);
CREATE TABLE brand_like (
    brand_name TEXT NOT NULL REFERENCES brand (brand_name),
    username TEXT NOT NULL REFERENCES shopper (username),
    PRIMARY KEY (brand_name, username)
);
CREATE TABLE brand_watch (
    brand_name TEXT NOT NULL REFERENCES brand (brand_name),
    username TEXT NOT NULL REFERENCES shopper (username),
    PRIMARY KEY (brand_name, username)
);
