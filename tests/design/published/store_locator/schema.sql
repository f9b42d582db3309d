CREATE TABLE store (
    store_number TEXT PRIMARY KEY,
    country TEXT NOT NULL,
    state TEXT NOT NULL,
    city TEXT NOT NULL,
    zip_code TEXT NOT NULL,
    street TEXT NOT NULL,
    opened_date TEXT NOT NULL
);
