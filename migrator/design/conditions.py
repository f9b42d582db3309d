"""What the rows of an index of few rows have in common: one literal state, or that an attribute is not NULL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from migrator.design.attributes import Attr
from migrator.design.needs import Equality, Need
from migrator.model.query import Literal

NULL = Literal(None)


@dataclass(frozen=True, slots=True)
class Condition:
    """The attribute is one of `values`, NULL being one where it may be NULL; with none it is anything but NULL."""

    attr: Attr
    values: tuple[Literal, ...] = ()

    def __lt__(self, other: Condition) -> bool:
        return (self.attr, repr(self.values)) < (other.attr, repr(other.values))

    def follows(self, need: Need) -> bool:
        """Whether the need wants no row in which the condition fails."""
        equality = need.equality(self.attr)
        if not self.values:
            return any(bound.attr == self.attr for bound in need.bounds) or (equality is not None and not equality.null)
        return equality is not None and set(literals(equality)) <= set(self.values) and bool(literals(equality))

    def says(self, equality: Equality) -> bool:
        """Whether rows for which the condition holds need no look at the equality."""
        return self.attr == equality.attr and bool(self.values) and set(self.values) <= set(literals(equality))

    def holds(self, literal: Literal) -> bool:
        """Whether a row that holds the literal fulfils it."""
        return literal in self.values if self.values else literal != NULL

    def words(self) -> str:
        """The condition as SQL would say it.

        >>> Condition(Attr((), "state"), (Literal("HELD"), Literal("OPEN"))).words()
        "state in ('HELD', 'OPEN')"
        """
        column = ".".join((*self.attr.path, self.attr.column))
        if not self.values:
            return f"{column} is not NULL"
        if self.values == (NULL,):
            return f"{column} is NULL"
        listed = [_spelt(value) for value in self.values]
        return f"{column} = {listed[0]}" if len(listed) == 1 else f"{column} in ({', '.join(listed)})"


def _spelt(value: Literal) -> str:
    return repr(value.value) if isinstance(value.value, str) else str(value.value)


def literals(equality: Equality) -> tuple[Literal, ...]:
    """The literals that an equality accepts, in a fixed order; none when a parameter is among its values."""
    said = [value for value in equality.values if isinstance(value, Literal)]
    if len(said) < len(equality.values):
        return ()
    wanted = said if equality.null else [value for value in said if value != NULL]
    return tuple(sorted(dict.fromkeys(wanted), key=repr))


def common_conditions(need: Need) -> Iterator[tuple[Condition, ...]]:
    """Conditions that all the need's rows fulfil, on columns of their own: each alone, then all together."""
    states = [Condition(e.attr, literals(e)) for e in need.equalities if literals(e) and not e.attr.path]
    there = [Condition(attr) for attr in dict.fromkeys(bound.attr for bound in need.bounds) if not attr.path]
    both = (*sorted(states), *sorted(there))
    yield from dict.fromkeys(chosen for size in (1, len(both)) for chosen in combinations(both, size) if chosen)


def without(equalities: Iterable[Equality], conditions: Iterable[Condition]) -> tuple[Equality, ...]:
    """The equalities that rows under the conditions may still fail."""
    known = tuple(conditions)
    return tuple(equality for equality in equalities if not any(one.says(equality) for one in known))
