"""What migrate.toml binds the design to, and what that costs against a free choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.design.design import Design
from migrator.design.pins import spoken_view
from migrator.model.counted import plural
from migrator.model.quotas import MAX_INDEXES
from migrator.model.settings import Settings


def freed(settings: Settings) -> Settings:
    """The settings without what binds the choice of keys, copies and indexes."""
    overrides = tuple(
        replace(one, partition=(), sort=(), views=(), copies=True, embed=None) for one in settings.overrides
    )
    return replace(settings, overrides=overrides, limits=replace(settings.limits, max_indexes=MAX_INDEXES))


def asked(settings: Settings) -> Iterator[str]:
    """What the user binds the design to, in words."""
    for override in settings.overrides:
        if override.pinned is not None:
            yield f"the key of {override.table}, ({', '.join(override.partition)} | {', '.join(override.sort)})"
        for view in override.views:
            yield f"an index of {override.table}, {spoken_view(view)}"
        if not override.copies:
            yield f"no copies on {override.table}"
        if override.embed is not None:
            yield f"rows of {override.table} {'embedded' if override.embed else 'not embedded'}"
    if settings.limits.max_indexes < MAX_INDEXES:
        yield f"at most {plural(settings.limits.max_indexes, 'index')}"


def price_of(demands: tuple[str, ...], made: Design, free: Design) -> str:
    """How much worse the design is than a free one, in words."""
    more = made.objective - free.objective
    refused = sum(read.refusal is not None for read in made.reads) - sum(r.refusal is not None for r in free.reads)
    lost = f" and {refused} more refused queries" if refused else ""
    costs = f"${max(0.0, more):,.2f} a month{lost} against a free choice"
    return f"migrate.toml asks for {'; '.join(demands)}: that costs {costs}"
