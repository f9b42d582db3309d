CREATE TABLE player (player_id TEXT PRIMARY KEY, nickname TEXT NOT NULL UNIQUE);
CREATE TABLE score (
    player_id TEXT NOT NULL REFERENCES player (player_id),
    game_title TEXT NOT NULL,
    top_score INTEGER NOT NULL,
    top_score_at TEXT NOT NULL,
    wins INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    PRIMARY KEY (player_id, game_title)
);
