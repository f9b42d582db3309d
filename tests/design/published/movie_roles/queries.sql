-- name: movie
-- rate: 10/s
SELECT * FROM movie WHERE movie_id = :movie;

-- name: actor
-- rate: 10/s
SELECT * FROM actor WHERE actor_id = :actor;

-- name: movie_with_cast
-- rate: 30/s
SELECT * FROM movie WHERE movie_id = :movie;
SELECT c.actor_id, a.full_name, c.part FROM casting c JOIN actor a ON a.actor_id = c.actor_id WHERE c.movie_id = :movie;

-- name: actor_with_movies
-- rate: 30/s
SELECT * FROM actor WHERE actor_id = :actor;
SELECT c.movie_id, m.title, m.released, c.part FROM casting c JOIN movie m ON m.movie_id = c.movie_id
WHERE c.actor_id = :actor;

-- name: one_part
-- rate: 5/s
SELECT part FROM casting WHERE movie_id = :movie AND actor_id = :actor;
