-- name: session
-- rate: 500/s
-- consistency: strong
SELECT * FROM session WHERE token = :token;

-- name: sessions_of_user
-- rate: 0.1/s
SELECT token FROM session WHERE username = :user;

-- name: log_in
-- rate: 5/s
INSERT INTO session (token, username, created_at, expires_at) VALUES (:token, :user, :now, :later);

-- name: log_out
-- rate: 2/s
DELETE FROM session WHERE token = :token;

-- name: log_out_everywhere
-- rate: 0.1/s
DELETE FROM session WHERE username = :user;
