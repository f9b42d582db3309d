"""References that rows must keep to be loaded: where migrate.toml has orphans rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.model.unit import Ancestor, Unit, UnitShape
from migrator.plan.plan import HeldReference, Plan
from migrator.plan.values import Unstorable


def held_references(schema: Schema, settings: Settings) -> tuple[HeldReference, ...]:
    """Every reference of the tables whose orphans are rejected."""
    return tuple(
        HeldReference(table.name, key.name, key.columns, key.referred_table, key.referred_columns[0])
        for table in schema.tables
        for key in table.foreign_keys
        if settings.override(table.name).orphans == "reject"
    )


def looked_at(plan: Plan, table: str) -> Iterator[Ancestor]:
    """What each row's unit needs to tell whether it keeps its references: a column that is NULL where no row is."""
    return (Ancestor((held.path,), held.referred_column) for held in plan.references_of(table))


def compile_references(plan: Plan, table: str, shape: UnitShape) -> Callable[[Unit], None]:
    """The function that raises Unstorable for a unit that refers to no row. A reference with a NULL in it refers to
    nothing, and is none."""
    first = len(shape.columns)
    places = [
        (
            held,
            [shape.columns.index(name) for name in held.columns],
            first + shape.ancestors.index(Ancestor((held.path,), held.referred_column)),
        )
        for held in plan.references_of(table)
    ]

    def demand(unit: Unit) -> None:
        for held, own, parent in places:
            values = [unit.values[place] for place in own]
            if unit.values[parent] is None and all(value is not None for value in values):
                told = ", ".join(f"{name}={value!r}" for name, value in zip(held.columns, values, strict=True))
                raise Unstorable(f"it refers by {told} to no row of {held.referred_table}")

    return demand
