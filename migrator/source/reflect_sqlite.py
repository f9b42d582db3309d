"""What SQLite's own catalogue says of a database: pragmas first, the text of the DDL for what they leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.engine import Connection

from migrator.model.schema import Check, Column, Index, Kind, Schema, Skipped, Table, UniqueKey, View
from migrator.source.ddl import TableText, read_table
from migrator.source.foreign_keys import Reference, settle
from migrator.source.kinds import sqlite_type
from migrator.source.open import Source, stream
from migrator.source.sampling import rowid_name

_SAMPLED_ROWS = 1_000
_TEMPORAL = frozenset({Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP})
_GENERATED = (2, 3)

# Name, unique, origin (c: CREATE INDEX, u: UNIQUE, pk), plain (no condition, no expression), columns.
IndexFacts = tuple[str, int, str, bool, tuple[str, ...]]

_MODULE = re.compile(r"\bUSING\s+[\"`\[]?(\w+)", re.IGNORECASE)
_REASONS = {
    "virtual": "virtual table ({}): it is computed from other tables or lives outside the database",
    "shadow": "shadow table of a virtual table",
    "internal": "SQLite's own bookkeeping",
}


def reflect_sqlite(source: Source) -> Schema:
    """Tables sorted by name; virtual, shadow and internal tables are skipped with a reason."""
    with source.connect() as connection:
        texts = {name: sql or "" for name, sql in stream(connection, "SELECT name, sql FROM sqlite_schema")}
        kinds = dict(_table_kinds(connection))
        names = sorted(name for name, kind in kinds.items() if kind == "table")
        read = {name: read_table(texts.get(name, "")) for name in names}
        tables = [_table(source, connection, name, read[name]) for name in names]
        references = {name: tuple(_references(connection, name, read[name])) for name in names}
        views = tuple(View(name, texts.get(name, "")) for name in sorted(kinds) if kinds[name] == "view")
        triggers = tuple(_triggers(connection))
    settled, dropped = settle(tables, references, fold_case=True)
    return Schema("sqlite", settled, views, _skipped(kinds, texts) + triggers + dropped)


def _table_kinds(connection: Connection) -> Iterator[tuple[str, str]]:
    sql = "SELECT name, type FROM pragma_table_list WHERE schema = 'main'"
    for name, kind in stream(connection, sql):
        if name not in ("sqlite_schema", "sqlite_master"):
            internal = kind == "table" and name.lower().startswith("sqlite_")
            yield name, "internal" if internal else kind


def _skipped(kinds: dict[str, str], texts: dict[str, str]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(name, _REASONS[kinds[name]].format(_module(texts.get(name, ""))))
        for name in sorted(kinds)
        if kinds[name] in _REASONS
    )


def _triggers(connection: Connection) -> Iterator[Skipped]:
    for name, table in stream(connection, "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger' ORDER BY 1"):
        yield Skipped(name, f"trigger on {table}: what it does is the application's to do")


def _module(sql: str) -> str:
    found = _MODULE.search(sql)
    return found.group(1).lower() if found else "unknown module"


def _table(source: Source, connection: Connection, name: str, text: TableText) -> Table:
    facts = list(stream(connection, "SELECT * FROM pragma_table_xinfo(:name) ORDER BY cid", {"name": name}))
    indexes = list(_indexes(connection, name))
    keyed = sorted((fact[5], fact[1]) for fact in facts if fact[5])
    primary_key = tuple(column for _, column in keyed)
    never_null = _never_null(connection, name, primary_key, facts, indexes)
    columns = (_column(fact, text, never_null) for fact in facts)
    table = Table(
        name,
        tuple(_as_stored(source, connection, name, column) for column in columns),
        primary_key,
        uniques=_uniques(indexes, text),
        indexes=tuple(
            Index(i, columns, bool(u)) for i, u, origin, plain, columns in indexes if plain and origin == "c"
        ),
        checks=_checks(text),
    )
    return replace(table, hidden=_rowid(source, connection, table))


def _rowid(source: Source, connection: Connection, table: Table) -> tuple[Column, ...]:
    """What can name the rows where no key does for sure."""
    if table.surely_unique([column.name for column in table.columns]):
        return ()
    name = rowid_name(source, connection, table)
    return () if name is None else (Column(name, "INTEGER", Kind.INTEGER, nullable=False, bits=64),)


def _column(fact: tuple[object, ...], text: TableText, never_null: frozenset[str]) -> Column:
    _, name, declared, not_null, default, _, hidden = fact
    generated = hidden in _GENERATED
    sql_type = re.sub(r"\s*GENERATED ALWAYS$", "", str(declared or ""), flags=re.IGNORECASE) if generated else declared
    facts = sqlite_type(str(sql_type or ""))
    return Column(
        str(name),
        str(sql_type or ""),
        facts.kind,
        nullable=not not_null and name not in never_null,
        length=facts.length,
        precision=facts.precision,
        scale=facts.scale,
        bits=facts.bits,
        unsigned=facts.unsigned,
        collation=text.collation(str(name)),
        generated=generated,
        default=None if default is None else str(default),
    )


def _never_null(
    connection: Connection,
    table: str,
    primary_key: tuple[str, ...],
    facts: list[tuple[object, ...]],
    indexes: Sequence[IndexFacts],
) -> frozenset[str]:
    """Primary key columns that SQLite keeps from being NULL though they do not say NOT NULL: those of STRICT
    and WITHOUT ROWID tables, and the alias of the rowid, which is the only key without an index."""
    sql = "SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = :name"
    without_rowid, strict = next(stream(connection, sql, {"name": table}), (0, 0))
    declared = [str(fact[2]).upper() for fact in facts if fact[1] in primary_key]
    alias = declared == ["INTEGER"] and all(origin != "pk" for _, _, origin, _, _ in indexes)
    return frozenset(primary_key if without_rowid or strict or alias else ())


def _indexes(connection: Connection, table: str) -> Iterator[IndexFacts]:
    """The table's indexes in order of creation."""
    sql = 'SELECT name, "unique", origin, partial FROM pragma_index_list(:name) ORDER BY seq DESC'
    for name, unique, origin, partial in list(stream(connection, sql, {"name": table})):
        inner = "SELECT cid, name FROM pragma_index_xinfo(:name) WHERE key ORDER BY seqno"
        members = list(stream(connection, inner, {"name": name}))
        plain = not partial and all(cid >= 0 for cid, _ in members)
        yield name, unique, origin, plain, tuple(column for _, column in members)


def _plain_indexes(indexes: Sequence[IndexFacts]) -> tuple[Index, ...]:
    return tuple(
        Index(name, columns, bool(unique))
        for name, unique, origin, plain, columns in indexes
        if plain and origin == "c"
    )


def _uniques(indexes: Sequence[IndexFacts], text: TableText) -> tuple[UniqueKey, ...]:
    found: dict[tuple[str, ...], str] = {}
    for name, unique, origin, plain, columns in indexes:
        if unique and plain and origin in "cu":
            given = name if origin == "c" else text.name_of("UNIQUE", columns) or f"uq_{'_'.join(columns)}"
            found.setdefault(columns, given)
    return tuple(UniqueKey(name, columns) for columns, name in found.items())


def _checks(text: TableText) -> tuple[Check, ...]:
    checks = [constraint for constraint in text.constraints if constraint.kind == "CHECK"]
    return tuple(Check(check.name or f"check_{number}", check.sql) for number, check in enumerate(checks, 1))


def _references(connection: Connection, table: str, text: TableText) -> Iterator[Reference]:
    """Foreign keys in order of declaration (the pragma counts backwards)."""
    sql = 'SELECT id, "table", "from", "to", on_delete FROM pragma_foreign_key_list(:name) ORDER BY id DESC, seq'
    grouped: dict[int, list[tuple[str, str, str | None, str]]] = {}
    for number, parent, child_column, parent_column, on_delete in stream(connection, sql, {"name": table}):
        grouped.setdefault(number, []).append((parent, child_column, parent_column, on_delete))
    for pairs in grouped.values():
        columns = tuple(column for _, column, _, _ in pairs)
        referred = tuple(column for _, _, column, _ in pairs if column is not None)
        parent, _, _, on_delete = pairs[0]
        yield Reference(text.name_of("FOREIGN", columns), columns, parent, referred, on_delete)


def _as_stored(source: Source, connection: Connection, table: str, column: Column) -> Column:
    """A date or time column whose sampled values are all numbers is the number that it stores."""
    if column.kind not in _TEMPORAL:
        return column
    stored = _stored_types(source, connection, table, column.name)
    if not stored or not stored <= {"integer", "real"}:
        return column
    if stored == {"integer"}:
        return replace(column, kind=Kind.INTEGER, bits=64)
    return replace(column, kind=Kind.FLOAT)


def _stored_types(source: Source, connection: Connection, table: str, column: str) -> set[str]:
    """SQLite's types of the column's values in the first rows."""
    name = source.quote(column)
    sql = (
        f"SELECT DISTINCT typeof({name}) FROM "  # noqa: S608
        f"(SELECT {name} FROM {source.quote(table)} LIMIT {_SAMPLED_ROWS}) WHERE {name} IS NOT NULL"
    )
    return {row[0] for row in stream(connection, sql)}
