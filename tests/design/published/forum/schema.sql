CREATE TABLE forum (forum_name TEXT PRIMARY KEY, category TEXT NOT NULL);
CREATE TABLE thread (
    forum_name TEXT NOT NULL REFERENCES forum (forum_name),
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    last_posted_at TEXT NOT NULL,
    PRIMARY KEY (forum_name, subject)
);
CREATE TABLE reply (
    forum_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    replied_at TEXT NOT NULL,
    posted_by TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (forum_name, subject, replied_at),
    FOREIGN KEY (forum_name, subject) REFERENCES thread (forum_name, subject)
);
