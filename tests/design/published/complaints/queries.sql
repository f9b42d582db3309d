-- name: complaint
-- rate: 20/s
SELECT * FROM complaint WHERE complaint_id = :complaint;

-- name: complaint_with_history
-- rate: 20/s
SELECT * FROM complaint WHERE complaint_id = :complaint;
SELECT * FROM communication WHERE complaint_id = :complaint ORDER BY said_at;

-- name: history
-- rate: 5/s
SELECT * FROM communication WHERE complaint_id = :complaint ORDER BY said_at;

-- name: latest_communication
-- rate: 10/s
SELECT * FROM communication WHERE complaint_id = :complaint ORDER BY said_at DESC LIMIT 1;

-- name: complaint_of_customer
-- rate: 2/s
SELECT * FROM complaint WHERE customer_id = :customer AND complaint_id = :complaint;

-- name: complaints_of_customer
-- rate: 4/s
SELECT * FROM complaint WHERE customer_id = :customer;

-- name: escalated_to_agent
-- rate: 2/s
SELECT * FROM complaint WHERE escalated_to = :agent ORDER BY escalated_at;

-- name: all_escalated
SELECT * FROM complaint WHERE escalated_to IS NOT NULL ORDER BY escalated_at DESC LIMIT 50;

-- name: communications_of_agent
-- rate: 1/s
SELECT * FROM communication WHERE agent_id = :agent AND said_at BETWEEN :begin AND :end ORDER BY said_at;

-- name: log_complaint
-- rate: 2/s
INSERT INTO complaint (complaint_id, customer_id, created_at, severity, state, description)
VALUES (:complaint, :customer, :at, :severity, 'waiting', :description);

-- name: add_communication
-- rate: 8/s
INSERT INTO communication (communication_id, complaint_id, agent_id, said_at, state, body)
VALUES (:communication, :complaint, :agent, :at, :state, :body);

-- name: set_severity
-- rate: 1/s
UPDATE complaint SET severity = :severity WHERE complaint_id = :complaint;

-- name: set_state
-- rate: 4/s
UPDATE complaint SET state = :state WHERE complaint_id = :complaint;

-- name: escalate
-- rate: 0.5/s
UPDATE complaint SET escalated_to = :agent, escalated_at = :at WHERE complaint_id = :complaint;
