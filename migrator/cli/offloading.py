"""Which columns may be kept in S3: those that no key, reference or lifetime needs, and that hold text or bytes."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.errors import UsageError
from migrator.model.schema import Kind, Schema, Table
from migrator.model.settings import TableOverride

KINDS = (Kind.TEXT, Kind.BYTES, Kind.UNKNOWN)


def demand_offloadable(schema: Schema, override: TableOverride, has_bucket: bool, where: str) -> None:
    """UsageError for a column that must stand on the item, and where no bucket is named."""
    said = f'{where}: [tables."{override.table}"] offload'
    if not has_bucket:
        raise UsageError(f"{said} needs a bucket", 'name it: [offload] bucket = "..."')
    table, needed = schema.table(override.table), dict(_needed(schema, override))
    for name in override.offload:
        if name in needed:
            raise UsageError(
                f"{said} names {name}, which {needed[name]}: it must stand on the item", "offload another column"
            )
        if table.column(name).kind not in KINDS:
            raise UsageError(
                f"{said} names {name}, which holds {table.column(name).kind.value} values; only text and bytes are "
                "offloaded",
                "offload another column, or leave this one out (exclude)",
            )
    if override.embed:
        raise UsageError(
            f"{said} and embed = true do not go together: values within a map are not offloaded", "take one of them out"
        )


def _needed(schema: Schema, override: TableOverride) -> Iterator[tuple[str, str]]:
    """Columns that cannot leave their item, each with why."""
    table = schema.table(override.table)
    for unique in table.uniques:
        yield from ((name, "is part of a unique key") for name in unique.columns)
    yield from ((name, "refers to another table") for key in table.foreign_keys for name in key.columns)
    yield from ((name, "is referred to") for name in _referred(schema, table))
    pinned = (*(override.pinned or ()), *(c for view in override.views for c in (*view.partition, *view.sort)))
    yield from ((name, "is part of a pinned key") for name in pinned)
    yield from ((name, "names the rows") for name in (*override.key, *next(table.row_keys(), ())))
    if override.ttl is not None:
        yield override.ttl, "says when a row expires"
    yield from ((name, "is left out as well") for name in override.left_out)


def _referred(schema: Schema, table: Table) -> Iterator[str]:
    for other in schema.tables:
        for key in other.foreign_keys:
            if key.referred_table == table.name:
                yield from key.referred_columns
