-- name: ticket_with_messages
-- rate: 50
SELECT * FROM ticket WHERE tenant_id = :tenant_id AND ticket_no = :ticket_no;
SELECT * FROM message WHERE tenant_id = :tenant_id AND ticket_no = :ticket_no ORDER BY sent_at;

-- name: queue
-- rate: 30
-- peak: 200
SELECT ticket_no, priority, subject FROM ticket WHERE tenant_id = :tenant_id AND state = :state ORDER BY opened_at LIMIT 50;

-- name: tickets_of_agent
-- rate: 10
SELECT ticket_no, state, subject FROM ticket WHERE tenant_id = :tenant_id AND agent_no = :agent_no ORDER BY opened_at DESC LIMIT 50;

-- name: unassigned
-- rate: 5
SELECT ticket_no, subject FROM ticket WHERE tenant_id = :tenant_id AND agent_no IS NULL ORDER BY opened_at LIMIT 50;

-- name: agent_by_email
-- rate: 1
SELECT agent_no FROM agent WHERE tenant_id = :tenant_id AND email = :email;

-- name: agents
SELECT * FROM agent WHERE tenant_id = :tenant_id;

-- name: session
-- rate: 200
-- consistency: strong
SELECT tenant_id, agent_no, expires_at FROM session WHERE token = :token;

-- name: how_many_open
SELECT COUNT(*) FROM ticket WHERE state = 'open';

-- name: assign
-- rate: 3
UPDATE ticket SET agent_no = :agent_no, state = 'waiting' WHERE tenant_id = :tenant_id AND ticket_no = :ticket_no;

-- name: open_ticket
-- rate: 3
INSERT INTO ticket (tenant_id, ticket_no, state, priority, opened_at, subject) VALUES (:tenant_id, :ticket_no, 'open', :priority, CURRENT_TIMESTAMP, :subject);

-- name: change_email
-- rate: 0.01
UPDATE agent SET email = :email WHERE tenant_id = :tenant_id AND agent_no = :agent_no;

-- name: sign_out
-- rate: 2
DELETE FROM session WHERE token = :token;
