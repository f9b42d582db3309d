CREATE TABLE customer (
    customer_id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    created_date TEXT NOT NULL
);
CREATE TABLE bookmark (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    url TEXT NOT NULL,
    folder TEXT,
    title TEXT NOT NULL,
    created_date TEXT NOT NULL,
    updated_date TEXT NOT NULL,
    PRIMARY KEY (customer_id, url)
);
