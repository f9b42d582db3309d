from __future__ import annotations

import sqlite3

import pytest
from migrator.model.schema import Check, ForeignKey, Index, Kind, Schema, Skipped, Table, UniqueKey
from migrator.source.open import Source
from migrator.source.reflect import reflect

from tests.source.conftest import Open


def _table(opened: Open, script: str, name: str = "t") -> Table:
    return reflect(opened(script)).table(name)


def _reason(schema: Schema, name: str) -> str:
    return next(skipped.reason for skipped in schema.skipped if skipped.name == name)


def test_tables_come_sorted_by_name(opened: Open) -> None:
    schema = reflect(opened("CREATE TABLE b(x); CREATE TABLE a(x); CREATE TABLE C(x)"))
    assert [table.name for table in schema.tables] == ["C", "a", "b"]
    assert schema.dialect == "sqlite"


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("INTEGER", Kind.INTEGER),
        ("BIGINT UNSIGNED", Kind.INTEGER),
        ("NVARCHAR(40)", Kind.TEXT),
        ("CLOB", Kind.TEXT),
        ("UUID", Kind.TEXT),
        ("DOUBLE PRECISION", Kind.FLOAT),
        ("REAL", Kind.FLOAT),
        ("NUMERIC", Kind.DECIMAL),
        ("DECIMAL(10, 2)", Kind.DECIMAL),
        ("BOOLEAN", Kind.BOOLEAN),
        ("DATE", Kind.DATE),
        ("DATETIME", Kind.DATETIME),
        ("DATETIME(6)", Kind.DATETIME),
        ("TIMESTAMP WITH TIME ZONE", Kind.TIMESTAMP),
        ("BLOB", Kind.BYTES),
        ("JSON", Kind.JSON),
        ("", Kind.UNKNOWN),
    ],
)
def test_a_declared_type_keeps_its_text_and_its_meaning(opened: Open, declared: str, kind: Kind) -> None:
    column = _table(opened, f"CREATE TABLE t(a {declared})").column("a")
    assert (column.sql_type, column.kind) == (declared, kind)


def test_length_precision_scale_and_bits_are_read(opened: Open) -> None:
    table = _table(opened, "CREATE TABLE t(a INT, b VARCHAR(7), c DECIMAL(10,2), d NUMERIC(5))")
    assert table.column("a").bits == 64
    assert table.column("b").length == 7
    assert (table.column("c").precision, table.column("c").scale) == (10, 2)
    assert (table.column("d").precision, table.column("d").scale) == (5, 0)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("1700000000, NULL", Kind.INTEGER),
        ("1700000000, 2460000.5", Kind.FLOAT),
        ("'2024-01-01', 1700000000", Kind.DATETIME),
        ("NULL", Kind.DATETIME),
    ],
)
def test_a_date_column_that_stores_numbers_is_a_number(opened: Open, values: str, kind: Kind) -> None:
    rows = ", ".join(f"({value})" for value in values.split(", "))
    assert _table(opened, f"CREATE TABLE t(a DATETIME); INSERT INTO t VALUES {rows}").column("a").kind is kind


@pytest.mark.parametrize(
    ("ddl", "nullable"),
    [
        ("CREATE TABLE t(id INTEGER PRIMARY KEY)", False),
        ("CREATE TABLE t(id INTEGER PRIMARY KEY DESC)", True),
        ("CREATE TABLE t(id INT PRIMARY KEY)", True),
        ("CREATE TABLE t(id TEXT PRIMARY KEY)", True),
        ("CREATE TABLE t(id TEXT NOT NULL PRIMARY KEY)", False),
        ("CREATE TABLE t(id TEXT PRIMARY KEY) WITHOUT ROWID", False),
        ("CREATE TABLE t(id INTEGER, PRIMARY KEY(id))", False),
    ],
)
def test_a_primary_key_is_nullable_where_sqlite_lets_it_be(opened: Open, ddl: str, nullable: bool) -> None:
    source = opened(ddl)
    assert reflect(source).table("t").column("id").nullable is nullable


@pytest.mark.parametrize("options", ["", "WITHOUT ROWID", "STRICT"])
@pytest.mark.parametrize("key", ["INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY DESC", "TEXT PRIMARY KEY", "INT UNIQUE"])
def test_what_is_said_of_null_is_what_sqlite_does(opened: Open, key: str, options: str) -> None:
    source = opened(f"CREATE TABLE t(id {key}, v INT{', PRIMARY KEY(v)' if 'UNIQUE' in key else ''}) {options}")
    trial = sqlite3.connect(":memory:")
    trial.execute(f"CREATE TABLE t(id {key}, v INT{', PRIMARY KEY(v)' if 'UNIQUE' in key else ''}) {options}")
    try:
        trial.execute("INSERT INTO t VALUES (NULL, 1)")
        stored_null = trial.execute("SELECT id IS NULL FROM t").fetchone() == (1,)
    except sqlite3.IntegrityError:
        stored_null = False
    assert reflect(source).table("t").column("id").nullable is stored_null


def test_composite_keys_keep_the_order_of_the_key(opened: Open) -> None:
    table = _table(opened, "CREATE TABLE t(a INT, b INT, c INT, PRIMARY KEY(c, a))")
    assert table.primary_key == ("c", "a")


def test_foreign_keys_are_named_once_and_in_order(opened: Open) -> None:
    table = _table(
        opened,
        "CREATE TABLE p(a INT, b INT, PRIMARY KEY(a, b));"
        "CREATE TABLE t(x INT, y INT, boss INTEGER CONSTRAINT its_boss REFERENCES t, id INTEGER PRIMARY KEY,"
        " z INT REFERENCES t(id), CONSTRAINT pair FOREIGN KEY(x, y) REFERENCES P,"
        " FOREIGN KEY(x, y) REFERENCES p(A, B))",
    )
    assert table.foreign_keys == (
        ForeignKey("its_boss", ("boss",), "t", ("id",)),
        ForeignKey("fk_z", ("z",), "t", ("id",)),
        ForeignKey("pair", ("x", "y"), "p", ("a", "b")),
        ForeignKey("pair_2", ("x", "y"), "p", ("a", "b")),
    )


def test_two_foreign_keys_to_one_table_stay_apart(opened: Open) -> None:
    table = _table(
        opened,
        "CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE t(home INT REFERENCES p, away INT REFERENCES p(id))",
    )
    assert [key.name for key in table.foreign_keys] == ["fk_home", "fk_away"]
    assert {key.referred_columns for key in table.foreign_keys} == {("id",)}


PARENTS = (
    "CREATE TABLE p(id INTEGER PRIMARY KEY, plain INT); CREATE VIEW v AS SELECT id FROM p;"
    "CREATE TABLE two(a INT, b INT, PRIMARY KEY(a, b));"
)


@pytest.mark.parametrize("reference", ["gone(id)", "v(id)", "p(absent)", "p(plain)", "two"])
def test_a_foreign_key_that_leads_nowhere_is_dropped_by_name_and_its_table_kept(opened: Open, reference: str) -> None:
    schema = reflect(opened(f"{PARENTS} CREATE TABLE t(a INT REFERENCES {reference})"))
    assert schema.table("t").foreign_keys == ()
    assert [skipped.name for skipped in schema.skipped] == ["t.fk_a"]


def test_a_foreign_key_to_more_than_a_key_still_names_one_row(opened: Open) -> None:
    script = "CREATE TABLE t(a INT, b INT, FOREIGN KEY(a, b) REFERENCES p(id, plain))"
    table = _table(opened, PARENTS + script)
    assert table.foreign_keys == (ForeignKey("fk_a_b", ("a", "b"), "p", ("id", "plain")),)


def test_names_that_need_quoting_come_through(opened: Open) -> None:
    schema = reflect(
        opened(
            'CREATE TABLE "order"("select" INTEGER PRIMARY KEY, [a b] TEXT, `grüße` TEXT UNIQUE, "q""q" INT,'
            ' "a:b%" INT);'
            'CREATE TABLE "tab le"("from" INT REFERENCES "order"("select"));'
        )
    )
    assert [column.name for column in schema.table("order").columns] == ["select", "a b", "grüße", 'q"q', "a:b%"]
    assert schema.table("order").uniques == (UniqueKey("uq_grüße", ("grüße",)),)
    assert schema.table("tab le").foreign_keys == (ForeignKey("fk_from", ("from",), "order", ("select",)),)


def test_strict_types_are_read(opened: Open) -> None:
    table = _table(opened, "CREATE TABLE t(a INT NOT NULL, b ANY, c REAL, d BLOB) STRICT")
    kinds = [column.kind for column in table.columns]
    assert kinds == [Kind.INTEGER, Kind.UNKNOWN, Kind.FLOAT, Kind.BYTES]


def test_generated_columns_are_marked_and_keep_their_type(opened: Open) -> None:
    table = _table(
        opened,
        "CREATE TABLE t(a INT, b INTEGER GENERATED ALWAYS AS (a + 1) VIRTUAL, c TEXT AS (a || 'x') STORED)",
    )
    assert [(c.name, c.sql_type, c.generated) for c in table.columns] == [
        ("a", "INT", False),
        ("b", "INTEGER", True),
        ("c", "TEXT", True),
    ]


def test_uniques_are_constraints_and_plain_unique_indexes(opened: Open) -> None:
    table = _table(
        opened,
        "CREATE TABLE t(a INT, b INT, c INT, d TEXT UNIQUE, CONSTRAINT one_of_each UNIQUE(a, b));"
        "CREATE UNIQUE INDEX by_c ON t(c); CREATE UNIQUE INDEX some_a ON t(a) WHERE b > 0;"
        "CREATE UNIQUE INDEX lower_d ON t(lower(d)); CREATE INDEX by_b ON t(b, c DESC); CREATE INDEX e ON t(a + 1);",
    )
    assert table.uniques == (
        UniqueKey("uq_d", ("d",)),
        UniqueKey("one_of_each", ("a", "b")),
        UniqueKey("by_c", ("c",)),
    )
    assert table.indexes == (Index("by_c", ("c",), True), Index("by_b", ("b", "c")))


def test_checks_are_quoted_from_the_ddl(opened: Open) -> None:
    table = _table(
        opened,
        "CREATE TABLE t(a INT CHECK (a > 0 AND (a < 9)), b TEXT, -- CHECK (no)\n"
        " CONSTRAINT short CHECK(length(b) < 5 /* , */ OR b = 'x, CHECK (y)'))",
    )
    assert table.checks == (
        Check("check_1", "a > 0 AND (a < 9)"),
        Check("short", "length(b) < 5 /* , */ OR b = 'x, CHECK (y)'"),
    )


def test_views_are_named_with_their_sql(opened: Open) -> None:
    schema = reflect(opened("CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t"))
    assert [(view.name, view.sql) for view in schema.views] == [("v", "CREATE VIEW v AS SELECT a FROM t")]


def test_virtual_shadow_and_internal_tables_are_skipped_with_a_reason(opened: Open) -> None:
    try:
        sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE f USING fts5(a)")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no FTS5")
    schema = reflect(
        opened(
            "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t DEFAULT VALUES;"
            "CREATE VIRTUAL TABLE f USING fts5(a)"
        )
    )
    assert [table.name for table in schema.tables] == ["t"]
    assert "fts5" in _reason(schema, "f")
    assert "shadow" in _reason(schema, "f_data")
    assert "SQLite's own" in _reason(schema, "sqlite_sequence")
    assert all(isinstance(skipped, Skipped) and skipped.reason for skipped in schema.skipped)


@pytest.mark.parametrize(
    ("column", "collation"),
    [
        ("a TEXT", None),
        ("a TEXT COLLATE BINARY", None),
        ("a TEXT COLLATE nocase", "NOCASE"),
        ('a VARCHAR(10) NOT NULL DEFAULT (upper("x" COLLATE RTRIM)) COLLATE "NOCASE" UNIQUE', "NOCASE"),
        ("a TEXT CHECK (a COLLATE NOCASE <> 'collate')", None),
        ("a TEXT COLLATE NOCASE COLLATE RTRIM", "RTRIM"),
        ("a TEXT DEFAULT 'COLLATE NOCASE' /* COLLATE RTRIM */", None),
    ],
)
def test_a_columns_collation_is_what_its_index_uses(opened: Open, column: str, collation: str | None) -> None:
    source = opened(f"CREATE TABLE t(z INT, {column.replace(chr(34) + 'x' + chr(34), '1')}); CREATE INDEX i ON t(a)")
    assert reflect(source).table("t").column("a").collation == collation
    with source.connect() as connection:
        used = connection.exec_driver_sql("SELECT coll FROM pragma_index_xinfo('i') WHERE cid = 1").scalar()
    assert (collation or "BINARY") == str(used).upper()


def test_reading_twice_gives_the_same_digest(opened: Open) -> None:
    source = opened("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE)")
    assert reflect(source).digest() == reflect(source).digest()


def test_chinook_is_read_whole(chinook: Source) -> None:
    schema = reflect(chinook)
    assert len(schema.tables) == 11
    assert sum(len(table.foreign_keys) for table in schema.tables) == 11
    assert schema.table("PlaylistTrack").primary_key == ("PlaylistId", "TrackId")
    assert schema.table("Employee").foreign_key("fk_ReportsTo").referred_table == "Employee"
    assert schema.table("Track").column("UnitPrice").kind is Kind.DECIMAL
    assert schema.skipped == ()


def test_a_broken_view_and_an_unknown_module_do_not_stop_reading(opened: Open) -> None:
    schema = reflect(
        opened(
            "CREATE TABLE t(a); CREATE TABLE gone(a); CREATE VIEW v AS SELECT a FROM gone; DROP TABLE gone;"
            "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql)"
            " VALUES ('table', 'm', 'm', 0, 'CREATE VIRTUAL TABLE m USING nosuch(a)');"
        )
    )
    assert [table.name for table in schema.tables] == ["t"]
    assert [view.name for view in schema.views] == ["v"]
    assert "nosuch" in _reason(schema, "m")


def test_what_becomes_of_a_row_whose_parent_is_deleted_is_reflected(opened: Open) -> None:
    ddl = """CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER REFERENCES p ON DELETE CASCADE,
        b INTEGER REFERENCES p ON DELETE SET NULL, d INTEGER REFERENCES p, e INTEGER REFERENCES p ON DELETE NO ACTION);
    """
    keys = _table(opened, ddl, "c").foreign_keys
    assert {key.columns[0]: key.on_delete for key in keys} == {"a": "cascade", "b": "set null", "d": None, "e": None}
