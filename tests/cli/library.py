"""A small library: authors, books and loans, with a little of what goes wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE book (
    id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES author (id),
    title TEXT NOT NULL, price NUMERIC, cover BLOB
);
CREATE INDEX book_of_author ON book (author_id);
CREATE TABLE loan (
    book_id INTEGER NOT NULL REFERENCES book (id), taken TEXT NOT NULL, reader TEXT,
    PRIMARY KEY (book_id, taken)
);
"""

QUERIES = """
-- name: author_by_email
SELECT id, name FROM author WHERE email = :email;

-- name: author_with_books
SELECT * FROM author WHERE id = :id;
SELECT id, title, price, cover FROM book WHERE author_id = :id ORDER BY id;

-- name: some_books
SELECT id FROM book WHERE author_id = :author_id ORDER BY id LIMIT :most;

-- name: add_book
INSERT INTO book (id, author_id, title) VALUES (:id, :author_id, :title);
"""

UNSERVABLE = "-- name: books_about\nSELECT id FROM book WHERE title LIKE '%' || :word || '%';\n"


def make_library(path: Path, books: int = 60) -> Path:
    """Ten authors, so many books, a loan of every third one."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO author VALUES (?, ?, ?)", [(n, f"a{n}@x.org", f"N{n}") for n in range(10)])
        connection.executemany("INSERT INTO book VALUES (?, ?, ?, ?, ?)", [_book(n) for n in range(books)])
        connection.executemany(
            "INSERT INTO loan VALUES (?, ?, ?)", [(n, "2024-05-06", None) for n in range(0, books, 3)]
        )
        connection.commit()
    return path


def _book(number: int) -> tuple[object, ...]:
    return number, number % 10, f"Title {number}", number / 4, bytes([number % 256])


def change(path: Path, sql: str) -> None:
    """Runs a script on the library."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
