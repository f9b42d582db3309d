-- A ticketing system: states, queues, a composite tenant key, sessions that expire.
CREATE TABLE tenant (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE agent (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  agent_no INTEGER NOT NULL,
  email TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (tenant_id, agent_no),
  UNIQUE (tenant_id, email)
);
CREATE TABLE ticket (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  ticket_no INTEGER NOT NULL,
  agent_no INTEGER,
  state TEXT NOT NULL,
  priority INTEGER NOT NULL,
  opened_at DATETIME NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (tenant_id, ticket_no),
  FOREIGN KEY (tenant_id, agent_no) REFERENCES agent (tenant_id, agent_no)
);
CREATE TABLE message (
  tenant_id TEXT NOT NULL,
  ticket_no INTEGER NOT NULL,
  sent_at DATETIME NOT NULL,
  body TEXT,
  PRIMARY KEY (tenant_id, ticket_no, sent_at),
  FOREIGN KEY (tenant_id, ticket_no) REFERENCES ticket (tenant_id, ticket_no)
);
CREATE TABLE session (token TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, agent_no INTEGER NOT NULL, expires_at INTEGER,
  FOREIGN KEY (tenant_id, agent_no) REFERENCES agent (tenant_id, agent_no));
INSERT INTO tenant VALUES ('acme', 'Acme'), ('globex', 'Globex'), ('initech', 'Initech');
INSERT INTO agent SELECT id, n.value, 'agent' || n.value || '@' || id || '.example' FROM tenant, (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3) n;
INSERT INTO ticket SELECT t.id, n.value, CASE WHEN n.value % 5 = 0 THEN NULL ELSE 1 + n.value % 3 END, CASE n.value % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'waiting' ELSE 'closed' END, n.value % 4, printf('2024-03-%02d 08:00:00', 1 + n.value % 28), 'Subject ' || n.value FROM tenant t, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 40) SELECT value FROM n) n;
INSERT INTO message SELECT tenant_id, ticket_no, printf('2024-04-%02d 10:00:00', m.value), 'Message ' || m.value FROM ticket, (SELECT 1 AS value UNION SELECT 2) m;
INSERT INTO session VALUES ('tok-1', 'acme', 1, 4102444800), ('tok-2', 'globex', 2, 4102444800);
