-- name: player
-- rate: 50/s
SELECT * FROM player WHERE username = :player;

-- name: game_with_players
-- rate: 30/s
SELECT * FROM game WHERE game_id = :game;
SELECT * FROM participation WHERE game_id = :game;

-- name: open_games_of_map
-- rate: 20/s
SELECT * FROM game WHERE map = :map AND open_since_date IS NOT NULL ORDER BY open_since_date LIMIT 20;

-- name: open_games
-- rate: 10/s
SELECT * FROM game WHERE open_since_date IS NOT NULL ORDER BY open_since_date LIMIT 20;

-- name: games_of_player
-- rate: 10/s
SELECT * FROM participation WHERE username = :player;

-- name: create_game
-- rate: 2/s
INSERT INTO game (game_id, map, created_at, people, open_since_date) VALUES (:game, :map, :at, 1, :at);

-- name: join_game
-- rate: 20/s
INSERT INTO participation (game_id, username, joined_at) VALUES (:game, :player, :at);
UPDATE game SET people = :people WHERE game_id = :game;

-- name: start_game
-- rate: 2/s
UPDATE game SET started_at = :at, open_since_date = NULL WHERE game_id = :game;
