CREATE TABLE movie (movie_id TEXT PRIMARY KEY, title TEXT NOT NULL, released INTEGER NOT NULL, genre TEXT NOT NULL);
CREATE TABLE actor (actor_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE casting (
    movie_id TEXT NOT NULL REFERENCES movie (movie_id),
    actor_id TEXT NOT NULL REFERENCES actor (actor_id),
    part TEXT NOT NULL,
    PRIMARY KEY (movie_id, actor_id)
);
