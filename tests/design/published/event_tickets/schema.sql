CREATE TABLE venue (venue_id TEXT PRIMARY KEY, venue_name TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE event (
    event_id TEXT PRIMARY KEY,
    venue_id TEXT NOT NULL REFERENCES venue (venue_id),
    city TEXT NOT NULL,
    title TEXT NOT NULL,
    starts_at TEXT NOT NULL
);
CREATE TABLE ticket_order (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    ordered_at TEXT NOT NULL,
    total NUMERIC NOT NULL
);
CREATE TABLE seat (
    event_id TEXT NOT NULL REFERENCES event (event_id),
    section TEXT NOT NULL,
    seat_number TEXT NOT NULL,
    price NUMERIC NOT NULL,
    order_id TEXT REFERENCES ticket_order (order_id),
    PRIMARY KEY (event_id, section, seat_number)
);
