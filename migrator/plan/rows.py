"""Rows as a change leaves them: their attributes, index keys, guards and time to live, all in one update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.model.query import Change, Now, Value
from migrator.model.schema import NUMBERS, Kind, Table
from migrator.plan import counters, guards, pairs
from migrator.plan.action import THERE, Action, Assignment, ItemValue, Operand
from migrator.plan.ancestors import Anew, copied_values, meets_itself
from migrator.plan.drafts import NULL, Desk, Draft, Due, Getter, Unwritable, is_null
from migrator.plan.edges import attributes, change_edges, moves, touched
from migrator.plan.entries import changed_entries
from migrator.plan.targets import Target, read_first, sayable

Assigned = Mapping[str, Value | Change | Now]
Copied = Mapping[Attr, Assignment]
_HOW = {"+": "add", "-": "subtract", "||": "join"}


class RowChange:
    """One change of the rows of a target. `assigned` are the table's own columns, `copied` copies whose origin
    changes; `watched`: columns that others carry as copies, whose new value the program must know."""

    def __init__(
        self,
        desk: Desk,
        draft: Draft,
        table: Table,
        target: Target,
        assigned: Assigned,
        copied: Copied | None = None,
        watched: frozenset[str] = frozenset(),
    ) -> None:
        self._desk, self._draft, self._table = desk, draft, table
        self._assigned, self._copied = assigned, dict(copied or {})
        self._recopied = self._followed()
        self._changed = {*(Attr((), column) for column in assigned), *self._recopied, *self._copied}
        self.moved = tuple(s for s in desk.indexes(table) if self._changed & set(desk.kept(table).template(s).attrs()))
        self._guards = guards.touched(desk, table, assigned)
        self._counted = counters.touched(desk, table, assigned) | pairs.touched(desk, table, assigned)
        self._known = self._demanded(watched)
        if self._must_read(target, watched):
            target = read_first(desk, draft, table, target, "some" if draft.several else None)
        self.target = target
        self.columns = {column: self._assignment(column, value) for column, value in assigned.items()}

    def _followed(self) -> tuple[Attr, ...]:
        """Copies to be written anew because the reference that they follow changes."""
        changed = {key.name for key in self._table.foreign_keys if set(key.columns) & set(self._assigned)}
        return tuple(attr for attr in self._desk.kept(self._table).copies if attr.path[0] in changed)

    def _demanded(self, watched: frozenset[str]) -> set[str]:
        """Columns whose new value the program must know before it writes."""
        keyed = {attr.column for slot in self.moved for attr in self._desk.kept(self._table).template(slot).attrs()}
        held = {column for columns in self._guards for column in guards.carried(self._desk, self._table, columns)}
        expires = self._desk.kept(self._table).expires
        nullable = {name for name in self._assigned if self._table.column(name).nullable}
        if moves(self._desk, self._table, self._changed):
            return set(self._assigned)
        return keyed | held | watched | nullable | self._counted | ({expires} if expires else set())

    def _must_read(self, target: Target, watched: frozenset[str]) -> bool:
        changes = {name: value for name, value in self._assigned.items() if isinstance(value, Change)}
        computed = any(name in self._known or value.operator == "||" for name, value in changes.items())
        whole = all(
            set(self._table.foreign_key(attr.path[0]).columns) <= set(self._assigned) for attr in self._recopied
        )
        slots = (slot for slot, _ in self._desk.kept(self._table).edges)
        edges = any(touched(self._desk, self._table, slot, self._changed) for slot in slots)
        quiet = not (edges or self.moved or self._guards or self._counted or watched or computed) and whole
        quiet = quiet and not meets_itself(self._desk, self._table, self._recopied, self._assigned)
        return target.each is None and not (quiet and sayable(self._table, target.where))

    def _assignment(self, column: str, value: Value | Change | Now) -> Assignment:
        name, needed = self._desk.name(self._table, column), not self._table.column(column).nullable
        if isinstance(value, Now):
            return Assignment(name, "set", self._draft.clock())
        if not isinstance(value, Change):
            if not needed and not is_null(value):
                self._draft.note(f"where the new {column} is NULL: REMOVE {name}, in place of SET")
            return Assignment(name, "set", value, demanded=needed)
        self._check(column, value)
        of = None
        if self.target.each is not None and (column in self._known or value.operator == "||"):
            of = ItemValue(self.target.each, name)
        return Assignment(name, _HOW[value.operator], value.value, of=of, demanded=needed)

    def _check(self, column: str, value: Change) -> None:
        kind = self._table.column(column).kind
        fits = kind in (Kind.TEXT, Kind.ENUM) if value.operator == "||" else kind in NUMBERS
        if not fits:
            raise Unwritable(
                f"{column} {value.operator} ... is not read of a column of type {self._table.column(column).sql_type}",
                "read the row, compute in the application, and write the whole value under a condition",
            )

    def anew(self) -> Anew:
        """The changed row, as what is copied onto items anew depends on it."""
        return Anew(self.target.each, self.target.most, frozenset(self._assigned))

    def new(self) -> Getter:
        """What the columns hold once it is done, as far as no arithmetic is in it."""

        def value(column: str) -> Operand:
            found = self.columns.get(column)
            if found is None:
                return self.target.getter(self._desk, self._table)(column)
            if found.how != "set":
                raise Unwritable(
                    f"it computes {column}, by which another row is found",
                    "read the row, compute in the application, and write the whole value",
                )
            return found.value or NULL

        return value

    def due(self) -> list[Due]:
        """The actions: the row's own first, then its guards'."""
        action = Action(
            "Update",
            self._desk.tag(self._table),
            self.target.key,
            require=THERE,
            where=self.target.where if self.target.each is None else (),
            each=self.target.each,
            as_read=self._as_read(),
            assignments=self._assignments(),
        )
        entries = {slot: self._entries(slot) for slot in self._desk.indexes(self._table)}
        made = [self._desk.due(self._table, action, self.target.rows, entries)]
        if self.target.each is not None:
            rows = self.target.rows
            made += change_edges(self._desk, self._table, self.target.each, rows, action, self._changed)
            made += guards.move(self._desk, self._draft, self._table, self.target.each, rows, self.columns)
            made += counters.move(self._desk, self._table, self.target.each, rows, self.columns)
        return made

    def _entries(self, slot: str) -> float:
        return changed_entries(self._desk, self._table, slot, slot in self.moved, self._changed, self._assigned)

    def _assignments(self) -> tuple[Assignment, ...]:
        made = [*self.columns.values()]
        copies = copied_values(self._desk, self._draft, self._table, self._recopied, self.new(), self.anew())
        made += [Assignment(self._desk.attribute(self._table, attr), "set", copies[attr]) for attr in sorted(copies)]
        made += [
            replace(value, attribute=self._desk.attribute(self._table, attr), demanded=False)
            for attr, value in sorted(self._copied.items())
        ]
        expiry = self._desk.expiry(self._table)
        if expiry is not None and self._desk.kept(self._table).expires in self._assigned:
            made.append(expiry)
            self._draft.note(
                f":{expiry.attribute} is the Unix time of the new {self._desk.kept(self._table).expires}, "
                "which TTL goes by"
            )
        for slot in self.moved:
            made += self._desk.slot_keys(self._table, slot)
            self._draft.note(
                f"{self._desk.key_parameters(slot)} are the keys of {slot} that the row's new values make (REMOVE both "
                f"where an attribute that the index requires is NULL{self._unless(slot)})"
            )
        return tuple(made)

    def _unless(self, slot: str) -> str:
        stated = [one.words() for one in self._desk.kept(self._table).template(slot).where if one.values]
        return f", or unless {' and '.join(stated)}" if stated else ""

    def _as_read(self) -> tuple[str, ...]:
        """Attributes that the action was worked out from: they must not have changed meanwhile."""
        if self.target.each is None:
            return ()
        desk, table = self._desk, self._table
        used = {attr for slot in self.moved for attr in desk.kept(table).template(slot).attrs()} - self._changed
        columns = {column for held in self._guards for column in guards.carried(desk, table, held)}
        columns |= self.target.asked() | self._counted
        columns |= {name for name, value in self.columns.items() if value.of is not None}
        columns |= {name for attr in self._recopied for name in table.foreign_key(attr.path[0]).columns}
        if moves(desk, table, self._changed):
            used |= set(attributes(desk, table))
        used |= {Attr((), column) for column in columns - desk.base_columns(table)}
        kept = {attr for attr in used if attr.path or attr.column not in desk.base_columns(table)}
        return tuple(sorted(desk.attribute(table, attr) for attr in kept))
