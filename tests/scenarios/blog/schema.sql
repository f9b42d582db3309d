-- A blog: posts with comments and tags, read far more than written.
CREATE TABLE author (id INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE post (
  id INTEGER PRIMARY KEY,
  author_id INTEGER NOT NULL REFERENCES author (id),
  slug TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  published_at TEXT
);
CREATE TABLE comment (
  post_id INTEGER NOT NULL REFERENCES post (id),
  no INTEGER NOT NULL,
  author_id INTEGER NOT NULL REFERENCES author (id),
  text TEXT NOT NULL,
  PRIMARY KEY (post_id, no)
);
CREATE TABLE tag (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE);
CREATE TABLE post_tag (
  post_id INTEGER NOT NULL REFERENCES post (id),
  tag_id INTEGER NOT NULL REFERENCES tag (id),
  PRIMARY KEY (post_id, tag_id)
);
INSERT INTO author SELECT value, 'author' || value, 'Author ' || value FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 8) SELECT value FROM n);
INSERT INTO post SELECT value, 1 + value % 8, 'post-' || value, 'Post ' || value, 'Text of post ' || value, CASE WHEN value % 7 = 0 THEN NULL ELSE printf('2024-%02d-%02d', 1 + value % 12, 1 + value % 28) END FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 60) SELECT value FROM n);
INSERT INTO comment SELECT 1 + value / 4, value % 4, 1 + value % 8, 'Comment ' || value FROM (WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 199) SELECT value FROM n);
INSERT INTO tag VALUES (1, 'dynamodb'), (2, 'sql'), (3, 'python');
INSERT INTO post_tag SELECT id, 1 + id % 3 FROM post;
