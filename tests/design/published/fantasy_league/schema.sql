CREATE TABLE league (league_id TEXT PRIMARY KEY, title TEXT NOT NULL, season TEXT NOT NULL);
CREATE TABLE team (
    league_id TEXT NOT NULL REFERENCES league (league_id),
    team_id TEXT NOT NULL,
    manager_id TEXT NOT NULL,
    team_name TEXT NOT NULL,
    PRIMARY KEY (league_id, team_id)
);
CREATE TABLE squad_player (
    league_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    player_id TEXT NOT NULL,
    position TEXT NOT NULL,
    PRIMARY KEY (league_id, team_id, player_id),
    FOREIGN KEY (league_id, team_id) REFERENCES team (league_id, team_id)
);
CREATE TABLE week_score (
    league_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    week INTEGER NOT NULL,
    points INTEGER NOT NULL,
    PRIMARY KEY (league_id, team_id, week),
    FOREIGN KEY (league_id, team_id) REFERENCES team (league_id, team_id)
);
