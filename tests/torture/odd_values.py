"""Strange values in ordinary tables."""

from __future__ import annotations

import json
from pathlib import Path

from tests.torture.oddity import Collection, Faithful, Refused, Rejected, make

VALUES = Collection()
_ends = VALUES.ends
_ONE = "CREATE TABLE t (id INTEGER PRIMARY KEY, v {});"
_PUT = "INSERT INTO t VALUES (?, ?)"


def _column(path: Path, declared: str, *values: object) -> None:
    """One row for each value, numbered from 1."""
    make(path, _ONE.format(declared), (_PUT, enumerate(values, start=1)))


@_ends(Faithful(3))
def text_in_an_integer_column(path: Path) -> None:
    """A text in an INTEGER column stays the text that it is."""
    _column(path, "INTEGER", 1, "n/a", "12 apples")


@_ends(Faithful(2))
def integers_in_a_text_column(path: Path) -> None:
    """SQLite makes text of a number in a TEXT column, and text it stays."""
    _column(path, "TEXT", 7, "007")


@_ends(Faithful(3))
def numbers_in_a_column_without_a_type(path: Path) -> None:
    """A column without a type holds what it is given: number, text and bytes apart."""
    _column(path, "", 7, "7", b"7")


@_ends(Faithful(2))
def fractions_in_an_integer_column(path: Path) -> None:
    """A fraction in an INTEGER column keeps its digits."""
    _column(path, "INTEGER", 1.5, 0.1)


@_ends(Faithful(4))
def the_borders_of_64_bits(path: Path) -> None:
    """The largest and the smallest integer, and their neighbours, keep every digit."""
    _column(path, "INTEGER", 2**63 - 1, -(2**63), 2**63 - 2, -(2**63) + 1)


@_ends(Faithful(2))
def integers_beyond_64_bits(path: Path) -> None:
    """A number beyond 64 bits is a float, or text where the column is TEXT."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, s TEXT);")
    make(path, "INSERT INTO t VALUES (1, 9223372036854775808, '9223372036854775808'), (2, 1e20, '1' || '0');")


@_ends(Faithful(3))
def minus_zero(path: Path) -> None:
    """Minus zero equals zero, and is stored as it."""
    _column(path, "REAL", -0.0, 0.0, -1e-5)


@_ends(Faithful(4))
def numbers_near_the_ends_of_dynamodb(path: Path) -> None:
    """Numbers of up to 9.99E+125 and down to 1E-130 fit."""
    _column(path, "REAL", 9.99e125, 1e-130, -9.99e125, -1e-130)


@_ends(Rejected(1, {"t": ("id=1", "id=2", "id=3")}, "outside 1E-130 to 9.99E+125"))
def numbers_beyond_the_ends_of_dynamodb(path: Path) -> None:
    """1e308, 1e126 and 1e-131 are doubles that DynamoDB has no number for."""
    _column(path, "REAL", 1e308, 1e126, 1e-131, 1.0)


@_ends(Faithful(2))
def not_a_number(path: Path) -> None:
    """SQLite stores NaN as NULL, so there is nothing to lose."""
    _column(path, "REAL", float("nan"), 1.0)


@_ends(Rejected(1, {"t": ("id=1", "id=2")}, "not a number that DynamoDB can hold"))
def infinities(path: Path) -> None:
    """Neither infinity is a number of DynamoDB."""
    _column(path, "REAL", float("inf"), float("-inf"), 1.0)


@_ends(Faithful(3))
def decimals_of_39_digits(path: Path) -> None:
    """Digits that a double cannot hold survive where the application keeps them as text."""
    _column(path, "TEXT", "1." + "1" * 38, "9" * 39, "0.10")


@_ends(Faithful(3))
def doubles_of_17_digits(path: Path) -> None:
    """A double comes back as the same double."""
    _column(path, "DECIMAL(10, 2)", 0.1 + 0.2, 1 / 3, 12.50)


@_ends(Rejected(1, {"t": ("id=1", "id=2")}, "column v: text that is not valid in the database's encoding"))
def invalid_utf8(path: Path) -> None:
    """Text of bytes that are no UTF-8 has no place in DynamoDB."""
    _column(path, "TEXT", None, None, "fine")
    make(path, "UPDATE t SET v = CAST(x'ff41' AS TEXT) WHERE id = 1; UPDATE t SET v = CAST(x'c3' AS TEXT) WHERE id = 2")


@_ends(Faithful(2))
def embedded_nuls(path: Path) -> None:
    """A NUL in a text is a character like any other."""
    _column(path, "TEXT", "a\x00b", "\x00")


@_ends(
    Rejected(
        1,
        {"t": ("id=1",)},
        "DynamoDB's limit is 409,600",
        says=("1 row of t is too large for an item", "v (up to 420,000 bytes)"),
    ),
    settings='[accept]\n"item-too-large:T" = "known"',
)
def a_blob_over_400_kb(path: Path) -> None:
    """A row of more than 409,600 bytes is no item."""
    _column(path, "BLOB", b"\x00" * 420_000, b"\x01" * 1_000)


@_ends(Faithful(2, says=("t.v", "excluded in migrate.toml")), settings='[tables.t]\nexclude = ["v"]')
def a_blob_over_400_kb_that_is_left_out(path: Path) -> None:
    """Without its large column a row fits, and the plan names what is not migrated."""
    _column(path, "BLOB", b"\x00" * 420_000, b"\x01" * 1_000)


@_ends(
    Refused("plan", 2, ("exclude names id, which the rows are named by",)), settings='[tables.t]\nexclude = ["id", "v"]'
)
def a_key_that_is_left_out(path: Path) -> None:
    """What names the rows cannot be left out."""
    _column(path, "BLOB", b"\x00")


@_ends(Rejected(1, {"t": ("id=1",)}, "DynamoDB's limit is 409,600"), settings='[accept]\n"item-too-large:T" = "known"')
def a_text_over_400_kb_in_bytes_alone(path: Path) -> None:
    """200,000 characters of three bytes each are too many bytes."""
    _column(path, "TEXT", "€" * 200_000, "€" * 100)


@_ends(Faithful(2))
def a_row_just_below_400_kb(path: Path) -> None:
    """What fits is stored."""
    _column(path, "BLOB", b"\x00" * 409_000, b"")


@_ends(Faithful(3))
def empty_blobs_and_texts(path: Path) -> None:
    """Empty bytes, empty text and NULL are three things."""
    make(path, "CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB, s TEXT);")
    make(path, "INSERT INTO t VALUES (1, x'', ''), (2, NULL, ''), (3, x'', NULL);")


@_ends(Faithful(5))
def emoji_and_combining_characters(path: Path) -> None:
    """Text beyond the basic plane, and both ways to write an accent, are kept apart."""
    _column(path, "TEXT", "👩‍👩‍👧", "é", "e\u0301", "\U0010ffff", "\ufeffbom")


@_ends(Faithful(6))
def dates_out_of_range(path: Path) -> None:
    """SQLite's dates are text: zero dates, midnight as 24:00, years beyond 9999 and before Christ stay as written."""
    _column(path, "DATE", "0000-00-00", "2024-02-30", "-0044-03-15", "10000-01-01", "24:00", "")


@_ends(Faithful(4))
def timestamps_with_zones(path: Path) -> None:
    """A zone in SQLite's text is part of the text."""
    _column(path, "TIMESTAMP", "2024-01-01T00:00:00+02:00", "2023-12-31 22:00:00Z", "2024-01-01 00:00", "infinity")


@_ends(Faithful(3))
def dates_as_numbers_and_text(path: Path) -> None:
    """Seconds since 1970, a Julian day and text in one column keep their types."""
    _column(path, "DATETIME", 1_700_000_000, 2460310.5, "2024-01-01")


@_ends(Faithful(6))
def booleans_of_every_spelling(path: Path) -> None:
    """0 and 1 become booleans; 't', 2 and -1 stay what they are."""
    _column(path, "BOOLEAN", 0, 1, "t", 2, -1, "false")


@_ends(Faithful(9))
def json_of_every_kind(path: Path) -> None:
    """Invalid JSON, scalars, NaN, empty names, duplicate names and huge numbers keep all that they say."""
    _column(
        path,
        "JSON",
        "{",
        "7",
        '"text"',
        '{"a": NaN}',
        '{"": 1}',
        '{"a": 1, "a": 2}',
        '{"n": 1e400}',
        '{"n": 123456789012345678901234567890123456789.5}',
        '{"deep": {"list": [1, 2.50, null, true, "x"]}}',
    )


@_ends(Faithful(3))
def json_of_many_levels(path: Path) -> None:
    """Levels beyond the 32 of DynamoDB stay text."""
    _column(path, "JSON", "[" * 32 + "]" * 32, "[" * 40 + "]" * 40, json.dumps({"a": {"b": 1}}))


@_ends(Faithful(2))
def json_as_bytes(path: Path) -> None:
    """Bytes in a JSON column are bytes."""
    _column(path, "JSONB", b'{"a": 1}', '{"a": 1}')


@_ends(
    Faithful(3),
    queries="-- name: session\nSELECT * FROM session WHERE token = :token;",
)
def expired_rows(path: Path) -> None:
    """A row whose time to live is over is loaded as every other."""
    make(
        path,
        "CREATE TABLE session (token TEXT NOT NULL PRIMARY KEY, expires_at INTEGER);"
        "INSERT INTO session VALUES ('old', 1000000000), ('new', 4000000000), ('ever', NULL);",
    )


@_ends(
    Rejected(1, {"session": ("token='a'", "token='b'")}, "not a time that TTL can use"),
    queries="-- name: session\nSELECT * FROM session WHERE token = :token;",
)
def an_expiry_that_is_no_time(path: Path) -> None:
    """A row whose expiry says nothing that TTL understands is rejected, not kept for ever."""
    make(
        path,
        "CREATE TABLE session (token TEXT NOT NULL PRIMARY KEY, expires_at TIMESTAMP);"
        "INSERT INTO session VALUES ('a', 'soon'), ('b', '0000-00-00'), ('c', '2030-01-01 00:00:00');",
    )
