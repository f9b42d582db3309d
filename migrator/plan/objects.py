"""Rows to the objects that their items point to: a pure function of the plan and a unit, as items are."""

from __future__ import annotations

from collections.abc import Callable

from migrator.model.unit import Unit
from migrator.plan.items import attribute_place, unit_shape
from migrator.plan.offload import StoredObject, offloaded, owner, stored_object
from migrator.plan.plan import Plan
from migrator.plan.values import to_wire

Objects = Callable[[Unit], tuple[StoredObject, ...]]


def compile_objects(plan: Plan, table: str) -> Objects | None:
    """The function from a unit to the objects that its items point to, each once; None where there never are any. For
    units that `compile_footprint` takes."""
    shape, offload = unit_shape(plan, table), plan.offload
    found = {
        (owner(entity, attribute), attribute_place(attribute, shape), attribute.kind)
        for entity in plan.entities_of(table)
        if entity.kind != "embedded"
        for attribute in offloaded(plan, entity)
    }
    if not found or offload is None:
        return None
    places = sorted(found)

    def objects(unit: Unit) -> tuple[StoredObject, ...]:
        made: dict[str, StoredObject] = {}
        for home, place, kind in places:
            wire = to_wire(kind, unit.values[place])
            one = stored_object(offload, home, wire) if wire is not None else None
            if one is not None:
                made[one.key] = one
        return tuple(made.values())

    return objects
