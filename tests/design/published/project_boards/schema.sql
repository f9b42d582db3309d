CREATE TABLE workspace (workspace_id TEXT PRIMARY KEY, title TEXT NOT NULL, plan TEXT NOT NULL);
CREATE TABLE member (
    workspace_id TEXT NOT NULL REFERENCES workspace (workspace_id),
    member_id TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    PRIMARY KEY (workspace_id, member_id)
);
CREATE TABLE project (
    workspace_id TEXT NOT NULL REFERENCES workspace (workspace_id),
    project_id TEXT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (workspace_id, project_id)
);
CREATE TABLE task (
    workspace_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    assignee_id TEXT,
    due_date TEXT NOT NULL,
    PRIMARY KEY (workspace_id, project_id, task_id),
    FOREIGN KEY (workspace_id, project_id) REFERENCES project (workspace_id, project_id),
    FOREIGN KEY (workspace_id, assignee_id) REFERENCES member (workspace_id, member_id)
);
CREATE TABLE task_comment (
    workspace_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    comment_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (workspace_id, project_id, task_id, comment_id),
    FOREIGN KEY (workspace_id, project_id, task_id) REFERENCES task (workspace_id, project_id, task_id)
);
