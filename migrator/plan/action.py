"""What one action of a planned write does, said so that a program can do it (docs/queries.md).

A write reads first, if it must; then its actions are bound to what was read and sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.query import Literal, Parameter, Predicate

THERE = "there"
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A whole primary key as two request templates."""

    partition: str
    sort: str


@dataclass(frozen=True, slots=True)
class ItemValue:
    """What an attribute holds on the item that request number `request` gave (the one at hand, when it gave
    several and each is written); NULL when it gave none."""

    request: int
    attribute: str


Operand = Parameter | Literal | ItemValue


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an action gives one attribute. `how`:

    - set: `value`.
    - keep: `value`, where the item has nothing there (if_not_exists).
    - add, subtract, join: `value` to what is there. With `of` the program works it out from that value and sets the
      result; without, the update expression does, from `start` where nothing is there.
    - key: the text that the key template `template` makes of the attributes as the action leaves them.
    - seconds: the Unix time of the attribute that `template` names.
    - map: a map, with what the action's `entries` put into it.

    A NULL outcome, or a key of which an attribute in `requires` is NULL, is left out of a Put, and is a REMOVE in an
    Update; a Delete only compares its keys by them. `demanded`: nothing at all is written where it is NULL, for the
    column is NOT NULL; that is asked of an action which `missing` leaves out, too.

    `tally`: the outcome is not given to the attribute but added to the number there ("gain"; 0 where nothing is) or
    taken off it ("lose"), NULL being 0; with " one" each outcome that is not NULL is 1. All that a call does to one
    item in this way is added up into one update.
    """

    attribute: str
    how: str
    value: Operand | None = None
    of: ItemValue | None = None
    start: Literal | None = None
    template: str | None = None
    requires: tuple[str, ...] = ()
    shards: int | None = None
    demanded: bool = False
    tally: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What an action does to one row of `entity` that lives within its item, in the map `attribute` under the text of
    `key`: put it (no row may be there), replace whatever is there, change it or remove it (one must be there); or clear
    the whole map, without a key. `assignments` are its attributes."""

    operation: str
    attribute: str
    entity: str
    key: str
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a write: operation Put, Update, Delete or ConditionCheck on an entity's item.

    `keys`, `condition` and `update` are what is sent, as templates. Formally: `require` there or absent; `where` are
    the statement's own conditions that the condition says. `each`: the action is taken once for each item of that
    request, and the condition also demands that `as_read` still hold what was read. `missing`: it is taken only
    where none of these requests gave an item. `unless`: it is left out where two keys are one, `only`: where they
    are not. An action on a guard is left out where one of its unique values is NULL, one on a second item
    where its partition is NULL, and an update of an item that
    the same call deletes; what two actions say alike is done once. `entries`: rows within the item that it writes.
    """

    operation: str
    entity: str
    keys: KeyPair
    condition: str | None = None
    update: str | None = None
    require: str | None = None
    where: tuple[Predicate, ...] = ()
    each: int | None = None
    as_read: tuple[str, ...] = ()
    missing: tuple[int, ...] = ()
    unless: tuple[tuple[KeyPair, KeyPair], ...] = ()
    only: tuple[tuple[KeyPair, KeyPair], ...] = ()
    assignments: tuple[Assignment, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def tallies(self) -> bool:
        """Whether it changes figures: what a call does to one item in this way is added up."""
        return any(one.tally for one in self.assignments)
