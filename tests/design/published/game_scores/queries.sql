-- name: score_of_player
-- rate: 50/s
SELECT * FROM score WHERE player_id = :player AND game_title = :game;

-- name: scores_of_player
-- rate: 10/s
SELECT * FROM score WHERE player_id = :player;

-- name: leaders
-- rate: 30/s
SELECT player_id, top_score FROM score WHERE game_title = :game ORDER BY top_score DESC LIMIT 10;

-- name: best_ever
-- rate: 5/s
SELECT player_id, top_score FROM score WHERE game_title = :game ORDER BY top_score DESC LIMIT 1;

-- name: above
-- rate: 1/s
SELECT player_id, top_score FROM score WHERE game_title = :game AND top_score > :score ORDER BY top_score LIMIT 10;

-- name: set_top_score
-- rate: 20/s
UPDATE score SET top_score = :score, top_score_at = :at WHERE player_id = :player AND game_title = :game;

-- name: count_win
-- rate: 100/s
UPDATE score SET wins = :wins WHERE player_id = :player AND game_title = :game;
