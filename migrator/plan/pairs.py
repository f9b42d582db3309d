"""Stored joins kept right by the writes: a row's coming, going or change is carried to all its pairs, which the rows of
the other side lead to. The pairs go in the row's own transaction while that can hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from migrator.design.attributes import Attr
from migrator.model.query import Literal
from migrator.model.schema import ForeignKey, Table
from migrator.model.stored_join import StoredJoin, other
from migrator.plan.action import Action, Assignment, KeyPair, Operand
from migrator.plan.children import children_of
from migrator.plan.drafts import Desk, Draft, Getter, Unwritable
from migrator.plan.entries import deleted_entries, put_entries
from migrator.plan.placing import Block
from migrator.plan.puts import computed
from migrator.plan.targets import Target
from migrator.plan.templates import write_template

Outcome = Callable[[str], Assignment]
"""What a column of the written row holds, as an assignment whose attribute does not matter."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """A stored join seen from one of its sides. `table` are the pairs."""

    table: Table
    join: StoredJoin
    side: str

    @property
    def partner(self) -> str:
        return self.join.table(other(self.side))

    def looked_at(self) -> frozenset[str]:
        """The columns of the side's rows that the pairs depend on."""
        own = (one.column for one in self.join.columns if one.side == self.side)
        return frozenset((*own, *self.join.meeting(self.side)))


def kept_of(desk: Desk, table: Table) -> tuple[Pairs, ...]:
    """The stored joins that a table's rows are in."""
    joins = ((name, join, join.side(table.name)) for name, join in desk.schema.joins())
    return tuple(Pairs(desk.schema.table(name), join, side) for name, join, side in joins if side is not None)


def touched(desk: Desk, table: Table, changed: Iterable[str]) -> frozenset[str]:
    """Columns whose old and new values must be known, for the pairs that a change of these columns concerns."""
    names = frozenset(changed)
    concerned = (kept.looked_at() for kept in kept_of(desk, table) if kept.looked_at() & names)
    return frozenset[str]().union(*concerned)


def gain(desk: Desk, draft: Draft, table: Table, own: Getter, above: Target) -> tuple[Block, ...]:
    """Puts the pairs of a new row."""
    blocks = []
    for kept in kept_of(desk, table):
        found = _partners(desk, draft, kept, own, above)
        blocks.append(_put(desk, kept, found, _plain(own)))
        draft.note(
            f"the pairs of the row in {kept.table.name} are put with it, one for each such row of {kept.partner}"
        )
    return tuple(blocks)


def lose(desk: Desk, draft: Draft, table: Table, target: Target) -> tuple[Block, ...]:
    """Deletes the pairs of rows that were read."""
    blocks = []
    for kept in kept_of(desk, table):
        own = target.getter(desk, table)
        found = _partners(desk, draft, kept, own, target)
        blocks.append(_delete(desk, kept, found, _plain(own)))
        draft.note(f"the pairs of the row in {kept.table.name} are deleted with it")
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a change does to pairs: what must be deleted before the row changes, and put once it has."""

    before: tuple[Block, ...] = ()
    after: tuple[Block, ...] = ()


def move(
    desk: Desk, draft: Draft, table: Table, target: Target, changed: Mapping[str, Assignment], new: Getter
) -> Moved:
    """Carries a change of rows that were read to their pairs: put anew as a whole, and where that makes another key, or
    other pairs, the old ones are deleted. `changed`: what columns become; `new`: the same as operands."""
    before: list[Block] = []
    after: list[Block] = []
    for kept in kept_of(desk, table):
        concerned = kept.looked_at() & set(changed)
        if not concerned:
            continue
        old = _plain(target.getter(desk, table))
        found = there = _partners(desk, draft, kept, target.getter(desk, table), target)
        fresh = _changed(changed, old)
        if concerned & set(kept.join.meeting(kept.side)):
            there = _partners(desk, draft, kept, new, target)
        if concerned & _placing(desk, kept):
            before.append(_delete(desk, kept, found, old, fresh))
        after.append(_put(desk, kept, there, fresh))
        draft.note(f"the pairs of the row in {kept.table.name} are written anew")
    return Moved(tuple(before), tuple(after))


def _placing(desk: Desk, kept: Pairs) -> set[str]:
    """Columns of a side that decide which pairs there are, and under which key."""
    base = desk.base_columns(kept.table)
    keyed = {one.column for one in kept.join.columns if one.side == kept.side and one.name in base}
    return keyed | set(kept.join.meeting(kept.side))


def _partners(desk: Desk, draft: Draft, kept: Pairs, own: Getter, above: Target) -> Target:
    """The rows of the other side that pair with the rows of `above`, whose columns `own` knows."""
    join = kept.join
    here, there = join.meeting(kept.side), join.meeting(other(kept.side))
    meets = ForeignKey("meets", there, join.table(kept.side), here)
    return children_of(desk, draft, desk.schema.table(kept.partner), meets, own, above, for_each=True)


def _put(desk: Desk, kept: Pairs, found: Target, own: Outcome) -> Block:
    """Puts the pairs over whatever stands under their keys."""
    table = kept.table
    made = dict(_columns(desk, kept, found, own))
    assignments = [
        replace(value, attribute=desk.name(table, name), demanded=not table.column(name).nullable)
        for name, value in made.items()
    ]
    action = Action(
        "Put",
        desk.tag(table),
        _key(desk, kept, found, own),
        each=found.each,
        assignments=(*assignments, *computed(desk, table)),
    )
    told = {name: value.value or Literal(None) for name, value in made.items() if value.how == "set"}
    return Block(found, (desk.due(table, action, found.rows, put_entries(desk, table, told)),))


def _delete(desk: Desk, kept: Pairs, found: Target, old: Outcome, fresh: Outcome | None = None) -> Block:
    """Deletes the pairs as they were; not those that stay the same pair under the same key when the row is `fresh`."""
    key = _key(desk, kept, found, old)
    unless: tuple[tuple[KeyPair, KeyPair], ...] = ()
    if fresh is not None:
        new = _key(desk, kept, found, fresh)
        unless = ((_stamped(desk, kept, key, old), _stamped(desk, kept, new, fresh)),)
    action = Action("Delete", desk.tag(kept.table), key, each=found.each, unless=unless)
    return Block(found, (desk.due(kept.table, action, found.rows, deleted_entries(desk, kept.table)),))


def _stamped(desk: Desk, kept: Pairs, key: KeyPair, own: Outcome) -> KeyPair:
    """A pair's key together with what makes it one of these: the columns by which rows meet need not stand in it."""
    table = desk.schema.table(kept.join.table(kept.side))
    met = (desk.piece(table, column, "", _operand(own, column)) for column in kept.join.meeting(kept.side))
    stamp = write_template(tuple(piece for one in met for piece in ("#", one)))
    return KeyPair(key.partition, f"{key.sort}{stamp}")


def _columns(desk: Desk, kept: Pairs, found: Target, own: Outcome) -> Iterator[tuple[str, Assignment]]:
    """What each column of a pair is given."""
    partner = found.getter(desk, desk.schema.table(kept.partner))
    equal = dict(zip(kept.join.meeting("left"), kept.join.meeting("right"), strict=True))
    for one in kept.join.columns:
        if one.side == kept.side:
            yield one.name, own(one.column)
        elif one.side == "left" and one.column in equal:
            yield one.name, own(equal[one.column])
        else:
            yield one.name, Assignment("", "set", partner(one.column))


def _key(desk: Desk, kept: Pairs, found: Target, own: Outcome) -> KeyPair:
    """A pair's key in the table."""
    base = desk.base_columns(kept.table)
    made = {name: value for name, value in _columns(desk, kept, found, own) if name in base}
    return desk.row_key(kept.table, {Attr((), name): _operand(made.get, name) for name in made})


def _operand(own: Callable[[str], Assignment | None], column: str) -> Operand:
    """What a column holds, as a key must know it."""
    found = own(column)
    if found is None or found.how != "set" or found.value is None:
        raise Unwritable(
            f"it computes {column}, which pairs of a stored join are kept under",
            "read the row, compute in the application, and write the whole value",
        )
    return found.value


def _changed(changed: Mapping[str, Assignment], before: Outcome) -> Outcome:
    return lambda column: changed[column] if column in changed else before(column)


def _plain(getter: Getter) -> Outcome:
    return lambda column: Assignment("", "set", getter(column))
