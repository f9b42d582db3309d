CREATE TABLE site (site_id TEXT PRIMARY KEY, country TEXT NOT NULL);
CREATE TABLE building (
    site_id TEXT NOT NULL REFERENCES site (site_id),
    building_id TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (site_id, building_id)
);
CREATE TABLE floor (
    site_id TEXT NOT NULL,
    building_id TEXT NOT NULL,
    level INTEGER NOT NULL,
    plan_url TEXT NOT NULL,
    PRIMARY KEY (site_id, building_id, level),
    FOREIGN KEY (site_id, building_id) REFERENCES building (site_id, building_id)
);
CREATE TABLE device (
    site_id TEXT NOT NULL,
    building_id TEXT NOT NULL,
    level INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    firmware TEXT NOT NULL,
    PRIMARY KEY (site_id, building_id, level, device_id),
    FOREIGN KEY (site_id, building_id, level) REFERENCES floor (site_id, building_id, level)
);
