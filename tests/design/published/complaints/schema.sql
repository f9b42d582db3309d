CREATE TABLE customer (customer_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE agent (agent_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE complaint (
    complaint_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    created_at TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    escalated_to TEXT REFERENCES agent (agent_id),
    escalated_at TEXT
);
CREATE TABLE communication (
    communication_id TEXT PRIMARY KEY,
    complaint_id TEXT NOT NULL REFERENCES complaint (complaint_id),
    agent_id TEXT NOT NULL REFERENCES agent (agent_id),
    said_at TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
);
