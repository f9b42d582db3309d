CREATE TABLE building (building_id TEXT PRIMARY KEY, city TEXT NOT NULL);
CREATE TABLE sensor (
    sensor_id TEXT PRIMARY KEY,
    building_id TEXT NOT NULL REFERENCES building (building_id),
    floor TEXT NOT NULL,
    kind TEXT NOT NULL,
    last_value NUMERIC,
    last_read_at TEXT
);
CREATE TABLE reading (
    sensor_id TEXT NOT NULL REFERENCES sensor (sensor_id),
    read_at TEXT NOT NULL,
    value NUMERIC NOT NULL,
    alarm_at TEXT,
    PRIMARY KEY (sensor_id, read_at)
);
