-- name: workspace
-- rate: 20/s
SELECT * FROM workspace WHERE workspace_id = :workspace;

-- name: workspace_with_members
-- rate: 5/s
SELECT * FROM workspace WHERE workspace_id = :workspace;
SELECT * FROM member WHERE workspace_id = :workspace;

-- name: projects
-- rate: 10/s
SELECT * FROM project WHERE workspace_id = :workspace;

-- name: project
-- rate: 20/s
SELECT * FROM project WHERE workspace_id = :workspace AND project_id = :project;

-- name: project_with_tasks_and_comments
-- rate: 20/s
SELECT * FROM project WHERE workspace_id = :workspace AND project_id = :project;
SELECT * FROM task WHERE workspace_id = :workspace AND project_id = :project;
SELECT * FROM task_comment WHERE workspace_id = :workspace AND project_id = :project;

-- name: task
-- rate: 30/s
SELECT * FROM task WHERE workspace_id = :workspace AND project_id = :project AND task_id = :task;

-- name: task_with_comments
-- rate: 30/s
SELECT * FROM task WHERE workspace_id = :workspace AND project_id = :project AND task_id = :task;
SELECT * FROM task_comment
WHERE workspace_id = :workspace AND project_id = :project AND task_id = :task ORDER BY comment_id;

-- name: tasks_of_assignee
-- rate: 20/s
SELECT * FROM task WHERE workspace_id = :workspace AND assignee_id = :member ORDER BY due_date;

-- name: member_by_email
-- rate: 5/s
SELECT * FROM member WHERE email = :email;

-- name: add_task
-- rate: 2/s
INSERT INTO task (workspace_id, project_id, task_id, title, state, due_date)
VALUES (:workspace, :project, :task, :title, 'open', :due);

-- name: set_state
-- rate: 4/s
UPDATE task SET state = :state WHERE workspace_id = :workspace AND project_id = :project AND task_id = :task;

-- name: add_comment
-- rate: 5/s
INSERT INTO task_comment (workspace_id, project_id, task_id, comment_id, author_id, body)
VALUES (:workspace, :project, :task, :comment, :author, :body);
