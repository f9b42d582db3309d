-- A library: many-to-many both ways, prefix search, a self reference, unique values that may be missing.
CREATE TABLE member (id INTEGER PRIMARY KEY, card TEXT UNIQUE, name TEXT NOT NULL, invited_by INTEGER REFERENCES member (id));
CREATE TABLE book (isbn TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, year INTEGER, price NUMERIC(8,2));
CREATE TABLE writer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book_writer (
  isbn TEXT NOT NULL REFERENCES book (isbn),
  writer_id INTEGER NOT NULL REFERENCES writer (id),
  place INTEGER NOT NULL,
  PRIMARY KEY (isbn, writer_id)
);
CREATE TABLE loan (
  id INTEGER PRIMARY KEY,
  isbn TEXT NOT NULL REFERENCES book (isbn),
  member_id INTEGER NOT NULL REFERENCES member (id),
  due_on DATE NOT NULL,
  returned_on DATE
);
INSERT INTO writer VALUES (1, 'Ada'), (2, 'Borges'), (3, 'Calvino'), (4, 'Dinesen');
INSERT INTO book SELECT printf('978-%04d', value), CASE value % 4 WHEN 0 THEN 'The ' WHEN 1 THEN 'A ' WHEN 2 THEN 'the ' ELSE '' END || 'Book ' || value, 1950 + value % 60, value / 4.0 FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 50) SELECT value FROM n);
INSERT INTO book_writer SELECT isbn, 1 + rowid % 4, 1 FROM book UNION ALL SELECT isbn, 1 + (rowid + 1) % 4, 2 FROM book WHERE rowid % 3 = 0;
INSERT INTO member SELECT value, CASE WHEN value % 5 = 0 THEN NULL ELSE 'card' || value END, 'Member ' || value, CASE WHEN value > 3 THEN value / 3 END FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 30) SELECT value FROM n);
INSERT INTO loan SELECT value, printf('978-%04d', 1 + value % 50), 1 + value % 30, printf('2024-%02d-15', 1 + value % 12), CASE WHEN value % 3 THEN printf('2024-%02d-10', 1 + value % 12) END FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 120) SELECT value FROM n);
