"""What planning says of columns whose large values are kept in S3."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.query import AccessPattern, Insert, Update, Workload
from migrator.model.settings import Settings
from migrator.plan.naming import Names
from migrator.plan.plan import Hazard, Offload, OffloadedColumn


def planned_offload(settings: Settings) -> Offload | None:
    """Where they go; None when no column is offloaded."""
    columns, bucket = sorted(settings.offloaded()), settings.bucket
    if not columns or bucket is None:
        return None
    prefix = settings.table_name if bucket.prefix is None else bucket.prefix.strip("/")
    named = tuple(OffloadedColumn(table, column) for table, column in columns)
    return Offload(bucket.bucket, prefix, bucket.inline_bytes, named)


def offloaded_columns(workload: Workload, settings: Settings, names: Names) -> Iterator[Hazard]:
    """What the application has to do for each such column, beside what it does with items."""
    offload, prices = planned_offload(settings), settings.prices
    if offload is None:
        return
    for one in offload.columns:
        writers = sorted(pattern.name for pattern in workload.patterns if _sets(pattern, one))
        told = f" ({', '.join(writers)}: the value set is that map then)" if writers else ""
        yield Hazard(
            "offloaded-column",
            names.tags[one.table],
            f"values of {one.table}.{one.column} over {offload.inline_bytes:,} bytes are objects in S3, in bucket "
            f"{offload.bucket} under {offload.prefix}/{one.table}/ and their SHA-256; the item holds a map of bucket, "
            "key, bytes, sha256 and type. The application gets the object after it has read the item, and puts it "
            f"before it writes the item{told}. Objects that no item names any more are its own to delete. S3 asks "
            f"${prices.s3_put_million:g} for a million puts, ${prices.s3_get_million:g} for a million gets and "
            f"${prices.s3_gb_month:g} for a GB-month, which the monthly bill leaves out",
        )


def _sets(pattern: AccessPattern, one: OffloadedColumn) -> bool:
    forms = (statement.form for statement in pattern.statements)
    return any(
        isinstance(form, Insert | Update)
        and form.table == one.table
        and one.column in {*dict(form.assignments), *(form.columns if isinstance(form, Insert) else ())}
        for form in forms
    )
