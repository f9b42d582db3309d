CREATE TABLE rider (rider_id TEXT PRIMARY KEY, full_name TEXT NOT NULL, rating NUMERIC);
CREATE TABLE driver (
    driver_id TEXT PRIMARY KEY,
    full_name TEXT NOT NULL,
    plate TEXT NOT NULL,
    free_cell TEXT
);
CREATE TABLE trip (
    trip_id TEXT PRIMARY KEY,
    rider_id TEXT NOT NULL REFERENCES rider (rider_id),
    driver_id TEXT NOT NULL REFERENCES driver (driver_id),
    started_at TEXT NOT NULL,
    ended_at TEXT,
    fare NUMERIC
);
CREATE TABLE point (
    trip_id TEXT NOT NULL REFERENCES trip (trip_id),
    seen_at TEXT NOT NULL,
    latitude NUMERIC NOT NULL,
    longitude NUMERIC NOT NULL,
    PRIMARY KEY (trip_id, seen_at)
);
