-- name: ticket
-- rate: 30/s
SELECT * FROM ticket WHERE ticket_id = :ticket;

-- name: ticket_with_messages
-- rate: 30/s
SELECT * FROM ticket WHERE ticket_id = :ticket;
SELECT * FROM message WHERE ticket_id = :ticket ORDER BY number;

-- name: latest_messages
-- rate: 10/s
SELECT * FROM message WHERE ticket_id = :ticket ORDER BY number DESC LIMIT 5;

-- name: tickets_of_requester
-- rate: 10/s
SELECT * FROM ticket WHERE requester_id = :requester ORDER BY opened_at DESC;

-- name: requester_with_latest_tickets
-- rate: 5/s
SELECT * FROM requester WHERE requester_id = :requester;
SELECT * FROM ticket WHERE requester_id = :requester ORDER BY opened_at DESC LIMIT 10;

-- name: tickets_of_agent
-- rate: 10/s
SELECT * FROM ticket WHERE agent_id = :agent AND state = :state ORDER BY opened_at;

-- name: queue
-- rate: 20/s
SELECT * FROM ticket WHERE team = :team AND state = :state ORDER BY priority DESC LIMIT 25;

-- name: agents_of_team
-- rate: 5/s
SELECT * FROM agent WHERE team = :team;

-- name: agent
-- rate: 10/s
SELECT * FROM agent WHERE agent_id = :agent;

-- name: open_ticket
-- rate: 1/s
INSERT INTO ticket (ticket_id, requester_id, team, state, priority, subject, opened_at)
VALUES (:ticket, :requester, :team, 'open', :priority, :subject, :at);

-- name: set_state
-- rate: 2/s
UPDATE ticket SET state = :state, agent_id = :agent WHERE ticket_id = :ticket;

-- name: say
-- rate: 5/s
INSERT INTO message (ticket_id, number, author, body, sent_at) VALUES (:ticket, :number, :author, :body, :at);
