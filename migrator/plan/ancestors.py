"""Columns of the rows that a row refers to, which its item carries: read first, one reference after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr, table_at
from migrator.design.design import TABLE
from migrator.model.schema import ForeignKey, Table
from migrator.plan.action import Operand
from migrator.plan.drafts import NULL, Desk, Draft, Getter, Unwritable, is_null
from migrator.plan.guards import guard_get
from migrator.plan.plan import Request


@dataclass(frozen=True, slots=True)
class Anew:
    """A row whose copies are written anew: the request that reads it, about how many rows that gives at most, and its
    columns that the same call changes."""

    number: int | None = None
    most: float = 1.0
    changed: frozenset[str] = frozenset()


def copied_values(
    desk: Desk, draft: Draft, table: Table, copies: Iterable[Attr], own: Getter, anew: Anew | None = None
) -> Mapping[Attr, Operand]:
    """What the copies hold on the item of a row whose own columns `own` knows; what it refers to is read only where
    the row is there. Unwritable when the row referred to cannot be read by its key, or may be changed by the call."""
    wanted = tuple(sorted(copies))
    climb = _Climb(desk, draft, table, wanted, anew or Anew(), {(): own})
    found: dict[Attr, Operand] = {}
    for attr in wanted:
        found[attr] = climb.level(attr.path)(attr.column)
        draft.note(f"{attr.column} of {' / '.join(attr.path)} is read first, to be copied onto the item")
    return found


def meets_itself(desk: Desk, table: Table, copies: Iterable[Attr], changed: Iterable[str]) -> bool:
    """Whether the way to a row's copies may lead over a column of the row itself that is changed with them."""
    wanted, names = tuple(copies), frozenset(changed)
    paths = {attr.path[:cut] for attr in wanted for cut in range(1, len(attr.path) + 1)}
    return any(_leads_to_changed(desk, table, path, wanted, names) for path in paths)


def _leads_to_changed(
    desk: Desk, table: Table, path: tuple[str, ...], copies: Iterable[Attr], changed: frozenset[str]
) -> bool:
    """Whether a changed column is read of the row at the end of a path, should that be the changed row."""
    if table_at(desk.schema, table.name, path) != table.name:
        return False
    read = {attr.column for attr in copies if attr.path == path}
    onward = {attr.path[len(path)] for attr in copies if attr.path[: len(path)] == path != attr.path}
    read |= {column for name in onward for column in table.foreign_key(name).columns}
    return bool(read & changed)


@dataclass(frozen=True, slots=True)
class _Climb:
    """The way from a row to the rows that its copies come from; what is known of each by its path."""

    desk: Desk
    draft: Draft
    table: Table
    copies: tuple[Attr, ...]
    anew: Anew
    levels: dict[tuple[str, ...], Getter] = field(default_factory=dict)

    def level(self, path: tuple[str, ...]) -> Getter:
        if path not in self.levels:
            below = self.level(path[:-1])
            child = self.desk.schema.table(table_at(self.desk.schema, self.table.name, path[:-1]))
            key = child.foreign_key(path[-1])
            self.levels[path] = self._ascend(key, below, self._expected(path))
        return self.levels[path]

    def _expected(self, path: tuple[str, ...]) -> str:
        """What the read of a row that is referred to must give: where it would find the row that is changed, it would
        find it as it was."""
        if not _leads_to_changed(self.desk, self.table, path, self.copies, self.anew.changed):
            return "some"
        if self.anew.most > 1 or self.anew.number is None:
            raise Unwritable(
                f"it changes several rows of {self.table.name}, which carry columns of each other that it changes too",
                "change the rows one by one, by key",
            )
        self.draft.note(
            f"where the row of {self.table.name} refers to itself (by {' / '.join(path)}), nothing is written: what it "
            "carries of itself would be read as it was before"
        )
        return "some other"

    def _ascend(self, key: ForeignKey, below: Getter, expect: str) -> Getter:
        """The columns of the row that a foreign key leads to."""
        desk, draft = self.desk, self.draft
        parent = desk.schema.table(key.referred_table)
        values = {Attr((), there): below(here) for here, there in zip(key.columns, key.referred_columns, strict=True)}
        if any(map(is_null, values.values())):
            return lambda column: NULL
        if desk.base_columns(parent) <= set(key.referred_columns):
            pair = desk.row_key(parent, values)
            if pair in draft.puts:
                made = draft.puts[pair]
                return lambda column: made.get(Attr((), column), NULL)
            _demand_unwritten(draft, parent)
            return desk.on_item(parent, draft.read(self._following(desk.get(parent, pair, expect)), 1.0))
        _demand_unwritten(draft, parent)
        number = self._through_guard(parent, key, lambda column: values[Attr((), column)], expect)
        return desk.on_item(parent, number)

    def _through_guard(self, parent: Table, key: ForeignKey, getter: Getter, expect: str) -> int:
        desk, draft = self.desk, self.draft
        kept = desk.kept(parent)
        columns = next((guard for guard in kept.guards if set(guard) <= set(key.referred_columns)), None)
        if columns is None:
            raise Unwritable(
                f"it copies columns of {parent.name}, whose row ({', '.join(key.referred_columns)}) does not name by "
                "key",
                f"refer to {', '.join(sorted(a.column for a in kept.template(TABLE).attrs()))} of {parent.name}",
            )
        pair = desk.guard_of(parent, columns, getter)
        held = replace(guard_get(desk, parent, columns, pair), expect="some")
        number = draft.read(self._following(held), 1.0)
        return draft.read(desk.get(parent, desk.item_key(parent, number), expect), 1.0)

    def _following(self, request: Request) -> Request:
        number = self.anew.number
        return request if number is None else replace(request, after=tuple(sorted({*request.after, number})))


def _demand_unwritten(draft: Draft, parent: Table) -> None:
    if parent.name in draft.written:
        raise Unwritable(
            f"it copies columns of {parent.name}, which an earlier statement of the pattern writes",
            "declare the statements apart: the second reads what the first wrote",
        )
