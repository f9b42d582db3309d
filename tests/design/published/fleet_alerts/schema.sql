CREATE TABLE fleet (fleet_id TEXT PRIMARY KEY, owner TEXT NOT NULL);
CREATE TABLE vehicle (
    vehicle_id TEXT PRIMARY KEY,
    fleet_id TEXT NOT NULL REFERENCES fleet (fleet_id),
    plate TEXT NOT NULL,
    model TEXT NOT NULL
);
CREATE TABLE position (
    vehicle_id TEXT NOT NULL REFERENCES vehicle (vehicle_id),
    seen_at TEXT NOT NULL,
    latitude NUMERIC NOT NULL,
    longitude NUMERIC NOT NULL,
    PRIMARY KEY (vehicle_id, seen_at)
);
CREATE TABLE alert (
    vehicle_id TEXT NOT NULL REFERENCES vehicle (vehicle_id),
    raised_at TEXT NOT NULL,
    code TEXT NOT NULL,
    open_fleet TEXT,
    PRIMARY KEY (vehicle_id, raised_at)
);
