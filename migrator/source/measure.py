"""Measures a source's data: sizes, distinct values, skew and fan-outs. Keeps no value of any row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import itemgetter

from sqlalchemy.engine import Connection

from migrator.model.query import Literal
from migrator.model.schema import ForeignKey, Schema, Table
from migrator.model.statistics import FanOut, Statistics, TableStatistics
from migrator.plan.sizes import room_for_values
from migrator.source.estimates import rows_of_table
from migrator.source.fan_out import exact_fan_out, link, sampled_fan_out
from migrator.source.open import Row, Source, stream
from migrator.source.relation import relation
from migrator.source.sampling import sample_table
from migrator.source.tally import RowTally

Asked = Mapping[tuple[str, str], tuple[Literal, ...]]
"""By table and column: literals whose share of the rows is wanted."""

Inline = Mapping[tuple[str, str], int]
"""By table and column: the most bytes of a value that stays on the item."""


def measure(
    source: Source,
    schema: Schema,
    asked: Asked | None = None,
    inline: Inline | None = None,
    *,
    exact_rows: int = 200_000,
    sample_rows: int = 20_000,
    count: bool = False,
) -> Statistics:
    """Exact for tables of at most `exact_rows`; from larger ones an evenly spread sample of about
    `sample_rows` rows, the same every time. A server's larger tables are not counted but estimated by the server,
    unless `count` says so. `inline`: (table, column) of which
    longer values are not kept on the item but pointed to; they count as pointers."""
    literals, pointed = asked or {}, inline or {}
    with source.connect() as connection:
        counts = {
            table.name: rows_of_table(source, connection, table, exact_rows, count=count) for table in schema.tables
        }
        return Statistics(
            tuple(
                _exact(source, connection, schema, table, literals, pointed)
                if counts[table.name] <= exact_rows
                else _sampled(source, connection, schema, table, literals, pointed, counts, sample_rows)
                for table in schema.tables
            )
        )


def _exact(
    source: Source, connection: Connection, schema: Schema, table: Table, asked: Asked, inline: Inline
) -> TableStatistics:
    listed = ", ".join(source.quote(column.name) for column in table.columns)
    sql = f"SELECT {listed} FROM {relation(source, table)} AS t"  # noqa: S608
    tally = _tally(table, stream(connection, sql), inline)
    fan_outs = tuple(
        exact_fan_out(connection, link(source, table, schema.table(key.referred_table), key))
        for key in table.foreign_keys
    )
    return _statistics(table, tally, tally.read, fan_outs, asked, sampled=False)


def _sampled(
    source: Source,
    connection: Connection,
    schema: Schema,
    table: Table,
    asked: Asked,
    inline: Inline,
    counts: Mapping[str, int],
    wanted: int,
) -> TableStatistics:
    columns = [column.name for column in table.columns]
    rows = counts[table.name]
    sample = list(sample_table(source, connection, table, columns, rows, wanted))

    def fan_out(key: ForeignKey) -> FanOut:
        at = [columns.index(name) for name in key.columns]
        pick = itemgetter(*at) if len(at) > 1 else lambda row: (row[at[0]],)
        parents = counts[key.referred_table]
        spelt = link(source, table, schema.table(key.referred_table), key)
        return sampled_fan_out(source, connection, schema, spelt, list(map(pick, sample)), rows, parents)

    fan_outs = tuple(map(fan_out, table.foreign_keys))
    estimated = _statistics(table, _tally(table, sample, inline), rows, fan_outs, asked, sampled=True)
    return _bounded(estimated, table, counts)


def _bounded(estimated: TableStatistics, table: Table, counts: Mapping[str, int]) -> TableStatistics:
    """A column that refers to another table has no more values than that has rows, apart from orphans."""
    most: dict[str, int] = {}
    for key, fan_out in zip(table.foreign_keys, estimated.fan_outs, strict=True):
        if len(key.columns) == 1:
            bound = counts[key.referred_table] + fan_out.orphans
            most[key.columns[0]] = min(bound, most.get(key.columns[0], bound))
    columns = (
        replace(column, distinct=min(column.distinct, most.get(column.name, column.distinct)))
        for column in estimated.columns
    )
    return replace(estimated, columns=tuple(columns))


def _tally(table: Table, rows: Iterable[Row], inline: Inline) -> RowTally:
    most = {column.name: inline.get((table.name, column.name)) for column in table.columns}
    tally = RowTally((column.name for column in table.columns), most)
    tally.add(rows)
    return tally


def _statistics(
    table: Table, tally: RowTally, rows: int, fan_outs: tuple[FanOut, ...], asked: Asked, *, sampled: bool
) -> TableStatistics:
    return TableStatistics(
        table.name,
        rows,
        tally.mean_bytes,
        tally.p99_bytes,
        tally.max_bytes,
        tuple(
            column.statistics(tally.read, rows, asked.get((table.name, column.name), ())) for column in tally.columns
        ),
        fan_outs,
        sampled,
        _estimated(tally.beyond(room_for_values(column.name for column in table.columns)), tally.read, rows),
    )


def _estimated(found: int, read: int, rows: int) -> int:
    """Rows of the whole table, from those found in what was read of it."""
    return -(-found * rows // read) if found else 0
