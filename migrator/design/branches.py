"""Branches of a partition: the tag of an item stands behind a part of its sort key, so that what belongs to one parent
lies side by side whatever it is, and one Query gives the parent below the partition with all of its children.

`PROJECT#7#PROJECT#` and `PROJECT#7#TICKET#3` begin with one path. A branch is a partition within a partition: what is
said of the entities of a partition and of their order holds within each branch, and seen from outside a branch is one
block among the entities beside it. Whoever reads into a block without naming one branch of it reads over whatever
else stands there: its passengers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from migrator.design.attributes import Attr, Domain, alias_paths, canonical, column_of, domain, steps
from migrator.design.data import Data
from migrator.design.design import KeyPart, Path, Template
from migrator.design.homes import Home, Level, Mark
from migrator.design.joins import key_is_given
from migrator.design.needs import Need
from migrator.model.query import Value
from migrator.model.schema import Schema

MANY = 3
"""Places for a tag of which every combination is weighed; beyond that each by itself and all together."""


@dataclass(frozen=True, slots=True)
class Branching:
    """How the items of one entity stand in partitions of the table."""

    partition: frozenset[Domain]
    levels: tuple[Level, ...]

    @classmethod
    def of(cls, schema: Schema, table: str, template: Template) -> Branching:
        ends = zip((0, *template.cuts), template.cuts, strict=False)
        levels = (tuple(_mark(schema, table, part) for part in template.sort[a:b]) for a, b in ends)
        home = frozenset(domain(schema, table, part.attr) for part in template.partition)
        return cls(home, tuple(levels))

    def within(self, depth: int) -> Home:
        """The branches, or at depth 0 the partitions, that hold the items."""
        return Home(self.partition, self.levels[:depth])

    def block(self, depth: int) -> str | None:
        """The name of the block within such a branch that holds the items; None where they stand by their own tag."""
        return block_name(self.levels[depth]) if depth < len(self.levels) else None

    def crosses(self, depth: int, other: Branching) -> bool:
        """Whether the other's items stand in the same block at this depth."""
        begins = self.levels[: depth + 1]
        return len(begins) > depth and self.partition == other.partition and other.levels[: depth + 1] == begins


def block_name(level: Level) -> str:
    """A block's name among those of tables.

    >>> block_name((Mark("project", "id", "text", 0, False, False),))
    '\\x00project.id.text'
    """
    told = (f"{m.table}.{m.column}.{m.kind}{m.bits or ''}{'u' * m.unsigned}{'f' * m.fold}" for m in level)
    return "\x00" + ",".join(told)


def _mark(schema: Schema, table: str, part: KeyPart) -> Mark:
    home, column = domain(schema, table, part.attr), column_of(schema, table, part.attr)
    return Mark(home.table, home.column, str(column.kind), column.bits or 0, column.unsigned, part.fold)


def depth_of(path: Path) -> int | None:
    """How deep the branch lies that a path names: 0 for a whole partition; None where it names part of a path or goes
    on behind its own tag."""
    ends = (0, *path.view.template.cuts)
    return ends.index(path.matched) if path.matched in ends else None


def mixed(path: Path) -> bool:
    """Whether a path reads the items of a block, whatever they are."""
    cuts = path.view.template.cuts
    return bool(cuts) and path.matched < cuts[-1] and not path.via_guard


def crossed(path: Path) -> int:
    """The depth of the block that a mixed path reads into."""
    return sum(cut <= path.matched for cut in path.view.template.cuts)


@dataclass(frozen=True, slots=True)
class Asked:
    """What makes a branch worth weighing. `together`: what the values identify by which some pattern wants a table's
    rows with another's; `single`: what the values of each statement identify, whosever rows it wants."""

    together: frozenset[frozenset[Domain]] = frozenset()
    single: frozenset[frozenset[Domain]] = frozenset()

    def parts(self, less: frozenset[Domain], more: frozenset[Domain]) -> bool:
        """Whether some statement wants what the fewer values give and names not all of the others."""
        return any(less <= values and not more <= values for values in self.single)


NOTHING = Asked()


def branched(schema: Schema, table: str, key: Sequence[str], base: Template, asked: Asked) -> Iterator[Template]:
    """A base key with its tag behind parts of the sort key, where some pattern asks for what the partition and these
    parts identify together, and another statement for more. `key`: its columns in their own order."""
    here = [domain(schema, table, part.attr) for part in base.partition]
    reached = {0: frozenset(here)}
    for place, part in enumerate(base.sort, start=1):
        here.append(domain(schema, table, part.attr))
        if frozenset(here) in asked.together and len(set(here)) == len(here):
            reached[place] = frozenset(here)
    cuts = [place for place in reached if place]
    sizes = range(1, len(cuts) + 1) if len(cuts) <= MANY else (1, len(cuts))
    for chosen in (chosen for size in sizes for chosen in combinations(cuts, size)):
        steps = list(zip((0, *chosen), chosen, strict=False))
        ordered = all(_in_order(key, base.sort[a:b]) for a, b in steps)
        if ordered and all(asked.parts(reached[a], reached[b]) for a, b in steps):
            yield replace(base, cuts=chosen)


def _in_order(key: Sequence[str], parts: Sequence[KeyPart]) -> bool:
    """Whether parts of one level stand as in the key: in another order they would give nothing else."""
    places = [key.index(part.attr.column) for part in parts]
    return places == sorted(places)


Given = frozenset[tuple[Domain, Value]]
"""What a statement's single values identify."""


def asked_together(data: Data, needs: Sequence[Need]) -> Iterator[tuple[str, frozenset[Domain]]]:
    """For each table whose rows a pattern wants with another's: what the values identify that give both."""
    known = [found for need in needs for found in _given(data, need)]
    for (one, mine), (other, its) in combinations(known, 2):
        common = frozenset(home for home, _ in mine & its)
        if one != other and common:
            yield one, common
            yield other, common


def asked_alone(data: Data, needs: Sequence[Need]) -> Iterator[frozenset[Domain]]:
    """What the values of each statement identify."""
    for need in needs:
        for _, given in _given(data, need):
            yield frozenset(home for home, _ in given)


def _given(data: Data, need: Need) -> Iterator[tuple[str, Given]]:
    schema = data.schema
    single = {one.attr: one.values[0] for one in need.equalities if len(one.values) == 1 and not one.null}
    yield need.table, frozenset((domain(schema, need.table, attr), value) for attr, value in single.items())
    for alias, path in alias_paths(need.select).items():
        if alias == need.select.driver or not key_is_given(data, need, path):
            continue
        _, key = steps(schema, need.table, path)[-1]
        attrs = {c: canonical(schema, need.table, Attr(path, c)) for c in key.referred_columns}
        if set(attrs.values()) <= set(single):
            homes = ((domain(schema, key.referred_table, Attr((), c)), single[attr]) for c, attr in attrs.items())
            yield key.referred_table, frozenset(homes)


def attrs_before(template: Template, matched: int) -> list[Attr]:
    """The attributes of a partition and of the first parts of the sort key."""
    return [part.attr for part in (*template.partition, *template.sort[:matched])]
