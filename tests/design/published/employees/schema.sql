CREATE TABLE employee (
    employee_id TEXT PRIMARY KEY,
    full_name TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    city TEXT NOT NULL,
    department TEXT NOT NULL,
    hired_at TEXT NOT NULL,
    is_manager INTEGER,
    manager_id TEXT REFERENCES employee (employee_id)
);
