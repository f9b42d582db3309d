CREATE TABLE app_user (username TEXT PRIMARY KEY, full_name TEXT NOT NULL, password_hash TEXT NOT NULL);
CREATE TABLE session (
    token TEXT PRIMARY KEY,
    username TEXT NOT NULL REFERENCES app_user (username),
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL
);
