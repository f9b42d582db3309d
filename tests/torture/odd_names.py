"""Strange names of tables and columns."""

from __future__ import annotations

from pathlib import Path

from tests.torture.oddity import Collection, Faithful, make

NAMES = Collection()
_ends = NAMES.ends


@_ends(Faithful(1))
def reserved_words(path: Path) -> None:
    """Names that SQL and DynamoDB reserve are names."""
    make(
        path,
        'CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "order" TEXT, "group" INT REFERENCES "select", '
        "size, name);",
    )
    make(path, """INSERT INTO "select" VALUES (1, 'by', 1, 2, 'n');""")


@_ends(Faithful(2))
def spaces_and_dots(path: Path) -> None:
    """Blanks, dots, hyphens, colons and braces in names change nothing."""
    make(
        path,
        'CREATE TABLE "order details" ("line no." INTEGER PRIMARY KEY, "unit-price" REAL, '
        '"a:b" TEXT UNIQUE, "{x}" TEXT);',
    )
    make(path, """INSERT INTO "order details" VALUES (1, 2.5, 'a', 'b'), (2, NULL, NULL, NULL);""")


@_ends(Faithful(1))
def unicode_names(path: Path) -> None:
    """Names of any script are names."""
    make(path, 'CREATE TABLE "Kundë 顧客" ("שם" TEXT NOT NULL PRIMARY KEY, "größe" INT, "📦" TEXT UNIQUE);')
    make(path, """INSERT INTO "Kundë 顧客" VALUES ('a', 1, 'b');""")


@_ends(Faithful(1))
def quotes_in_names(path: Path) -> None:
    """Quotes of every kind in a name are part of it."""
    make(
        path,
        """CREATE TABLE "it's ""q"" `b` [c]" ("a""b" INTEGER PRIMARY KEY, """
        """"c'd" TEXT UNIQUE, "e`f" TEXT, "%23#" TEXT);""",
    )
    make(path, """INSERT INTO "it's ""q"" `b` [c]" VALUES (1, 'x', 'y', 'z');""")


@_ends(Faithful(2))
def an_empty_name(path: Path) -> None:
    """SQLite takes a column without a name; DynamoDB takes no such attribute."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, \"\" TEXT); INSERT INTO t VALUES (1, 'a'), (2, NULL);")


@_ends(Faithful(2))
def names_that_collide_with_ours(path: Path) -> None:
    """Columns called PK, SK, type, ttl or GSI1PK keep their values beside our own attributes."""
    make(
        path,
        "CREATE TABLE t (PK INTEGER PRIMARY KEY, SK TEXT, type TEXT, ttl INT, GSI1PK TEXT UNIQUE,"
        "GSI1SK TEXT, pk2 TEXT);"
        "CREATE INDEX by_type ON t (type, SK);"
        "INSERT INTO t VALUES (1, 's', 't', 5, 'g', 'h', 'p'), (2, NULL, 'T', NULL, NULL, NULL, NULL);",
    )


@_ends(Faithful(2))
def a_ttl_column_called_ttl(path: Path) -> None:
    """The column that says when a row expires may have the name of our own attribute."""
    make(path, "CREATE TABLE session (id INTEGER PRIMARY KEY, ttl TIMESTAMP, expires_at TIMESTAMP, type TEXT);")
    make(path, "INSERT INTO session VALUES (1, '2030-01-01', '2031-01-01', 'a'), (2, NULL, '2032-01-01', 'b');")


@_ends(Faithful(4))
def tables_that_look_alike(path: Path) -> None:
    """Tables whose names differ only where tags do not keep them apart by themselves."""
    make(
        path,
        'CREATE TABLE order_line (id INTEGER PRIMARY KEY, v); CREATE TABLE "order line" (id INTEGER PRIMARY KEY, v);'
        'CREATE TABLE orderline (id INTEGER PRIMARY KEY, v); CREATE TABLE "order-line" (id INTEGER PRIMARY KEY, v);'
        'INSERT INTO order_line VALUES (1, 1); INSERT INTO "order line" VALUES (1, 2);'
        'INSERT INTO orderline VALUES (1, 3); INSERT INTO "order-line" VALUES (1, 4);',
    )


@_ends(Faithful(1))
def columns_that_differ_in_accents_alone(path: Path) -> None:
    """SQLite folds ASCII case only: É and é are two columns."""
    make(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, É TEXT UNIQUE, é TEXT UNIQUE); INSERT INTO t VALUES (1, 'a', 'b');",
    )
