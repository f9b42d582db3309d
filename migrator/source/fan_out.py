"""How many rows refer to one row along a foreign key. A NULL in any of its columns means no reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from migrator.model.schema import ForeignKey, Schema, Table
from migrator.model.statistics import FanOut
from migrator.source.open import Row, Source, first, stream
from migrator.source.sampling import sample_table
from migrator.source.sizes import nearest_rank

_SAMPLED_PARENTS = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key spelt in SQL: `c` is the owning table, `p` the referred one."""

    key: ForeignKey
    child: str
    parent: str
    on: str
    present: str
    referred: str


def link(source: Source, table: Table, key: ForeignKey) -> Link:
    # The parent's column stands left, so that its collation decides, as it does for the foreign key itself.
    pairs = list(zip(key.referred_columns, key.columns, strict=True))
    return Link(
        key,
        source.quote(table.name),
        source.quote(key.referred_table),
        " AND ".join(f"{source.quote('p', up)} = {source.quote('c', down)}" for up, down in pairs),
        " AND ".join(f"{source.quote('c', down)} IS NOT NULL" for _, down in pairs),
        ", ".join(source.quote("p", up) for up, _ in pairs),
    )


def exact_fan_out(connection: Connection, link: Link) -> FanOut:
    """Counts every reference."""
    sql = (
        f"SELECT n, COUNT(*) FROM (SELECT COUNT(*) AS n FROM {link.child} AS c "  # noqa: S608
        f"JOIN {link.parent} AS p ON {link.on} GROUP BY {link.referred}) AS g GROUP BY n ORDER BY n"
    )
    counts = [(int(n), int(often)) for n, often in stream(connection, sql)]
    present = f"SELECT COUNT(*) FROM {link.child} AS c WHERE {link.present}"  # noqa: S608
    references = int((first(connection, present) or (0,))[0])
    return _summary(link.key.name, counts, references - sum(n * often for n, often in counts))


def sampled_fan_out(
    source: Source,
    connection: Connection,
    schema: Schema,
    link: Link,
    children: Sequence[Row],
    rows: int,
    parent_rows: int,
) -> FanOut:
    """An estimate from `children`, the foreign key's values in sampled rows of a table of `rows`. Where an
    index serves it, children of evenly spread referred rows are counted too."""
    references = [row for row in children if None not in row]
    if not references:
        return FanOut(link.key.name, 0.0, 0, 0)
    scale = rows / len(children)
    seen = Counter(references)
    missing = sum(count for value, count in seen.items() if not _exists(source, connection, link, value))
    largest = round(max(seen.values()) * scale) if max(seen.values()) > 1 else 1
    counts = _counted(source, connection, schema, link, parent_rows) or _guessed(seen, scale, parent_rows)
    summary = _summary(link.key.name, counts, round(missing * scale))
    return FanOut(summary.foreign_key, summary.mean, summary.p99, max(summary.maximum, largest), summary.orphans)


def _counted(
    source: Source, connection: Connection, schema: Schema, link: Link, parent_rows: int
) -> list[tuple[int, int]]:
    """(children, how many referred rows have as many), from a sample; empty without an index to count by."""
    child = next(table for table in schema.tables if source.quote(table.name) == link.child)
    if not _indexed(child, link.key):
        return []
    parent = schema.table(link.key.referred_table)
    columns = link.key.referred_columns
    sampled = sample_table(source, connection, parent, columns, parent_rows, _SAMPLED_PARENTS)
    where = _equals(source, "c", link.key.columns)
    sql = f"SELECT COUNT(*) FROM {link.child} AS c WHERE {where}"  # noqa: S608
    found: Counter[int] = Counter()
    for row in list(sampled):
        found[int((first(connection, sql, _values(row)) or (0,))[0])] += 1
    return sorted((n, often) for n, often in found.items() if n)


def _indexed(table: Table, key: ForeignKey) -> bool:
    """The foreign key's columns lead an index, a unique key or the primary key."""
    leading = [index.columns for index in table.indexes] + [unique.columns for unique in table.uniques]
    width = len(key.columns)
    return any(set(columns[:width]) == set(key.columns) for columns in (*leading, table.primary_key))


def _guessed(seen: Counter[Row], scale: float, parent_rows: int) -> list[tuple[int, int]]:
    """Without an index: sampled counts scaled up, with no fewer rows to a parent than the parents can take."""
    least = max(1, round(sum(seen.values()) * scale / max(1, parent_rows)))
    counts = Counter(max(least, round(count * scale) if count > 1 else least) for count in seen.values())
    return sorted(counts.items())


def _exists(source: Source, connection: Connection, link: Link, value: Row) -> bool:
    where = _equals(source, "p", link.key.referred_columns)
    sql = f"SELECT 1 FROM {link.parent} AS p WHERE {where} LIMIT 1"  # noqa: S608
    return first(connection, sql, _values(value)) is not None


def _equals(source: Source, alias: str, columns: Sequence[str]) -> str:
    return " AND ".join(f"{source.quote(alias, name)} = {source.bind(f'v{at}')}" for at, name in enumerate(columns))


def _values(row: Row) -> dict[str, object]:
    return {f"v{at}": value for at, value in enumerate(row)}


def _summary(name: str, counts: Sequence[tuple[int, int]], orphans: int) -> FanOut:
    referred = sum(often for _, often in counts)
    total = sum(n * often for n, often in counts)
    mean = total / referred if referred else 0.0
    return FanOut(name, mean, nearest_rank(counts, 0.99), max((n for n, _ in counts), default=0), orphans)
