CREATE TABLE flight (
    flight_number TEXT NOT NULL,
    flight_date TEXT NOT NULL,
    origin TEXT NOT NULL,
    destination TEXT NOT NULL,
    departs_at TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (flight_number, flight_date)
);
CREATE TABLE seat (
    flight_number TEXT NOT NULL,
    flight_date TEXT NOT NULL,
    seat_number TEXT NOT NULL,
    cabin TEXT NOT NULL,
    taken_by TEXT,
    PRIMARY KEY (flight_number, flight_date, seat_number),
    FOREIGN KEY (flight_number, flight_date) REFERENCES flight (flight_number, flight_date)
);
CREATE TABLE customer (customer_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE reservation (
    locator TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    made_at TEXT NOT NULL,
    total NUMERIC NOT NULL
);
CREATE TABLE ticket (
    locator TEXT NOT NULL REFERENCES reservation (locator),
    ticket_number TEXT NOT NULL,
    passenger TEXT NOT NULL,
    flight_number TEXT NOT NULL,
    flight_date TEXT NOT NULL,
    PRIMARY KEY (locator, ticket_number),
    FOREIGN KEY (flight_number, flight_date) REFERENCES flight (flight_number, flight_date)
);
