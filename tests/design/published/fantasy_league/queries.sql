-- name: league
-- rate: 20/s
SELECT * FROM league WHERE league_id = :league;

-- name: league_with_teams
-- rate: 20/s
SELECT * FROM league WHERE league_id = :league;
SELECT * FROM team WHERE league_id = :league;

-- name: team
-- rate: 20/s
SELECT * FROM team WHERE league_id = :league AND team_id = :team;

-- name: teams_of_manager
-- rate: 10/s
SELECT * FROM team WHERE manager_id = :manager;

-- name: standings_of_week
-- rate: 30/s
SELECT * FROM week_score WHERE league_id = :league AND week = :week ORDER BY points DESC LIMIT 20;

-- name: score
-- rate: 10/s
SELECT * FROM week_score WHERE league_id = :league AND team_id = :team AND week = :week;

-- name: season_of_team
-- rate: 10/s
SELECT * FROM week_score WHERE league_id = :league AND team_id = :team ORDER BY week;

-- name: team_with_players
-- rate: 30/s
SELECT * FROM team WHERE league_id = :league AND team_id = :team;
SELECT * FROM squad_player WHERE league_id = :league AND team_id = :team;

-- name: add_points
-- rate: 5/s
UPDATE week_score SET points = :points WHERE league_id = :league AND team_id = :team AND week = :week;

-- name: sign_player
-- rate: 0.5/s
INSERT INTO squad_player (league_id, team_id, player_id, position) VALUES (:league, :team, :player, :position);
