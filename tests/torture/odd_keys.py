"""Strange keys: what names a row, and what must not make one row of two."""

from __future__ import annotations

from pathlib import Path

from tests.torture.oddity import Collection, Faithful, Refused, Rejected, make

KEYS = Collection()
_ends = KEYS.ends


@_ends(Refused("plan", 4, ("table t has no primary key", "cannot be told apart", 'key = ["..."]')))
def no_primary_key(path: Path) -> None:
    """Nothing names the rows: the table is refused, and equal rows cannot become one."""
    make(path, "CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('same'), ('same');")


@_ends(Faithful(2), settings='[tables.t]\nkey = ["rowid"]')
def rows_named_by_their_rowid(path: Path) -> None:
    """Two equal rows of a table without a key stay two when the rowid is named as the key."""
    make(path, "CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('same'), ('same');")


@_ends(
    Refused("plan", 4, ("the key of table t", "several rows share 1 value of it")), settings='[tables.t]\nkey = ["v"]'
)
def equal_rows_by_a_named_key(path: Path) -> None:
    """A key named in migrate.toml that two rows share does not fold them."""
    make(path, "CREATE TABLE t (v TEXT NOT NULL); INSERT INTO t VALUES ('same'), ('same'), ('other');")


@_ends(Faithful(3))
def a_unique_key_in_place_of_a_primary_key(path: Path) -> None:
    """UNIQUE over NOT NULL columns names the rows of a table without a primary key."""
    make(path, "CREATE TABLE t (a TEXT NOT NULL, b INT NOT NULL, v, UNIQUE (a, b));")
    make(path, "INSERT INTO t VALUES ('x', 1, NULL), ('x', 2, 'v'), ('', 1, 1);")


@_ends(Faithful(3))
def without_rowid(path: Path) -> None:
    """A table without rowid is a table."""
    make(path, "CREATE TABLE t (a TEXT, b INTEGER, v, PRIMARY KEY (a, b)) WITHOUT ROWID;")
    make(path, "INSERT INTO t VALUES ('x', 2, 1), ('x', 1, 2), ('y', -1, 3);")


@_ends(Faithful(2))
def one_null_in_a_primary_key(path: Path) -> None:
    """SQLite lets a primary key be NULL; one such row has a key of its own."""
    make(path, "CREATE TABLE t (code TEXT PRIMARY KEY, v); INSERT INTO t VALUES (NULL, 1), ('NULL', 2);")


@_ends(Refused("plan", 4, ("2 rows of t have the same key (code=None)", '["rowid"]')))
def two_nulls_in_a_primary_key(path: Path) -> None:
    """Several rows may have a NULL for their primary key: they share no key, and none is lost in silence."""
    make(
        path,
        "CREATE TABLE t (code TEXT PRIMARY KEY, v); INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('a', 3), ('b', 4);",
    )


@_ends(Faithful(4), settings='[tables.t]\nkey = ["rowid"]')
def two_nulls_in_a_primary_key_beside_the_rowid(path: Path) -> None:
    """Where the rowid names the rows, any number of them may have a NULL for their primary key."""
    make(path, "CREATE TABLE t (code TEXT PRIMARY KEY, v);")
    make(path, "INSERT INTO t VALUES (NULL, 1), (NULL, 1), ('a', 3), ('b', 4);")


@_ends(Faithful(2), settings='[tables.t]\nkey = ["_rowid_"]')
def a_column_called_rowid(path: Path) -> None:
    """A column may hide one of the rowid's names: another one is left."""
    make(path, "CREATE TABLE t (rowid TEXT, oid TEXT); INSERT INTO t VALUES ('same', 1), ('same', 1);")


@_ends(Faithful(4))
def nulls_in_a_unique_column(path: Path) -> None:
    """UNIQUE allows any number of NULLs."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT UNIQUE);")
    make(path, "INSERT INTO t VALUES (1, NULL), (2, NULL), (3, ''), (4, 'a@x');")


@_ends(Faithful(3))
def nulls_in_a_composite_unique(path: Path) -> None:
    """Rows with a NULL in one of the columns of a UNIQUE may be equal in the others."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, UNIQUE (a, b));")
    make(path, "INSERT INTO t VALUES (1, 'x', NULL), (2, 'x', NULL), (3, 'x', '');")


@_ends(Faithful(2, says=("compares with NOCASE",)))
def a_nocase_key(path: Path) -> None:
    """A key that is the same whatever its case is one key, and its rows keep their spelling."""
    make(path, "CREATE TABLE t (code TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, v);")
    make(path, "INSERT INTO t VALUES ('Abc', 1), ('ÀBC', 2);")


@_ends(Faithful(3, says=("compares with NOCASE",)))
def a_nocase_unique(path: Path) -> None:
    """Uniqueness whatever the case is kept."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE UNIQUE);")
    make(path, "INSERT INTO t VALUES (1, 'A@x'), (2, 'b@x'), (3, 'É@x');")


@_ends(Faithful(4))
def keys_that_differ_in_case_alone(path: Path) -> None:
    """Without NOCASE, A and a are two keys."""
    make(
        path,
        "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY, v);"
        "INSERT INTO t VALUES ('A', 1), ('a', 2), ('é', 3), ('É', 4);",
    )


@_ends(Faithful(2, says=("compares with RTRIM",), plan_code=3))
def an_rtrim_key(path: Path) -> None:
    """Blanks at the end count for nothing in this key, and stay in the value."""
    make(
        path,
        "CREATE TABLE t (code TEXT NOT NULL COLLATE RTRIM PRIMARY KEY, v); INSERT INTO t VALUES ('a  ', 1), (' a', 2);",
    )


@_ends(Faithful(2))
def keys_of_the_two_ways_to_write_an_accent(path: Path) -> None:
    """Keys are compared by their characters, not by what they look like."""
    make(
        path,
        "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY, v);",
        ("INSERT INTO t VALUES (?, 1)", [("é",), ("e\u0301",)]),
    )


@_ends(Faithful(8))
def keys_with_separators(path: Path) -> None:
    """Values that hold our separators, or look like keys of another entity, are values."""
    make(
        path,
        "CREATE TABLE a (x TEXT NOT NULL, y TEXT NOT NULL, v, PRIMARY KEY (x, y));"
        "CREATE TABLE b (x TEXT NOT NULL PRIMARY KEY);",
        (
            "INSERT INTO a VALUES (?, ?, 0)",
            [("1#2", "3"), ("1", "2#3"), ("%23", "#"), ("#", "%23"), ("A#1", "B#"), ("\t", "\n:")],
        ),
        ("INSERT INTO b VALUES (?)", [("1#2#3",), ("#A#1#",)]),
    )


@_ends(Faithful(9))
def null_and_empty_in_every_position_of_a_key(path: Path) -> None:
    """NULL, the empty text and 'NULL' differ in each place of a composite key."""
    values = (None, "", "NULL")
    make(
        path,
        "CREATE TABLE t (a TEXT, b TEXT, v, PRIMARY KEY (a, b));",
        ("INSERT INTO t VALUES (?, ?, 1)", [(a, b) for a in values for b in values]),
    )


@_ends(
    Faithful(4),
    queries="-- name: first_texts\nSELECT id FROM t WHERE g = :g ORDER BY s LIMIT 2;\n"
    "-- name: low_texts\nSELECT id FROM t WHERE g = :g AND s < :s;\n"
    "-- name: first_bytes\nSELECT id FROM t WHERE g = :g ORDER BY b LIMIT 2;\n"
    "-- name: low_bytes\nSELECT id FROM t WHERE g = :g AND b < :b;",
)
def null_and_empty_at_the_head_of_an_order(path: Path) -> None:
    """NULL comes before the empty value in an order, and is no part of a range that the empty value is in."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, g TEXT NOT NULL, s TEXT, b BLOB);")
    make(
        path,
        "INSERT INTO t VALUES (1, 'g', '', x''), (2, 'g', NULL, NULL), (3, 'g', 'a', x'00'), (4, 'g', 'b', x'ff');",
    )


@_ends(
    Refused("apply", 4, ("null-in-key:T", "first, low may get them the other way round")),
    queries="-- name: first\nSELECT * FROM t ORDER BY code LIMIT 1;\n-- name: low\nSELECT * FROM t WHERE code < :code;",
)
def null_and_empty_bytes_as_keys(path: Path) -> None:
    """A key that is the end of its order: NULL comes before the empty bytes."""
    make(path, "CREATE TABLE t (code BLOB PRIMARY KEY, v); INSERT INTO t VALUES (x'', 1), (NULL, 2), (x'00', 3);")


@_ends(
    Refused("apply", 4, ("null-in-key:T", "first, low may get them the other way round")),
    queries="-- name: first\nSELECT * FROM t ORDER BY code LIMIT 1;\n-- name: low\nSELECT * FROM t WHERE code < :code;",
)
def null_and_empty_texts_as_keys(path: Path) -> None:
    """A key that is the end of its order: NULL comes before the empty text."""
    make(path, "CREATE TABLE t (code TEXT PRIMARY KEY, v); INSERT INTO t VALUES ('', 1), (NULL, 2), ('a', 3);")


@_ends(Rejected(1, {"t": (f"code='{'k' * 2100}'",)}, "DynamoDB's limit is 2,048"))
def a_key_over_2048_bytes(path: Path) -> None:
    """A partition key longer than DynamoDB takes is rejected by name."""
    make(
        path, "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY);", ("INSERT INTO t VALUES (?)", [("k" * 2100,), ("k",)])
    )


@_ends(Faithful(2))
def a_key_of_just_2048_bytes(path: Path) -> None:
    """The longest partition key that DynamoDB takes, its entity's name included."""
    make(
        path,
        "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY);",
        ("INSERT INTO t VALUES (?)", [("k" * (2048 - len("T#")),), ("k",)]),
    )


@_ends(Rejected(1, {"t": (f"code='{'k' * 2047}'",)}, "would take 2,049 bytes"))
def a_key_of_2049_bytes(path: Path) -> None:
    """One byte more than DynamoDB takes."""
    make(
        path, "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY);", ("INSERT INTO t VALUES (?)", [("k" * 2047,), ("k",)])
    )


@_ends(Rejected(1, {"t": (f"code='{'€' * 700}'",)}, "DynamoDB's limit is 2,048"))
def a_key_too_long_in_bytes_alone(path: Path) -> None:
    """700 characters of three bytes each are more than 2,048 bytes."""
    make(path, "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY);", ("INSERT INTO t VALUES (?)", [("€" * 700,), ("€",)]))


@_ends(
    Rejected(1, {"note": ("id=1",)}, "DynamoDB's limit is 1,024"),
    queries="-- name: notes\nSELECT * FROM note WHERE owner = :owner ORDER BY title;",
)
def a_sort_key_over_1024_bytes(path: Path) -> None:
    """A sort key longer than DynamoDB takes is rejected by name."""
    make(
        path,
        "CREATE TABLE note (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL);",
        ("INSERT INTO note VALUES (?, 'me', ?)", [(1, "é" * 520), (2, "é" * 100)]),
    )


@_ends(Rejected(2, {"t": ("code='x'",)}, "a key needs a number"))
def a_text_in_an_integer_key(path: Path) -> None:
    """A key of another type than its column's is rejected by name."""
    make(path, "CREATE TABLE t (code INT NOT NULL PRIMARY KEY, v); INSERT INTO t VALUES (1, 1), ('x', 2), (-3, 3);")


@_ends(Faithful(3))
def numbers_in_a_key_without_a_type(path: Path) -> None:
    """In a key without a type the number 1 and the text '1' are two keys."""
    make(path, "CREATE TABLE t (code NOT NULL PRIMARY KEY, v); INSERT INTO t VALUES (1, 1), ('1', 2), ('~1', 3);")


@_ends(Faithful(4))
def bytes_as_a_key(path: Path) -> None:
    """Bytes name rows, the empty ones too."""
    make(path, "CREATE TABLE t (code BLOB NOT NULL PRIMARY KEY, v);")
    make(path, "INSERT INTO t VALUES (x'', 1), (x'00', 2), (x'0001', 3), (x'ff', 4);")


@_ends(Faithful(5))
def a_real_key(path: Path) -> None:
    """Numbers of any size and sign name rows."""
    make(path, "CREATE TABLE t (code REAL NOT NULL PRIMARY KEY, v);")
    make(path, "INSERT INTO t VALUES (0.1, 1), (-0.1, 2), (1e100, 3), (-1e-100, 4), (0, 5);")


@_ends(Rejected(1, {"t": ("code=InvalidText(b'\\xff')",)}, "not valid in the database's encoding"))
def a_key_of_invalid_utf8(path: Path) -> None:
    """A key that is no text is named by its bytes."""
    make(path, "CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY); INSERT INTO t VALUES ('a'), (CAST(x'ff' AS TEXT));")


@_ends(Rejected(1, {"t": ("code='a'",)}, "has the key of an item of t (code='A')"))
def a_key_more_exact_than_its_column(path: Path) -> None:
    """A column that folds case under a key that does not: rows that differ in case alone are not merged."""
    make(path, "CREATE TABLE t (code TEXT NOT NULL COLLATE NOCASE, v, PRIMARY KEY (code COLLATE BINARY));")
    make(path, "INSERT INTO t VALUES ('A', 1), ('a', 2);")


@_ends(Faithful(2))
def a_key_less_exact_than_its_column(path: Path) -> None:
    """A column that tells cases apart under a key that does not."""
    make(path, "CREATE TABLE t (code TEXT NOT NULL, v, PRIMARY KEY (code COLLATE NOCASE));")
    make(path, "INSERT INTO t VALUES ('A', 1), ('b', 2);")
