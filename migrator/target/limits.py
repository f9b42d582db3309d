"""What AWS would refuse about a table, found before any request: local engines accept some of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.model.counted import plural
from migrator.model.errors import BlockedError
from migrator.model.quotas import MAX_INDEXES
from migrator.plan.definition import key_names
from migrator.plan.plan import Plan

MAX_INCLUDED = 100
MAX_TAGS = 50
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def demand_legal(plan: Plan) -> None:
    """BlockedError naming everything that DynamoDB's limits forbid (developer guide: "Quotas", "Naming rules")."""
    faults = tuple(_faults(plan))
    if faults:
        raise BlockedError(
            f"DynamoDB would refuse table {plan.table.name!r}: {'; '.join(faults)}",
            "change names or limits in migrate.toml and run `migrate plan` again",
        )


def _faults(plan: Plan) -> Iterator[str]:
    for what, name in [("table", plan.table.name), *(("index", index.name) for index in plan.indexes)]:
        if not NAME.fullmatch(name):
            yield f"{what} name {name!r} is not 3 to 255 of a-z, A-Z, 0-9, '_', '.', '-'"
    for name in key_names(plan):
        if not 1 <= len(name.encode()) <= 255:
            yield f"key attribute name {name!r} is not 1 to 255 bytes"
    if len(plan.indexes) > MAX_INDEXES:
        yield f"{plural(len(plan.indexes), 'index')}; {MAX_INDEXES} are allowed"
    if len({index.name for index in plan.indexes}) < len(plan.indexes):
        yield "two indexes have the same name"
    included = sum(len(index.attributes) for index in plan.indexes if index.projection == "INCLUDE")
    if included > MAX_INCLUDED:
        yield f"{included} attributes are included over all indexes; {MAX_INCLUDED} are allowed"
    if len(plan.table.tags) > MAX_TAGS - 1:
        yield f"{len(plan.table.tags)} tags; {MAX_TAGS} are allowed, one of them migrate's own"
