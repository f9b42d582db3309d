"""Bundles: parts of one pattern that one Query answers, because they ask for the same partition of one slot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from migrator.design.arrange import Span
from migrator.design.attributes import Attr, Domain, alias_paths, canonical, column_of, domain, steps
from migrator.design.branches import Branching, attrs_before, depth_of
from migrator.design.candidates import KEYLESS, at_home, part
from migrator.design.data import Data
from migrator.design.design import Embedding, Path, Template
from migrator.design.homes import Home
from migrator.design.joins import key_is_given
from migrator.design.needs import Equality, Need
from migrator.design.price import monthly_reads, monthly_requests
from migrator.design.serve import request_units
from migrator.design.ways import Ways
from migrator.model.query import Value
from migrator.model.settings import Prices

MANY = 6
"""Members of one partition whose every subset is weighed; beyond that the pairs and the whole."""

Use = tuple[int, str]
"""A statement of the pattern and an alias in it whose rows a request gives."""
Fixed = tuple[tuple[Domain, str, bool, Value], ...]
"""A partition's values: what each identifies, its column's kind, whether its case is folded, and the value."""
Place = tuple[Home, Fixed, tuple[Value, ...]]
"""A partition's values, and those of the path of a branch in it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Items of one entity that a bundle gives: all of its items in the partition, or the first ones of it.
    `templates`: those of the entity that put them there. `units`: read units of asking for each use by itself.
    `block`: the block that holds them there, where they do not stand by their own tag."""

    table: str
    uses: tuple[Use, ...]
    drivers: tuple[int, ...]
    templates: frozenset[Template]
    units: float
    bytes: float
    single: bool
    limited: bool = False
    forward: bool = True
    filtered: bool = False
    block: str | None = None

    @property
    def standing(self) -> str:
        """What its items stand there as."""
        return self.block or self.table


@dataclass(frozen=True, slots=True)
class Bundle:
    """Members that one Query of the table itself (`base`) or of an index gives. `saved_units` a call and
    `saved_usd` a month, against asking for each use by itself. `holding`: rows that its members' items hold."""

    pattern: str
    base: bool
    home: Home
    members: tuple[Member, ...]
    saved_units: float
    saved_usd: float
    holding: frozenset[Embedding] = frozenset()

    @property
    def uses(self) -> tuple[Use, ...]:
        return tuple(use for member in self.members for use in member.uses)

    @property
    def span(self) -> Span:
        """How the members must lie: a limited one at the end where reading stops."""
        last = next((member for member in self.members if member.limited), None)
        tables = frozenset(member.standing for member in self.members)
        if last is None or len(tables) == 1:
            return Span(tables)
        return Span(tables, high=last.table) if last.forward else Span(tables, low=last.table)


def head_views(data: Data, needs: Sequence[Need]) -> Iterator[tuple[str, Template]]:
    """Views that put a joined parent, whose key the parameters give, into the partition of its children."""
    for need in needs:
        for alias, path in alias_paths(need.select).items():
            if alias == need.select.driver or not key_is_given(data, need, path):
                continue
            _, key = steps(data.schema, need.table, path)[-1]
            attrs = [Attr((), column) for column in key.referred_columns]
            table = key.referred_table
            if all(column_of(data.schema, table, attr).kind not in KEYLESS for attr in attrs):
                parts = at_home(data.schema, table, [part(data.schema, table, attr) for attr in attrs])
                yield table, Template(parts, ())


def find_bundles(data: Data, prices: Prices, needs: Sequence[Need], ways: Mapping[str, Ways]) -> tuple[Bundle, ...]:
    """Every bundle of a pattern that saves something."""
    found: list[Bundle] = []
    for base in (True, False):
        for (home, *_), members in _members(data, needs, ways, base).items():
            for chosen in _subsets(members):
                bundle = _bundle(prices, needs, base, home, chosen)
                if bundle is not None:
                    found.append(bundle)
    return tuple(found)


def with_holding(data: Data, prices: Prices, needs: Sequence[Need], ways: Mapping[str, Ways]) -> Iterator[Bundle]:
    """The bundles once more where an entity's items hold rows of another: one entity at a time, which is enough for a
    bundle that has one such member."""
    for table, mine in sorted(ways.items()):
        for grown in mine.holding:
            larger = replace(data, embedded={table: grown.bytes})
            for bundle in find_bundles(larger, prices, needs, {**ways, table: grown.ways}):
                inner = [member for member in bundle.members if member.table == table]
                if inner and not any(template.cuts for member in inner for template in member.templates):
                    yield replace(bundle, holding=frozenset({grown.embedding}))


def _bundle(
    prices: Prices, needs: Sequence[Need], base: bool, home: Home, members: tuple[Member, ...]
) -> Bundle | None:
    uses = sum(len(member.uses) for member in members)
    tables = {member.table for member in members}
    if uses < 2 or len(tables) < len(members) or not any(member.drivers for member in members):
        return None
    limited = [member for member in members if member.limited]
    if len(limited) > 1 or (limited and not all(_one_by_one(member) for member in members)):
        return None
    rate, strong = needs[0].rate, needs[0].strong
    together = request_units(sum(member.bytes for member in members), 1, strong)
    saved = sum(member.units for member in members) - together
    usd = monthly_reads(prices, rate, saved) + monthly_requests(prices, rate, uses - 1)
    return Bundle(needs[0].pattern, base, home, members, saved, usd) if saved >= 0 and usd > 0 else None


def _one_by_one(member: Member) -> bool:
    """Whether a limit can be counted over its items."""
    return (member.single or member.limited) and member.block is None


def _subsets(members: list[Member]) -> Iterator[tuple[Member, ...]]:
    """Members of different tables; a table's items may be had in several manners."""
    tables: dict[str, list[Member]] = {}
    for member in members:
        tables.setdefault(member.table, []).append(member)
    sizes = range(1, len(tables) + 1) if len(tables) <= MANY else (1, 2, len(tables))
    for size in sizes:
        for chosen in combinations(tables.values(), size):
            yield from product(*chosen)


def _members(data: Data, needs: Sequence[Need], ways: Mapping[str, Ways], base: bool) -> dict[Place, list[Member]]:
    """What of each entity can be had from each partition or branch, by its values."""
    found: dict[tuple[Place, str, str | None, bool, int], Member] = {}
    for fixed, member in (*_driven(data, needs, ways, base), *_joined(data, needs, ways, base)):
        apart = member.drivers[0] if member.limited or member.filtered else -1
        place = fixed, member.table, member.block, member.limited, apart
        known = found.get(place)
        found[place] = member if known is None else _both(known, member)
    listed: dict[Place, list[Member]] = {}
    for (fixed, *_), member in found.items():
        if member.templates:
            listed.setdefault(fixed, []).append(member)
    return listed


def _both(one: Member, other: Member) -> Member:
    """One entity's items, asked for twice: the same use over another template, or another use."""
    if set(other.uses) <= set(one.uses):
        return replace(one, templates=one.templates | other.templates)
    common = one.templates & other.templates
    if not common:
        return one
    return replace(
        one,
        uses=(*one.uses, *other.uses),
        drivers=(*one.drivers, *other.drivers),
        templates=common,
        units=one.units + other.units,
    )


def _driven(data: Data, needs: Sequence[Need], ways: Mapping[str, Ways], base: bool) -> Iterator[tuple[Place, Member]]:
    """Rows of a statement's own table, by the partition's values; the templates of one need come together."""
    for need in needs:
        mine = ways[need.table]
        number = mine.needs.index(need)
        templates, rows = (mine.bases, mine.over_base) if base else (mine.views, mine.over_view)
        grouped: dict[tuple[Place, str | None, bool, bool], Member] = {}
        for template, row in zip(templates, rows, strict=True):
            way = row[number]
            if way is None or template.where or not _whole(way.path):
                continue
            fixed = _place(data, need.table, template, depth_of(way.path) or 0, need.equality)
            if fixed is None:
                continue
            member = _driven_member(data, need, way.path)
            place = fixed, member.block, member.limited, member.filtered
            known = grouped.get(place, member)
            grouped[place] = replace(known, templates=known.templates | {template})
        yield from ((fixed, member) for (fixed, *_), member in grouped.items())


def _driven_member(data: Data, need: Need, path: Path) -> Member:
    template = path.view.template
    single = data.unique(need.table, attrs_before(template, path.matched))
    return Member(
        need.table,
        ((need.number, need.select.driver),),
        (need.number,),
        frozenset({template}),
        path.read_units,
        path.bytes,
        single,
        path.limited and not single,
        path.forward,
        path.over_reads,
        Branching.of(data.schema, need.table, template).block(depth_of(path) or 0),
    )


def _whole(path: Path) -> bool:
    """Whether one request gives all the entity's items of a partition or branch, or the first of them."""
    narrowed = depth_of(path) is None or path.bounds or path.via_guard or path.fan > 1
    return not narrowed and not (path.limited and path.over_reads)


def _place(
    data: Data, table: str, template: Template, depth: int, equality_of: Callable[[Attr], Equality | None]
) -> Place | None:
    """A partition, or a branch of that depth, by the values that a need fixes; None when they are several, or name one
    thing twice."""
    fixed = []
    for kept in template.partition:
        value = _single(equality_of(kept.attr))
        if value is None:
            return None
        kind = column_of(data.schema, table, kept.attr).kind
        fixed.append((domain(data.schema, table, kept.attr), str(kind), kept.fold, value))
    path = [_single(equality_of(kept.attr)) for kept in template.sort[: (0, *template.cuts)[depth]]]
    settled, values = _settled(fixed), tuple(value for value in path if value is not None)
    if settled is None or len(values) < len(path):
        return None
    return Branching.of(data.schema, table, template).within(depth), settled, values


def _single(equality: Equality | None) -> Value | None:
    return None if equality is None or len(equality.values) != 1 or equality.null else equality.values[0]


def _settled(fixed: list[tuple[Domain, str, bool, Value]]) -> Fixed | None:
    homes = [home for home, *_ in fixed]
    if not homes or len(set(homes)) < len(homes):
        return None
    return tuple(sorted(fixed, key=lambda entry: (entry[0].table, entry[0].column)))


def _joined(data: Data, needs: Sequence[Need], ways: Mapping[str, Ways], base: bool) -> Iterator[tuple[Place, Member]]:
    """Joined rows whose key the parameters give, whatever way the statement's own rows take."""
    for need in needs:
        for alias in _known_aliases(need, ways[need.table]):
            path = alias_paths(need.select)[alias]
            _, key = steps(data.schema, need.table, path)[-1]
            mine = ways[key.referred_table]
            grouped: dict[Place, set[Template]] = {}
            for template in mine.bases if base else mine.views:
                fixed = _parent_place(data, need, path, mine.table, template)
                if fixed is not None:
                    grouped.setdefault(fixed, set()).add(template)
            size = data.item_bytes(mine.table)
            units = request_units(size, 1, need.strong)
            for fixed, templates in grouped.items():
                uses = ((need.number, alias),)
                yield fixed, Member(mine.table, uses, (), frozenset(templates), units, size, True)


def _known_aliases(need: Need, ways: Ways) -> list[str]:
    number = ways.needs.index(need)
    met = [row[number] for row in (*ways.over_base, *ways.over_view)]
    known = [{step.alias for step in way.steps if step.how == "known"} for way in met if way]
    return sorted(set.intersection(*known)) if known else []


def _parent_place(data: Data, need: Need, path: tuple[str, ...], table: str, template: Template) -> Place | None:
    """Where a joined row stands alone of its kind."""
    attrs = attrs_before(template, (0, *template.cuts)[-1])
    if template.where or any(attr.path for attr in attrs) or not data.unique(table, attrs):
        return None

    def given(attr: Attr) -> Equality | None:
        return need.equality(canonical(data.schema, need.table, Attr(path, attr.column)))

    return _place(data, table, template, len(template.cuts), given)
