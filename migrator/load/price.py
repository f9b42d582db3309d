"""Write units of what the load writes (developer guide: "Read and write operations")."""

from __future__ import annotations

from collections.abc import Callable

from migrator.plan.plan import IndexSettings, Plan
from migrator.plan.sizes import item_size, write_units
from migrator.ports import Item


def units_of_item(plan: Plan, *, transactional: bool = True) -> Callable[[Item, int], int]:
    """The write units of an item of so many bytes: in the table, twice by a transaction, and once in each index that
    holds it."""
    table_keys = plan.table.key_names

    def units(item: Item, size: int) -> int:
        indexed = (
            write_units(_projected(index, table_keys, item, size))
            for index in plan.indexes
            if index.partition_key in item and index.sort_key in item
        )
        return write_units(size, transactional=transactional) + sum(indexed)

    return units


def _projected(index: IndexSettings, table_keys: tuple[str, str], item: Item, size: int) -> int:
    if index.projection == "ALL":
        return size
    names = {*table_keys, index.partition_key, index.sort_key, *index.attributes}
    return item_size({name: item[name] for name in names if name in item})
