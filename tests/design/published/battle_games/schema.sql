CREATE TABLE player (
    username TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL
);
CREATE TABLE game (
    game_id TEXT PRIMARY KEY,
    map TEXT NOT NULL,
    created_at TEXT NOT NULL,
    people INTEGER NOT NULL,
    open_since_date TEXT,
    started_at TEXT
);
CREATE TABLE participation (
    game_id TEXT NOT NULL REFERENCES game (game_id),
    username TEXT NOT NULL REFERENCES player (username),
    place INTEGER,
    joined_at TEXT NOT NULL,
    PRIMARY KEY (game_id, username)
);
