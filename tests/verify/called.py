"""What migrate.toml can say of a plan's table: names of somebody's own for everything in it, and pinned views."""

from __future__ import annotations

from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.candidates import keyable
from migrator.model.quotas import MAX_INDEXES
from migrator.model.settings import ChosenNames, IndexNames, PinnedView, Settings

from tests.design.world import World, planned


def renamed(world: World, queries: str) -> World:
    """The same world with every key, index, tag and attribute under another name, words of DynamoDB's expression
    language among them, and where indexes are free with one that no query asked for."""
    return planned(world.path, queries, own_names(world))


def own_names(world: World) -> Settings:
    indexes = tuple(
        IndexNames(index.name, f"by-{number}", f"key {number}", f"range#{number}")
        for number, index in enumerate(world.plan.indexes)
    )
    overrides = tuple(
        replace(
            world.settings.override(table.name),
            tag=f"tag.{number}",
            attributes=tuple((column.name, f"{column.name} of mine") for column in table.columns[::2]),
            views=_views(world, table.name) if _may_stand(world, table.name) else (),
        )
        for number, table in enumerate(world.schema.tables)
    )
    names = ChosenNames("key", "range-key", "own kind", "own ttl", indexes)
    return replace(world.settings, names=names, overrides=overrides)


def _may_stand(world: World, table: str) -> bool:
    """Whether indexes are free, and the rows have items of their own."""
    return world.settings.limits.max_indexes == MAX_INDEXES and not world.settings.override(table).embed


def _views(world: World, table: str) -> tuple[PinnedView, ...]:
    columns = (column.name for column in reversed(world.schema.table(table).columns))
    return tuple(PinnedView((name,)) for name in columns if keyable(world.schema, table, Attr((), name)))[:1]
