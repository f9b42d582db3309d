"""One moment of the source as a `RowSource`: chunks, units, samples and declared queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import Connection

from migrator.model.paired import paired_table
from migrator.model.schema import Schema
from migrator.model.unit import Chunk, RowValue, Unit, UnitShape
from migrator.source.faults import QueryFailed
from migrator.source.held import with_held
from migrator.source.keyset import Condition, count_groups, key_order, keys_at
from migrator.source.moments import CopiedFile, FileAtRest, Moment
from migrator.source.open import Source, stream, stream_lists
from migrator.source.parents import Living, Orphans, demand_parents, find_orphans
from migrator.source.placeholders import placeholder_names, to_pyformat
from migrator.source.reflect import reflect
from migrator.source.relation import count_rows
from migrator.source.repeats import demand_distinct
from migrator.source.server_moments import ConsistentReads, ExportedSnapshot
from migrator.source.spreading import spread_positions
from migrator.source.statements import OWN, UnitSelect, unit_select
from migrator.source.sums import read_sum
from migrator.source.values import storable

Key = tuple[RowValue, ...]


class Snapshot:
    """A `RowSource`. Safe to use from several threads; each call reads on a connection of its own.

    Values are raw: SQLite's are int, float, str, bytes, None, or `InvalidText`.
    """

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._source = moment.source
        self._schema = reflect(moment.source)

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._moment.close()

    @property
    def source(self) -> Source:
        """The opened database that this moment is read from."""
        return self._moment.source

    @property
    def moment(self) -> Moment:
        """What is read, and by which connections."""
        return self._moment

    @property
    def reused(self) -> bool:
        """The private copy was there already, from an earlier run."""
        return self._moment.reused

    @property
    def locked_seconds(self) -> float | None:
        """How long writers were held up for this moment; None where they were not."""
        return self._moment.locked_seconds if isinstance(self._moment, ConsistentReads) else None

    @property
    def held(self) -> bool:
        """Nobody else can change what is read."""
        return not isinstance(self._moment, FileAtRest)

    @property
    def schema(self) -> Schema:
        """The schema of this moment."""
        return self._schema

    def fingerprint(self) -> str:
        """Equal only for equal contents. SQLite: SHA-256 of its pages; servers: see `moment_names`."""
        return self._moment.fingerprint()

    def demand_distinct(self, keys: Mapping[str, Sequence[str]]) -> None:
        """BlockedError for the first table with two rows of the key that is given for it."""
        with self._moment.connect() as connection:
            demand_distinct(self._source, connection, self._schema, keys)

    def demand_parents(self, living: Living) -> None:
        """BlockedError when rows that live within their parent's items have none."""
        with self._moment.connect() as connection:
            demand_parents(self._source, connection, self._schema, living)

    def orphans(self, keys: Mapping[str, Sequence[str]]) -> tuple[Orphans, ...]:
        """Rows of these tables, named by `keys`, that refer to no row."""
        with self._moment.connect() as connection:
            return find_orphans(self._source, connection, self._schema, keys)

    def count(self, table: str) -> int:
        with self._moment.connect() as connection:
            return count_rows(self._source, connection, self._schema.table(table))

    def chunks(self, shape: UnitShape, rows_per_chunk: int) -> tuple[Chunk, ...]:
        """Stretches of exactly `rows_per_chunk` rows or groups, the last one of at most as many."""
        with self._moment.connect() as connection:
            positions = range(rows_per_chunk - 1, self._units_of(connection, shape) - 1, rows_per_chunk)
            bounds = list(self._keys(connection, shape, positions))
        edges: list[Key | None] = [None, *bounds, None]
        return tuple(Chunk(shape.stream, number, after, until) for number, (after, until) in enumerate(pairwise(edges)))

    @contextmanager
    def units(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
    ) -> Iterator[Iterator[Unit]]:
        """One streaming SELECT, in key order; memory does not grow with the rows."""
        with self._reading(shape, chunk, after) as reading:
            if reading is None:
                yield iter(())
                return
            connection, statement = reading
            rows = stream(connection, statement.sql, statement.values)
            try:
                yield _groups(shape, self._units(shape, rows))
            finally:
                rows.close()

    @contextmanager
    def rows(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
    ) -> Iterator[Iterator[list[tuple[RowValue, ...]]]]:
        """The same as bare tuples in lists."""
        if shape.gathered:
            with self.units(shape, chunk, after) as units:
                yield ([unit.values] for unit in units)
            return
        with self._reading(shape, chunk, after) as reading:
            if reading is None:
                yield iter(())
                return
            connection, statement = reading
            rows = stream_lists(connection, statement.sql, statement.values)
            try:
                yield rows
            finally:
                rows.close()

    @contextmanager
    def _reading(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None
    ) -> Iterator[tuple[Connection, Condition] | None]:
        """A connection, and the statement for what of the chunk comes behind `after`; None for nothing."""
        start = chunk.after if after is None else after
        if start is not None and not shape.key:
            yield None
            return
        with self._moment.connect() as connection:
            select = self._select(connection, shape)
            conditions = [select.order.beyond(start, "after")] if start is not None else []
            if chunk.until is not None:
                conditions.append(select.order.within(chunk.until, "until"))
            yield connection, select.where(conditions)

    def find(self, shape: UnitShape, keys: Sequence[Sequence[RowValue]]) -> tuple[Unit, ...]:
        """One SELECT for each key."""
        with self._moment.connect() as connection:
            select = self._select(connection, shape)
            wanted = ([select.order.equal(key, "key")] if shape.key else [] for key in keys)
            return tuple(unit for where in wanted for unit in self._read(connection, shape, select.where(where)))

    def sample(self, shape: UnitShape, rows: int) -> tuple[Unit, ...]:
        """Units at evenly spread positions of the key order: one of each of `rows` equal stretches."""
        with self._moment.connect() as connection:
            select = self._select(connection, shape)
            if not shape.key:
                return tuple(self._read(connection, shape, select.where([])))[:rows]
            positions = spread_positions(self._units_of(connection, shape), rows)
            found: list[Unit] = []
            for key in self._keys(connection, shape, positions):
                found.extend(self._read(connection, shape, select.where([select.order.equal(key, "key")])))
            return tuple(found[:rows])

    def holding(
        self, shape: UnitShape, columns: Sequence[str], values: Sequence[RowValue], most: int
    ) -> tuple[Unit, ...]:
        """At most `most` units, in key order, whose own `columns` hold these values."""
        with self._moment.connect() as connection:
            held = key_order(self._source, connection, self._schema.table(shape.table), columns, OWN)
            found = self._select(connection, shape).where([held.equal(values, "held")])
            if shape.holds is None:
                found = Condition(f"{found.sql} LIMIT {int(most)}", found.values)
            return tuple(self._read(connection, shape, found))[:most]

    def run(self, sql: str, parameters: Mapping[str, RowValue]) -> tuple[tuple[str, ...], list[tuple[RowValue, ...]]]:
        """Runs a declared SELECT. QueryFailed when the source refuses it or a parameter has no value."""
        needed = placeholder_names(sql, self._source.dialect)
        if missing := sorted(needed - set(parameters)):
            raise QueryFailed(f"The query has no value for :{', :'.join(missing)}", "Give every parameter a value.")
        given = {name: parameters[name] for name in sorted(needed)}
        with self._moment.connect() as connection:
            if self._source.dialect == "sqlite":
                return _run_native(connection, sql, given)
            result = connection.exec_driver_sql(to_pyformat(sql, self._source.dialect), given)
            return tuple(result.keys()), [tuple(row) for row in result]

    def _select(self, connection: Connection, shape: UnitShape) -> UnitSelect:
        schema = self._known(shape)
        order = key_order(self._source, connection, schema.table(shape.table), shape.key, OWN)
        return unit_select(self._source, schema, shape, order)

    def _known(self, shape: UnitShape) -> Schema:
        """The schema, with the pairs of a join that is stored as a table."""
        if shape.joined is None:
            return self._schema
        return self._schema.adding(paired_table(self._schema, shape.table, shape.joined))

    def _units_of(self, connection: Connection, shape: UnitShape) -> int:
        if shape.gathered and not shape.key:
            return 1
        if shape.gathered:
            return count_groups(self._source, connection, self._known(shape).table(shape.table), shape.key)
        return count_rows(self._source, connection, self._known(shape).table(shape.table))

    def _keys(self, connection: Connection, shape: UnitShape, positions: Sequence[int]) -> Iterator[Key]:
        table = self._known(shape).table(shape.table)
        return keys_at(self._source, connection, table, shape.key, positions, bool(shape.gathered))

    def _maker(self, shape: UnitShape) -> Callable[[Key], Unit]:
        """From a row of the statement to its unit: SQLite's sums come as text."""
        sums = {len(shape.columns) + at for at, measure in enumerate(shape.gathered) if measure.function == "sum"}
        if self._source.dialect != "sqlite" or not sums:
            return Unit
        return lambda row: Unit(tuple(read_sum(value) if at in sums else value for at, value in enumerate(row)))

    def _read(self, connection: Connection, shape: UnitShape, statement: Condition) -> Iterator[Unit]:
        return _groups(shape, self._units(shape, stream(connection, statement.sql, statement.values)))

    def _units(self, shape: UnitShape, rows: Iterator[Key]) -> Iterator[Unit]:
        if shape.holds is None:
            return map(self._maker(shape), rows)
        return with_held(shape, rows)


def _groups(shape: UnitShape, units: Iterator[Unit]) -> Iterator[Unit]:
    """A table without rows has no group, and SQL gives one all the same where nothing groups them."""
    return units if shape.key else (unit for unit in units if unit.values[len(shape.columns)])


def take_snapshot(source: Source, copy: Path | None, brief_lock: bool = False) -> Snapshot:
    """One moment of the source; close it when done. SQLite with `copy`: a private copy at that path, reused
    when it exists; without: the file itself, which nobody must write meanwhile. Servers: transactions that see one
    moment; with `brief_lock` MySQL and MariaDB hold writers up while several begin."""
    moment = _moment(source, copy, brief_lock)
    try:
        return Snapshot(moment)
    except BaseException:
        moment.close()
        raise


def _moment(source: Source, copy: Path | None, brief_lock: bool) -> Moment:
    if source.dialect == "postgresql":
        return ExportedSnapshot(source)
    if source.dialect == "mysql":
        return ConsistentReads(source, brief_lock)
    return FileAtRest(source) if copy is None else CopiedFile(source, copy)


def _run_native(
    connection: Connection, sql: str, parameters: Mapping[str, RowValue]
) -> tuple[tuple[str, ...], list[tuple[RowValue, ...]]]:
    """On SQLite's own cursor: the names of columns come back as the statement says them, dots and all."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, {name: storable(value) for name, value in parameters.items()})
        return tuple(column[0] for column in cursor.description or ()), list(cursor.fetchall())
    finally:
        cursor.close()
