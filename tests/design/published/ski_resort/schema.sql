CREATE TABLE lift (
    lift_id TEXT PRIMARY KEY,
    lift_name TEXT NOT NULL,
    length_m INTEGER NOT NULL,
    grade TEXT NOT NULL
);
CREATE TABLE lift_day (
    lift_id TEXT NOT NULL REFERENCES lift (lift_id),
    day_date TEXT NOT NULL,
    status TEXT NOT NULL,
    riders INTEGER NOT NULL,
    snow_cm INTEGER NOT NULL,
    PRIMARY KEY (lift_id, day_date)
);
