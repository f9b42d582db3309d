"""Names of somebody's own for everything in a plan's table that migrate.toml can name."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.settings import ChosenNames, IndexNames, Settings, TableOverride

from tests.design.world import World, planned


def renamed(world: World, queries: str) -> World:
    """The same world with every key, index, tag and attribute under another name, words of DynamoDB's expression
    language among them."""
    return planned(world.path, queries, own_names(world))


def own_names(world: World) -> Settings:
    indexes = tuple(
        IndexNames(index.name, f"by-{number}", f"key {number}", f"range#{number}")
        for number, index in enumerate(world.plan.indexes)
    )
    overrides = tuple(
        TableOverride(
            table.name,
            tag=f"tag.{number}",
            attributes=tuple((column.name, f"{column.name} of mine") for column in table.columns[::2]),
        )
        for number, table in enumerate(world.schema.tables)
    )
    names = ChosenNames("key", "range-key", "own kind", "own ttl", indexes)
    return replace(world.settings, names=names, overrides=overrides)
