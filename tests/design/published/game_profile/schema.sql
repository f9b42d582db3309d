CREATE TABLE player (
    player_id TEXT PRIMARY KEY,
    nickname TEXT NOT NULL,
    level INTEGER NOT NULL,
    health INTEGER NOT NULL
);
CREATE TABLE friendship (
    player_id TEXT NOT NULL REFERENCES player (player_id),
    friend_id TEXT NOT NULL REFERENCES player (player_id),
    since_date TEXT NOT NULL,
    PRIMARY KEY (player_id, friend_id)
);
CREATE TABLE item_held (
    player_id TEXT NOT NULL REFERENCES player (player_id),
    item_name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (player_id, item_name)
);
