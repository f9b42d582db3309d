"""Which items an UPDATE or DELETE means: named by their key, or found by a Query first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

from migrator.design.attributes import Attr
from migrator.design.design import TABLE, EntityDesign, KeyPart, Template
from migrator.model.query import Comparison, Literal, NullTest, Predicate, Value
from migrator.model.schema import Table
from migrator.plan.drafts import Desk, Draft, Unwritable, is_null
from migrator.plan.entities import null_partitions
from migrator.plan.plan import KeyPair, Request, SortCondition


@dataclass(frozen=True, slots=True)
class Target:
    """The key of the items, the condition that remains, about how many rows, and the request that found them
    (None: the key names the one row)."""

    key: KeyPair
    condition: str | None
    rows: float
    found_by: int | None = None


def find_target(desk: Desk, draft: Draft, table: Table, predicates: tuple[Predicate, ...]) -> Target:
    """Where the rows of a statement are. Unwritable when nothing leads to them."""
    kept = desk.design.entity(table.name)
    fixed = _fixed(predicates)
    wanted = set(kept.template(TABLE).attrs())
    if wanted <= set(fixed):
        used = [fixed[attr] for attr in wanted]
        condition = desk.conjunction(table, (p for p in predicates if p not in used))
        return Target(desk.requests.base_key(table.name, kept, _values(fixed)), condition, 1.0)
    return _search(desk, draft, table, kept, fixed, predicates)


def _fixed(predicates: tuple[Predicate, ...]) -> dict[Attr, Comparison | NullTest]:
    """The first equality on each column."""
    fixed: dict[Attr, Comparison | NullTest] = {}
    for predicate in predicates:
        match predicate:
            case Comparison(field, "=", _) | NullTest(field, False):
                fixed.setdefault(Attr((), field.column), predicate)
    return fixed


def _values(fixed: Mapping[Attr, Comparison | NullTest]) -> dict[Attr, Value]:
    return {attr: p.value if isinstance(p, Comparison) else Literal(None) for attr, p in fixed.items()}


def _search(
    desk: Desk,
    draft: Draft,
    table: Table,
    kept: EntityDesign,
    fixed: Mapping[Attr, Comparison | NullTest],
    predicates: tuple[Predicate, ...],
) -> Target:
    """The slot that finds the fewest rows by the statement's equalities."""
    values = _values(fixed)
    found: list[tuple[float, str, list[Attr], list[KeyPart]]] = []
    for slot, template in kept.views:
        attrs = [part.attr for part in template.partition]
        if not attrs or not set(attrs) <= set(fixed) or not _holds(desk, table, slot, template, values):
            continue
        begun = list(takewhile(lambda part: part.attr in fixed and not is_null(values[part.attr]), template.sort))
        group = desk.data.group(table.name, [*attrs, *(part.attr for part in begun)])
        if group.maximum <= desk.settings.limits.bounded_items:
            found.append((group.mean, slot, attrs, begun))
    if not found:
        raise Unwritable(
            f"it changes rows of {table.name} that no key or index of the design finds",
            "say an equality that bounds the rows to change, or change them by key",
        )
    rows, slot, attrs, begun = min(found, key=lambda one: (one[0], one[1] != TABLE, one[1]))
    used = [fixed[attr] for attr in (*attrs, *(part.attr for part in begun))]
    rest = tuple(p for p in predicates if p not in used)
    units = max(0.5, rows * desk.data.item_bytes(table.name) / 4096 * 0.5)
    number = draft.read(_finder(desk, table, kept, slot, tuple(begun), values, rest), units)
    draft.notes.append(
        f"the rows are found by a Query first, about {rows:,.0f} of them; each is one write "
        "(up to 100 actions a transaction)"
    )
    return Target(desk.item_key(table, kept, number), desk.conjunction(table, predicates), rows, number)


def _holds(desk: Desk, table: Table, slot: str, template: Template, values: Mapping[Attr, Value]) -> bool:
    """Whether the slot has the items of these values: a sparse index has none where its partition is NULL."""
    null = {part.attr for part in template.partition if is_null(values[part.attr])}
    return slot == TABLE or null <= null_partitions(desk.design, table.name, template)


def _finder(
    desk: Desk,
    table: Table,
    kept: EntityDesign,
    slot: str,
    begun: tuple[KeyPart, ...],
    values: Mapping[Attr, Value],
    rest: tuple[Predicate, ...],
) -> Request:
    return Request(
        "Query",
        (desk.tag(table),),
        index=None if slot == TABLE else slot,
        partition=desk.requests.partition_text(table.name, kept, slot, values),
        sort=SortCondition("begins_with", (desk.requests.sort_text(table.name, slot, begun, values),)),
        filter=tuple(desk.expression(table, predicate) for predicate in rest),
    )
