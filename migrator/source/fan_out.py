"""How many rows refer to one row along a foreign key. A NULL in any of its columns means no reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from migrator.model.schema import ForeignKey, Schema, Table
from migrator.model.statistics import FanOut
from migrator.source.keyset import declared
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


def link(source: Source, table: Table, parent: Table, key: ForeignKey) -> Link:
    # The parent's column stands left, so that its collation decides, as it does for the foreign key itself.
    referred = [declared(source, "p", parent.column(name)) for name in key.referred_columns]
    own = [source.quote("c", name) for name in key.columns]
    return Link(
        key,
        source.quote(table.name),
        source.quote(key.referred_table),
        " AND ".join(f"{up} = {down}" for up, down in zip(referred, own, strict=True)),
        " AND ".join(f"{down} IS NOT NULL" for down in own),
        ", ".join(referred),
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
    missing = sum(count for value, count in seen.items() if not _exists(source, connection, schema, link, value))
    largest = round(max(seen.values()) * scale) if max(seen.values()) > 1 else 1
    orphans = round(missing * scale)
    counts = _counted(source, connection, schema, link, parent_rows)
    if not counts:
        guessed = _summary(link.key.name, _guessed(seen, scale, parent_rows), orphans)
        return replace(guessed, maximum=max(guessed.maximum, largest))
    summary = _summary(link.key.name, [(n, often) for n, often in counts if n], orphans)
    # Few parents may have most children, and escape a sample of parents: the mean goes by all references.
    referred = parent_rows * sum(often for n, often in counts if n) / sum(often for _, often in counts)
    mean = (len(references) * scale - orphans) / referred if referred else summary.mean
    return replace(summary, mean=mean, maximum=max(summary.maximum, largest))


def _counted(
    source: Source, connection: Connection, schema: Schema, link: Link, parent_rows: int
) -> list[tuple[int, int]]:
    """(children, how many of the sampled referred rows have as many); empty without an index to count by."""
    child = next(table for table in schema.tables if source.quote(table.name) == link.child)
    if not _indexed(child, link.key):
        return []
    parent = schema.table(link.key.referred_table)
    columns = link.key.referred_columns
    sampled = sample_table(source, connection, parent, columns, parent_rows, _SAMPLED_PARENTS)
    where = _equals(source, child, "c", link.key.columns)
    sql = f"SELECT COUNT(*) FROM {link.child} AS c WHERE {where}"  # noqa: S608
    found: Counter[int] = Counter()
    for row in list(sampled):
        found[int((first(connection, sql, _values(row)) or (0,))[0])] += 1
    return sorted(found.items())


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


def _exists(source: Source, connection: Connection, schema: Schema, link: Link, value: Row) -> bool:
    where = _equals(source, schema.table(link.key.referred_table), "p", link.key.referred_columns)
    sql = f"SELECT 1 FROM {link.parent} AS p WHERE {where} LIMIT 1"  # noqa: S608
    return first(connection, sql, _values(value)) is not None


def _equals(source: Source, table: Table, alias: str, columns: Sequence[str]) -> str:
    spelt = (declared(source, alias, table.column(name)) for name in columns)
    return " AND ".join(f"{column} = {source.bind(f'v{at}')}" for at, column in enumerate(spelt))


def _values(row: Row) -> dict[str, object]:
    return {f"v{at}": value for at, value in enumerate(row)}


def _summary(name: str, counts: Sequence[tuple[int, int]], orphans: int) -> FanOut:
    referred = sum(often for _, often in counts)
    total = sum(n * often for n, often in counts)
    mean = total / referred if referred else 0.0
    return FanOut(name, mean, nearest_rank(counts, 0.99), max((n for n, _ in counts), default=0), orphans)
