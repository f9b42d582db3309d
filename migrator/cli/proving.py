"""What migrate.toml says of the data, proven before a plan is made of it."""

from __future__ import annotations

from migrator.model.counted import plural
from migrator.model.errors import BlockedError
from migrator.model.schema import Kind, Schema
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics
from migrator.model.unit import UnitShape
from migrator.plan.items import expiry_seconds
from migrator.plan.values import Unstorable, to_wire
from migrator.source.open import Source
from migrator.source.snapshot import take_snapshot
from migrator.source.uniqueness import count_repeats

LOOKED_AT = 100
"""Rows, evenly spread, whose expiry is looked at."""
_NO_TIMES = (Kind.BYTES, Kind.BOOLEAN, Kind.UUID, Kind.JSON, Kind.ARRAY, Kind.TIME, Kind.INTERVAL)


def prove_overrides(source: Source, schema: Schema, statistics: Statistics, settings: Settings) -> tuple[str, ...]:
    """What could not be proven, in words. BlockedError for a key that does not tell the rows apart, and for an
    expiry that is no time."""
    told: list[str] = []
    for table in schema.tables:
        override = settings.override(table.name)
        if override.key and not any(set(key) <= set(override.key) for key in table.row_keys()):
            sampled = statistics.table(table.name).sampled
            told += [_unproven(table.name, override.key)] if sampled else []
            if not sampled:
                _demand_key(source, table.name, override.key)
        if override.ttl is not None and override.ttl != "none":
            told += _expiry(source, schema, settings, table.name, override.ttl)
    return tuple(told)


def _unproven(table: str, columns: tuple[str, ...]) -> str:
    return (
        f"that ({', '.join(columns)}) tells the rows of {table} apart is taken from migrate.toml: the table is too "
        "large to count; `apply` stops where two rows share a key"
    )


def _demand_key(source: Source, table: str, columns: tuple[str, ...]) -> None:
    found = count_repeats(source, table, columns)
    why = [f"several rows share {plural(found.values, 'value')} of it"] if found.values else []
    why += [f"NULL stands in it in {plural(found.nulls, 'row')}"] if found.nulls else []
    if why:
        raise BlockedError(
            f"the key of table {table} in migrate.toml, ({', '.join(columns)}), does not name its rows: "
            f"{' and '.join(why)} (counted over all rows)",
            f'name columns that together differ from row to row ([tables."{table}"] key = [...]), or exclude the table',
        )


def _expiry(source: Source, schema: Schema, settings: Settings, name: str, ttl: str) -> list[str]:
    table = schema.table(name)
    column, key = table.column(ttl), settings.override(name).key or next(iter(table.row_keys()), ())
    shape = UnitShape(name, key, (ttl,))
    with take_snapshot(source, None) as rows:
        values = [unit.values[0] for unit in rows.sample(shape, LOOKED_AT) if unit.values[0] is not None]
    odd = sum(not _is_time(column.kind, value, ttl) for value in values)
    if column.kind in _NO_TIMES or (values and odd == len(values)):
        raise BlockedError(
            f"rows of {name} cannot expire by {ttl} ({column.sql_type or 'no declared type'}), as migrate.toml says: "
            + (f"none of {plural(len(values), 'value')} looked at is a time" if odd else "its kind holds no times"),
            f'name a column of dates, of ISO texts or of Unix seconds ([tables."{name}"] ttl = "..."), or "none"',
        )
    told = f"{odd} of {plural(len(values), 'value')} of {name}.{ttl} looked at are no time: `apply` rejects such rows"
    return [told] if odd else []


def _is_time(kind: Kind, value: object, column: str) -> bool:
    try:
        expiry_seconds(to_wire(kind, value) or {}, column)
    except Unstorable:
        return False
    return True
