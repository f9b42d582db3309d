-- name: organisation
-- rate: 10/s
SELECT * FROM organisation WHERE organisation_id = :organisation;

-- name: organisation_with_staff
-- rate: 10/s
SELECT * FROM organisation WHERE organisation_id = :organisation;
SELECT * FROM staff WHERE organisation_id = :organisation;

-- name: staff
-- rate: 30/s
SELECT * FROM staff WHERE organisation_id = :organisation AND staff_id = :staff;

-- name: staff_by_email
-- rate: 20/s
SELECT * FROM staff WHERE email = :email;

-- name: projects
-- rate: 20/s
SELECT * FROM project WHERE organisation_id = :organisation;

-- name: project_with_tickets
-- rate: 20/s
SELECT * FROM project WHERE organisation_id = :organisation AND project_id = :project;
SELECT * FROM ticket WHERE organisation_id = :organisation AND project_id = :project;

-- name: ticket
-- rate: 30/s
SELECT * FROM ticket WHERE organisation_id = :organisation AND project_id = :project AND number = :number;

-- name: tickets_of_assignee
-- rate: 10/s
SELECT * FROM ticket WHERE organisation_id = :organisation AND assignee_id = :staff ORDER BY updated_at DESC LIMIT 20;

-- name: tickets_in_state
-- rate: 10/s
SELECT * FROM ticket
WHERE organisation_id = :organisation AND project_id = :project AND status = :status ORDER BY number;

-- name: invite
-- rate: 0.1/s
INSERT INTO staff (organisation_id, staff_id, email, role) VALUES (:organisation, :staff, :email, :role);

-- name: open_ticket
-- rate: 2/s
INSERT INTO ticket (organisation_id, project_id, number, status, updated_at)
VALUES (:organisation, :project, :number, 'open', :at);

-- name: move_ticket
-- rate: 5/s
UPDATE ticket SET status = :status, updated_at = :at
WHERE organisation_id = :organisation AND project_id = :project AND number = :number;
