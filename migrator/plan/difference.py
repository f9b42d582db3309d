"""What one plan has that the plan before it had not: what moves, what it costs, and which data must be rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from migrator.plan.entity import TABLE_SLOT, Attribute, Entity, SlotKeys
from migrator.plan.pattern import PlannedPattern
from migrator.plan.plan import Hazard, IndexSettings, Plan

Named = TypeVar("Named")

SETTINGS = (
    "billing_mode",
    "provisioned",
    "max_on_demand",
    "ttl_attribute",
    "point_in_time_recovery",
    "stream_view_type",
    "deletion_protection",
    "table_class",
    "kms_key",
    "tags",
)
"""What UpdateTable and its kin change on a table that stands."""


class Effort(StrEnum):
    """What a change asks of data that the plan before has loaded, least first."""

    NONE = "nothing"
    SETTING = "a setting of the table"
    INDEX = "an index that DynamoDB fills by itself"
    ITEMS = "its items rewritten"
    TABLE = "a new table"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `subject` is what it is about: "entity ORDER", "index GSI1", "query orders",
    "the table"."""

    subject: str
    what: str
    effort: Effort = Effort.NONE


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs. Dollars a month before and after. `rewritten` are the entities whose items must be written
    anew, `rows` how many source rows they stand for."""

    changes: tuple[Change, ...]
    monthly_before: float
    monthly_after: float
    rewritten: tuple[str, ...]
    rows: int

    @property
    def effort(self) -> Effort:
        """The most that any change asks for."""
        order = list(Effort)
        return max((change.effort for change in self.changes), key=order.index, default=Effort.NONE)


def difference(before: Plan, after: Plan) -> Difference:
    """What `after` has otherwise than `before`. Measured figures that no decision hangs on do not count."""
    changes = (
        *_table(before, after),
        *_indexes(before, after),
        *_entities(before, after),
        *_patterns(before, after),
        *_hazards(before, after),
    )
    touched = [c.subject.removeprefix("entity ") for c in changes if c.effort is Effort.ITEMS]
    rewritten = tuple(e.name for e in after.entities if e.name in touched)
    tables = {e.source_table for e in after.entities if e.name in rewritten}
    rows = sum(table.rows for table in after.source.tables if table.name in tables)
    return Difference(changes, before.cost.monthly_usd, after.cost.monthly_usd, rewritten, rows)


def _table(before: Plan, after: Plan) -> Iterator[Change]:
    if before.table.name != after.table.name:
        yield Change("the table", f"is {after.table.name} now, was {before.table.name}", Effort.TABLE)
    for what, old, new in (
        ("primary key", before.table.key_names, after.table.key_names),
        ("type attribute", (before.type_attribute,), (after.type_attribute,)),
    ):
        if old != new:
            yield Change("the table", f"has the {what} {', '.join(new)} now, had {', '.join(old)}", Effort.TABLE)
    for name in SETTINGS:
        old, new = getattr(before.table, name), getattr(after.table, name)
        if old != new:
            yield Change("the table", f"has {name} {_said(new)} now, had {_said(old)}", Effort.SETTING)


def _said(value: object) -> str:
    return "none" if value is None or value == () else str(value)


def _indexes(before: Plan, after: Plan) -> Iterator[Change]:
    for name, old, new in _paired(before.indexes, after.indexes, lambda index: index.name):
        subject = f"index {name}"
        if old is None and new is not None:
            yield Change(subject, f"is new ({_index(new)})", Effort.INDEX)
        elif new is None:
            yield Change(subject, "is gone", Effort.SETTING)
        elif old != new and old is not None:
            yield Change(subject, f"is {_index(new)} now, was {_index(old)}: made anew", Effort.INDEX)


def _index(index: IndexSettings) -> str:
    included = f" of {', '.join(index.attributes)}" if index.attributes else ""
    return f"{index.partition_key}, {index.sort_key}; {index.projection}{included}"


def _entities(before: Plan, after: Plan) -> Iterator[Change]:
    for name, old, new in _paired(before.entities, after.entities, lambda entity: entity.name):
        subject = f"entity {name}"
        if old is None and new is not None:
            yield Change(subject, f"is new: {new.kind} of {new.source_table}", Effort.ITEMS)
        elif new is None:
            yield Change(subject, "is gone: its items are to be deleted", Effort.ITEMS)
        elif old is not None:
            yield from _entity(subject, old, new)


def _entity(subject: str, old: Entity, new: Entity) -> Iterator[Change]:
    for slot, was, now in _paired(old.keys, new.keys, lambda keys: keys.slot):
        yield from _keys(subject, slot, was, now)
    for name, had, has in _paired(old.attributes, new.attributes, lambda attribute: attribute.name):
        yield from _attribute(subject, name, had, has)
    for what, was_said, is_said in (
        ("rows within its items", [e.name for e in old.embedded], [e.name for e in new.embedded]),
        ("figures", [m.name for m in old.measures], [m.name for m in new.measures]),
        ("unique columns", list(old.guards), list(new.guards)),
        ("expiry", [old.expires] if old.expires else [], [new.expires] if new.expires else []),
    ):
        if was_said != is_said:
            yield Change(
                subject,
                f"has the {what} {', '.join(is_said) or 'none'} now, had {', '.join(was_said) or 'none'}",
                Effort.ITEMS,
            )


def _keys(subject: str, slot: str, was: SlotKeys | None, now: SlotKeys | None) -> Iterator[Change]:
    if was == now:
        return
    where = "in the table" if slot == TABLE_SLOT else f"in {slot}"
    if now is None:
        yield Change(subject, f"stands no more {where}", Effort.ITEMS)
    elif was is None:
        yield Change(subject, f"stands {where} too: {_key(now)}", Effort.ITEMS)
    else:
        yield Change(subject, f"has the key {_key(now)} {where} now, had {_key(was)}", Effort.ITEMS)


def _key(keys: SlotKeys) -> str:
    spread = f" over {keys.shards} shards" if keys.shards else ""
    fewer = " for some rows only" if keys.where or keys.requires else ""
    return f"{keys.partition} | {keys.sort}{spread}{fewer}"


def _attribute(subject: str, name: str, had: Attribute | None, has: Attribute | None) -> Iterator[Change]:
    if has is None:
        yield Change(subject, f"has no attribute {name} any more")
    elif had is None:
        copied = f", a copy of {has.copied_from.table}.{has.copied_from.column}" if has.copied_from else ""
        yield Change(subject, f"has the new attribute {name}{copied}", Effort.ITEMS)
    elif (had.dynamodb_type, had.kind, had.copied_from) != (has.dynamodb_type, has.kind, has.copied_from):
        yield Change(subject, f"has {name} as {has.dynamodb_type} of {has.sql_type}, had {had.sql_type}", Effort.ITEMS)


def _patterns(before: Plan, after: Plan) -> Iterator[Change]:
    for name, old, new in _paired(before.access_patterns, after.access_patterns, lambda pattern: pattern.name):
        subject = f"query {name}"
        if old is None and new is not None:
            yield Change(subject, f"is new: {_verdict(new)}")
        elif new is None:
            yield Change(subject, "is not declared any more")
        elif old is not None:
            yield from _pattern(subject, old, new)


def _pattern(subject: str, old: PlannedPattern, new: PlannedPattern) -> Iterator[Change]:
    if old.sql != new.sql:
        yield Change(subject, "asks something else")
    if old.status != new.status:
        yield Change(subject, f"{_verdict(new)} now, was {old.status}")
    elif old.requests != new.requests:
        yield Change(subject, f"{_verdict(new)} now, was {_verdict(old)}: the application's code changes")
    if (old.rate, old.peak) != (new.rate, new.peak):
        yield Change(subject, f"is asked {new.rate:g}/s (peak {new.peak:g}) now, was {old.rate:g}/s ({old.peak:g})")
    elif round(old.monthly_usd, 2) != round(new.monthly_usd, 2):
        yield Change(subject, f"costs ${new.monthly_usd:,.2f} a month now, was ${old.monthly_usd:,.2f}")


def _verdict(pattern: PlannedPattern) -> str:
    if pattern.status == "refused":
        return f"refused ({pattern.reason})"
    where = dict.fromkeys(f"{r.operation} {r.index or ''}".strip() for r in pattern.requests)
    return f"served by {', '.join(where)}" if where else pattern.status


def _hazards(before: Plan, after: Plan) -> Iterator[Change]:
    for name, old, new in _paired(before.hazards, after.hazards, _hazard_name):
        if old is None and new is not None:
            yield Change(f"hazard {name}", f"is new: {new.message}")
        elif new is None:
            yield Change(f"hazard {name}", "is gone")


def _hazard_name(hazard: Hazard) -> str:
    return hazard.approve_with or f"{hazard.code} of {hazard.entity}"


def _paired(
    before: Iterable[Named], after: Iterable[Named], name: Callable[[Named], str]
) -> Iterator[tuple[str, Named | None, Named | None]]:
    """Both by name: those of `after` in their order, then those that are gone."""
    old: Mapping[str, Named] = {name(one): one for one in before}
    new: Mapping[str, Named] = {name(one): one for one in after}
    for key in (*new, *(key for key in old if key not in new)):
        yield key, old.get(key), new.get(key)
