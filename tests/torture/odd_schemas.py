"""Strange schemas: what SQLite lets a database declare."""

from __future__ import annotations

from pathlib import Path

from tests.torture.oddity import Collection, Faithful, Refused, Rejected, make

SCHEMAS = Collection()
_ends = SCHEMAS.ends


@_ends(Faithful(2))
def generated_columns(path: Path) -> None:
    """Computed columns, stored or not, are migrated with the value that they have."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v INT, twice INT AS (v * 2) VIRTUAL, low TEXT AS (lower(v)) STORED);"
        "INSERT INTO t (id, v) VALUES (1, 21), (2, NULL);",
    )


@_ends(Faithful(2))
def a_strict_table(path: Path) -> None:
    """STRICT tables and their ANY columns are read."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, s TEXT, b BLOB, x ANY) STRICT;")
    make(path, "INSERT INTO t VALUES (1, 1, 'a', x'00', 'any'), (2, NULL, NULL, NULL, 7);")


@_ends(Faithful(1, says=('"views": ["broken", "seen"]',)))
def views(path: Path) -> None:
    """A view is named and not migrated, even one that does not work any more."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW seen AS SELECT id FROM t;"
        "CREATE TABLE gone (id INTEGER PRIMARY KEY); CREATE VIEW broken AS SELECT id FROM gone; DROP TABLE gone;"
        "INSERT INTO t VALUES (1);",
    )


@_ends(Faithful(1, says=("trigger",)))
def triggers(path: Path) -> None:
    """A trigger is named: nothing does its work on DynamoDB."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v);"
        "CREATE TRIGGER stamp AFTER INSERT ON t BEGIN UPDATE t SET v = 'stamped' WHERE id = new.id; END;"
        "INSERT INTO t (id) VALUES (1);",
    )


@_ends(Faithful(1, says=("words", "fts5", "words_data", "shadow table")))
def a_full_text_index(path: Path) -> None:
    """An FTS5 table and its shadow tables are left out by name."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE words USING fts5(body);")
    make(path, "INSERT INTO t VALUES (1); INSERT INTO words VALUES ('hello world');")


@_ends(Faithful(1, says=("boxes", "rtree", "boxes_node")))
def an_rtree(path: Path) -> None:
    """An R-Tree and its shadow tables are left out by name."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);")
    make(path, "INSERT INTO t VALUES (1); INSERT INTO boxes VALUES (1, 0, 1);")


@_ends(Faithful(3, says=("sqlite_sequence",)))
def autoincrement(path: Path) -> None:
    """SQLite's own bookkeeping is left out by name."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO t (v) VALUES (1), (2), (3);")


@_ends(Faithful(2))
def three_hundred_tables(path: Path) -> None:
    """Many tables are many entities in one table."""
    tables = "".join(f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, v TEXT);" for n in range(300))
    make(path, tables + "INSERT INTO t0 VALUES (1, 'first'); INSERT INTO t299 VALUES (1, 'last');")


@_ends(Faithful(2))
def a_thousand_columns(path: Path) -> None:
    """Many columns are many attributes."""
    columns = ", ".join(f"c{n} INT" for n in range(999))
    names = [f"c{n}" for n in range(999)]
    make(
        path,
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns});",
        (f"INSERT INTO t VALUES (?{', ?' * 999})", [(1, *range(999)), (2, *[None] * 999)]),
    )
    assert len(names) == 999


@_ends(Faithful(2, says=("foreign key to nowhere, which is not a table that is migrated",)))
def a_foreign_key_to_a_missing_table(path: Path) -> None:
    """A reference to no table is dropped by name, and its column kept."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT REFERENCES nowhere (id));"
        "INSERT INTO t VALUES (1, 5), (2, NULL);",
    )


@_ends(Faithful(2, says=("foreign key between columns that",)))
def a_foreign_key_to_a_missing_column(path: Path) -> None:
    """A reference to no column is dropped by name."""
    make(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT REFERENCES p (missing));"
        "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1);",
    )


@_ends(
    Faithful(4, says=("2 rows of t refer by x to rows of p that do not exist",)),
    settings='[accept]\n"orphans:T" = "known"',
)
def orphans_that_are_kept(path: Path) -> None:
    """Rows that refer to no row are counted, and migrated as they are when that is accepted."""
    make(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, x INT REFERENCES p);"
        "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, 99), (3, 98);",
    )


@_ends(
    Faithful(4, says=("2 rows of t refer by x to rows of p that do not exist",)),
    settings='[tables.t]\norphans = "keep"',
)
def orphans_that_are_to_be_kept(path: Path) -> None:
    """Somebody has said that rows which refer to no row are kept: nothing waits for a decision."""
    orphans_that_are_kept(path)


@_ends(
    Rejected(5, {"t": ("id=2", "id=4")}, "it refers by ", says=("such rows go to the reject file",)),
    settings='[tables.t]\norphans = "reject"',
)
def orphans_that_are_rejected(path: Path) -> None:
    """Rows that refer to no row go to the reject file by their keys; a reference with a NULL in it is none."""
    make(
        path,
        "CREATE TABLE p (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT, y TEXT, up INT REFERENCES t,"
        " FOREIGN KEY (x, y) REFERENCES p (a, b));"
        "INSERT INTO p VALUES (1, 'one'), (2, 'two');"
        "INSERT INTO t VALUES (1, 1, 'one', NULL), (2, 1, 'two', NULL), (3, 9, NULL, 1), (4, NULL, NULL, 77),"
        " (5, 2, 'two', 3);",
    )


@_ends(Refused("apply", 4, ("orphans:T", "2 rows of t refer by x")))
def orphans_that_nobody_has_seen(path: Path) -> None:
    """Rows that refer to no row wait for a decision before anything is written."""
    make(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, x INT REFERENCES p);"
        "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, 99), (3, 98);",
    )


@_ends(Faithful(4))
def a_cycle_of_references(path: Path) -> None:
    """Tables may refer to each other in a circle."""
    make(
        path,
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INT REFERENCES b (id));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INT NOT NULL REFERENCES a (id));"
        "INSERT INTO a VALUES (1, 2), (2, NULL); INSERT INTO b VALUES (1, 1), (2, 1);",
    )


@_ends(Faithful(3))
def a_table_that_refers_to_itself(path: Path) -> None:
    """A row may be its own parent."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, up INT REFERENCES t (id), v);")
    make(path, "INSERT INTO t VALUES (1, 1, 'self'), (2, 1, 'child'), (3, NULL, 'root');")


@_ends(Faithful(3))
def a_composite_reference_that_is_half_null(path: Path) -> None:
    """A reference with a NULL in it refers to nothing, and is no orphan."""
    make(
        path,
        "CREATE TABLE p (a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b));"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, FOREIGN KEY (a, b) REFERENCES p (a, b));"
        "INSERT INTO p VALUES ('x', ''); INSERT INTO t VALUES (1, 'x', ''), (2, 'nowhere', NULL);",
    )


@_ends(Faithful(1))
def an_empty_table(path: Path) -> None:
    """A table without rows is planned and has no items."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE); CREATE TABLE u (id INTEGER PRIMARY KEY);")
    make(path, "INSERT INTO u VALUES (1);")


@_ends(Faithful(0))
def nothing_but_empty_tables(path: Path) -> None:
    """A schema without any rows is planned, created and verified."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE);"
        "CREATE TABLE u (id INTEGER PRIMARY KEY, t INT REFERENCES t);",
    )


@_ends(Refused("plan", 2, ("has no tables",)))
def an_empty_database(path: Path) -> None:
    """A database without tables is the wrong file."""
    make(path, "CREATE TABLE t (id INTEGER); DROP TABLE t;")


@_ends(Faithful(4))
def tables_of_one_column(path: Path) -> None:
    """A key may be all that a row has."""
    make(
        path, "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (code TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;"
    )
    make(path, "INSERT INTO t VALUES (0), (-1); INSERT INTO u VALUES (''), ('a');")


@_ends(Faithful(2, says=("CHECK v > 0 of t is the application's to keep",)))
def checks(path: Path) -> None:
    """A CHECK is told to the reviewer: DynamoDB keeps none."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, v INT CHECK (v > 0)); INSERT INTO t VALUES (1, 1), (2, NULL);")


@_ends(Faithful(2))
def partial_and_expression_indexes(path: Path) -> None:
    """Indexes over a part of the rows, or over expressions, promise nothing that must be kept for all rows."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, gone INT);"
        "CREATE UNIQUE INDEX live ON t (v) WHERE gone IS NULL; CREATE UNIQUE INDEX low ON t (lower(v), id);"
        "INSERT INTO t VALUES (1, 'a', NULL), (2, 'a', 1);",
    )
