CREATE TABLE requester (requester_id TEXT PRIMARY KEY, full_name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE agent (agent_id TEXT PRIMARY KEY, full_name TEXT NOT NULL, team TEXT NOT NULL);
CREATE TABLE ticket (
    ticket_id TEXT PRIMARY KEY,
    requester_id TEXT NOT NULL REFERENCES requester (requester_id),
    agent_id TEXT REFERENCES agent (agent_id),
    team TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    subject TEXT NOT NULL,
    opened_at TEXT NOT NULL
);
CREATE TABLE message (
    ticket_id TEXT NOT NULL REFERENCES ticket (ticket_id),
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    PRIMARY KEY (ticket_id, number)
);
