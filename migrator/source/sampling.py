"""Rows spread evenly over a table that is too large to read whole: the same ones every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise

from sqlalchemy.engine import Connection

from migrator.model.schema import Kind, Table
from migrator.source.keyset import EVERYTHING, key_order
from migrator.source.open import Row, Source, first, stream
from migrator.source.relation import relation
from migrator.source.spreading import MODULUS, MULTIPLIER, offset_within, spread_positions

_LEVELS = 8
_PAGES_TO_DRAW = 1000
_ROWID_NAMES = ("rowid", "_rowid_", "oid")

Range = tuple[int, int]
Probe = Callable[[int, int], Row | None]


def sample_table(
    source: Source, connection: Connection, table: Table, columns: Sequence[str], rows: int, wanted: int
) -> Iterator[Row]:
    """At most `wanted` of the table's `rows` rows.

    A SQLite table with a rowid is probed at evenly spread rowids, a server's table at values of the whole number that
    is its primary key; of PostgreSQL's others some pages are read. What is left is stepped through in key order, inside
    the database, which costs about as much as counting it.
    """
    rowid = rowid_name(source, connection, table)
    if rowid is not None:
        return _by_value(source, connection, table, columns, rowid, wanted)
    if source.dialect != "sqlite" and table.joined is None and _numbered(table):
        return _by_value(source, connection, table, columns, source.quote(table.primary_key[0]), wanted)
    if source.dialect == "postgresql" and table.joined is None:
        return _by_page(source, connection, table, columns, rows, wanted)
    if source.dialect != "sqlite" or not table.primary_key:
        return _by_number(source, connection, table, columns, rows, wanted)
    return _by_key(source, connection, table, columns, spread_positions(rows, wanted))


def spread(probe: Probe, low: int, high: int, wanted: int) -> list[Row]:
    """A row of each of `wanted` equal stretches of low..high. Where most stretches are empty, the
    others are divided further, so that a few far-off numbers do not spoil the sample."""
    ranges: list[Range] = [(low, high)]
    found: list[Row] = []
    for _ in range(_LEVELS):
        stretches = enumerate(_divided(ranges, wanted))
        pairs = [(stretch, row) for number, stretch in stretches if (row := _enter(probe, number, stretch))]
        if len(pairs) < len(found):
            break
        found = [row for _, row in pairs]
        ranges = [stretch for stretch, _ in pairs]
        if 2 * len(found) >= wanted or all(start == end for start, end in ranges):
            break
    return found[:wanted]


def _enter(probe: Probe, number: int, stretch: Range) -> Row | None:
    """A row of the stretch: the next one after its point of entry, or else its first."""
    low, high = stretch
    entry = low + offset_within(number, high - low + 1)
    return probe(entry, high) or (probe(low, entry - 1) if entry > low else None)


def _divided(ranges: Sequence[Range], wanted: int) -> Iterator[Range]:
    """The inclusive ranges cut into about `wanted` pieces of equal length each."""
    pieces = max(1, wanted // max(1, len(ranges)))
    for low, high in ranges:
        length = high - low + 1
        cuts = [low + length * number // pieces for number in range(pieces + 1)]
        yield from ((start, end - 1) for start, end in pairwise(cuts) if start < end)


def _by_value(
    source: Source, connection: Connection, table: Table, columns: Sequence[str], key: str, wanted: int
) -> Iterator[Row]:
    """The rows at evenly spread values of a whole number, each found by its index. `key` is SQL: a rowid's own name
    stays unquoted, for quoted a missing name would be a string."""
    name = source.quote(table.name)
    low, high = first(connection, f"SELECT MIN({key}), MAX({key}) FROM {name}") or (None, None)  # noqa: S608
    if low is None or high is None:
        return iter(())
    listed = ", ".join(source.quote(column) for column in columns)
    head = f"SELECT {listed} FROM {name} WHERE {key} BETWEEN"  # noqa: S608
    with _asking(source, connection) as ask:
        return iter(spread(lambda a, b: ask(f"{head} {int(a)} AND {int(b)} ORDER BY {key} LIMIT 1"), low, high, wanted))


@contextmanager
def _asking(source: Source, connection: Connection) -> Iterator[Callable[[str], Row | None]]:
    """Gives a statement's first row. Thousands are asked: in SQLite by one cursor of the driver, which takes a tenth of
    the time."""
    if source.dialect != "sqlite":
        yield lambda sql: first(connection, sql)
        return
    with closing(connection.connection.cursor()) as cursor:

        def ask(sql: str) -> Row | None:
            row: Row | None = cursor.execute(sql).fetchone()
            return row

        yield ask


def _numbered(table: Table) -> bool:
    return len(table.primary_key) == 1 and table.column(table.primary_key[0]).kind is Kind.INTEGER


def _by_page(
    source: Source, connection: Connection, table: Table, columns: Sequence[str], rows: int, wanted: int
) -> Iterator[Row]:
    """Rows that PostgreSQL draws, the same ones as long as the table is the same: whole pages of it, or single rows
    where it has too few pages for a draw of them to be relied on."""
    listed = ", ".join(source.quote(column) for column in columns)
    name = source.quote(table.name)
    percent = min(100.0, 100.0 * wanted / max(rows, 1))
    way = "SYSTEM" if _pages(connection, name) >= _PAGES_TO_DRAW else "BERNOULLI"
    sql = f"SELECT {listed} FROM {name} TABLESAMPLE {way} ({percent:.6f}) REPEATABLE (0)"  # noqa: S608
    return stream(connection, sql)


def _pages(connection: Connection, name: str) -> int:
    """The pages that a table of PostgreSQL has on disk, its partitions included."""
    sql = (
        "SELECT COALESCE(SUM(pg_relation_size(relid)), 0) / current_setting('block_size')::int"
        " FROM pg_partition_tree(to_regclass(%(name)s))"
    )
    found = first(connection, sql, {"name": name})
    return int(found[0]) if found is not None else 0


def _by_key(
    source: Source, connection: Connection, table: Table, columns: Sequence[str], positions: Sequence[int]
) -> Iterator[Row]:
    order = key_order(source, connection, table, table.primary_key, "t")
    width = len(table.primary_key)
    listed = ", ".join(source.quote("t", name) for name in (*table.primary_key, *columns))
    head = f"SELECT {listed} FROM {relation(source, table)} AS t"  # noqa: S608
    row: Row | None = None
    at = -1
    for position in positions:
        start = order.beyond(row[:width], "after") if row is not None else EVERYTHING
        sql = f"{head} WHERE {start.sql} ORDER BY {order.order_by()} LIMIT 1 OFFSET {position - at - 1}"
        row, at = first(connection, sql, start.values), position
        if row is None:
            return
        yield row[width:]


def _by_number(
    source: Source, connection: Connection, table: Table, columns: Sequence[str], rows: int, wanted: int
) -> Iterator[Row]:
    """Rows whose number in the primary key's order hashes low; the first rows of a table without a key."""
    listed = ", ".join(source.quote(column) for column in columns)
    name = f"{relation(source, table)} AS t"
    if not table.primary_key:
        return stream(connection, f"SELECT {listed} FROM {name} LIMIT {wanted}")  # noqa: S608
    key = ", ".join(source.quote(column) for column in table.primary_key)
    number = source.quote("row number")
    hashed = f"MOD({number} * {MULTIPLIER}, {MODULUS})"
    sql = (
        f"SELECT {listed} FROM (SELECT {listed}, ROW_NUMBER() OVER (ORDER BY {key}) AS {number} "  # noqa: S608
        f"FROM {name}) AS numbered WHERE {hashed} < {MODULUS * wanted // max(rows, wanted)} ORDER BY {number}"
    )
    return stream(connection, sql)


def rowid_name(source: Source, connection: Connection, table: Table) -> str | None:
    """A name that reaches the table's rowid; None without one, or when columns hide all its names."""
    if source.dialect != "sqlite" or table.joined is not None:
        return None
    sql = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = :name"
    without_rowid = (first(connection, sql, {"name": table.name}) or (0,))[0]
    taken = {column.name.lower() for column in table.columns}
    return None if without_rowid else next((name for name in _ROWID_NAMES if name not in taken), None)
