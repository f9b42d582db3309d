CREATE TABLE organisation (
    organisation_id TEXT PRIMARY KEY,
    organisation_name TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL
);
CREATE TABLE staff (
    organisation_id TEXT NOT NULL REFERENCES organisation (organisation_id),
    staff_id TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    PRIMARY KEY (organisation_id, staff_id)
);
CREATE TABLE project (
    organisation_id TEXT NOT NULL REFERENCES organisation (organisation_id),
    project_id TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organisation_id, project_id)
);
CREATE TABLE ticket (
    organisation_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    assignee_id TEXT,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organisation_id, project_id, number),
    FOREIGN KEY (organisation_id, project_id) REFERENCES project (organisation_id, project_id),
    FOREIGN KEY (organisation_id, assignee_id) REFERENCES staff (organisation_id, staff_id)
);
