"""Counter items: which aggregate would answer a need, how it is read, and what keeping it costs.

A row's INSERT, DELETE or UPDATE changes the figures of its group in the same transaction, so that they are always
those of the rows. Groups left without rows stay as items with a count of 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.design.attributes import Attr, attribute
from migrator.design.candidates import KEYLESS, UNORDERED, at_home, orderable
from migrator.design.data import ITEM_EXTRA, Data, Group
from migrator.design.design import Aggregate, KeyPart, Path, Template, View
from migrator.design.needs import Need, predicate_attrs
from migrator.design.price import WriteRates, monthly_reads, monthly_storage, monthly_writes, units_of
from migrator.design.serve import MAX_FAN, RANGE_SHARE, Unserved, request_units
from migrator.model.counted import plural
from migrator.model.query import Field, OrderTerm, Output, Related, Select
from migrator.model.schema import Kind
from migrator.model.settings import Limits, Prices
from migrator.model.unit import Measure

FIGURE_BYTES = 24
"""Bytes of one figure with its name, about."""
UPDATE_UNITS = 2
"""Write units of one update of a counter item: below 1 KB, in a transaction."""
ADDABLE = (Kind.INTEGER, Kind.DECIMAL)
"""Kinds whose values add up exactly."""
APART = (*KEYLESS, *UNORDERED, Kind.FLOAT, Kind.BYTES, Kind.INTERVAL)
"""Kinds whose values do not tell groups apart."""
COUNT = Measure("count")


class Unkept(Exception):
    """Why no counter items answer a need; the text is for the plan's reader."""


def wanted_by(data: Data, need: Need, expires: bool) -> Aggregate:
    """The aggregate made for one need: what it fixes by equality makes the partition. Unkept tells why there is
    none. `expires`: TTL deletes rows of the table."""
    if not need.gathers:
        raise Unkept("it asks for rows, not for figures of them")
    if need.select.joins:
        raise Unkept("it joins, and counter items hold figures of one table's rows")
    if need.select.distinct_on or any(isinstance(p, Related) for p in need.select.predicates):
        raise Unkept("it tests rows by others, and counter items hold figures of all rows of a group")
    if expires:
        raise Unkept(f"TTL deletes rows of {need.table}, which no write of the application would count")
    columns = _columns(data, need)
    for column in columns:
        _demand_groupable(data, need.table, column)
    if data.unique(need.table, [Attr((), column) for column in columns]):
        raise Unkept(f"each row of {need.table} would be a group of its own")
    fixed = [equality.attr for equality in need.equalities if equality.attr.column in columns]
    ranged = [bound.attr for bound in need.bounds if orderable(data.schema, need.table, bound.attr)]
    rest = [Attr((), column) for column in columns]
    sort = [attr for attr in dict.fromkeys((*ranged, *rest)) if attr not in fixed]
    template = Template(at_home(data.schema, need.table, map(KeyPart, fixed)), tuple(map(KeyPart, sort)))
    return Aggregate(need.table, template, measures_of(data, need, columns))


def _columns(data: Data, need: Need) -> tuple[str, ...]:
    """The columns that must tell groups apart: all that the statement asks about but in its sums and counts."""
    select = need.select
    attrs = [attr for p in select.predicates for attr in sorted(predicate_attrs(data.schema, select, p))]
    grouped = [attribute(data.schema, select, field) for field in select.group_by]
    single = [e.attr for e in need.equalities if len(e.values) == 1]
    shown = [attribute(data.schema, select, field) for field in _shown(select)]
    if any(output.function for output in select.outputs) and not set(shown) <= {*grouped, *single}:
        raise Unkept("it shows columns of rows beside their figures")
    told = [attribute(data.schema, select, o.field) for o in select.computed if o.field and _tells_apart(o)]
    return tuple(dict.fromkeys(attr.column for attr in (*attrs, *grouped, *shown, *told)))


def _shown(select: Select) -> Iterator[Field]:
    """Columns that stand in the answer or its order as they are."""
    yield from (output.field for output in select.outputs if output.field and not output.function)
    yield from (field for term in select.order if (field := _ordered(term)))


def _ordered(term: OrderTerm) -> Field | None:
    return term.field if term.output is None else None


def _tells_apart(output: Output) -> bool:
    """Whether a function needs each value of its column: no counter gives back the least of deleted rows."""
    return output.distinct or output.function in ("min", "max")


def _demand_groupable(data: Data, table: str, name: str) -> None:
    column = data.schema.table(table).column(name)
    if column.nullable:
        raise Unkept(f"{name} may be NULL, and a group's key holds values only")
    if column.kind in APART:
        raise Unkept(f"values of {name} ({column.sql_type or 'no declared type'}) do not make groups")
    if column.collation is not None:
        raise Unkept(f"{name} compares with {column.collation}, so that a group's key would not be one text")


def measures_of(data: Data, need: Need, columns: tuple[str, ...]) -> tuple[Measure, ...]:
    """What a need asks of groups that these columns tell apart: the count of rows, and of each other column that is
    added up its sum and, where it may be NULL, its count."""
    found = {COUNT}
    for output in need.select.computed:
        if output.function is None or output.field is None or output.field.column in columns:
            continue
        column = data.schema.table(need.table).column(output.field.column)
        if column.nullable:
            found.add(Measure("count", column.name))
        if output.function in ("sum", "avg"):
            if column.kind not in ADDABLE:
                raise Unkept(f"sums of {column.name} ({column.sql_type or 'no declared type'}) are not exact")
            found.add(Measure("sum", column.name))
    return in_order(found)


def in_order(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Each once, the count of rows first."""
    return tuple(sorted(set(measures), key=lambda m: (m != COUNT, m.column or "", m.function)))


def path_over(data: Data, limits: Limits, need: Need, aggregate: Aggregate) -> Path:
    """How a need is read from an aggregate that may have been made for another. Unserved tells why it is not."""
    wanted = wanted_by(data, need, False)
    template = aggregate.template
    if not set(wanted.columns) <= set(aggregate.columns):
        raise Unserved("its groups do not tell apart what the query asks about")
    fan = math.prod(len(_values(need, part)) for part in template.partition)
    matched = 0
    for part in template.sort:
        equality = need.equality(part.attr)
        if equality is None:
            break
        matched += 1
        fan *= len(equality.values)
    if fan > MAX_FAN:
        raise Unserved(f"its lists need {fan} requests at once")
    fixed = [part.attr for part in (*template.partition, *template.sort[:matched])]
    following = template.sort[matched].attr if matched < len(template.sort) else None
    bounds = tuple(b for b in need.bounds if b.attr == following and orderable(data.schema, need.table, b.attr))
    groups = groups_within(data, aggregate, fixed)
    size = item_bytes(data, aggregate)
    most = limits.bounded_items if template.partition else limits.listed_rows
    if groups.maximum > most or groups.maximum * size > limits.bounded_bytes:
        raise Unserved(f"it would read up to {plural(groups.maximum, 'group')} of {need.table}")
    items = fan * max(1.0, groups.mean * (RANGE_SHARE if bounds else 1.0))
    units = request_units(items * size, fan, need.strong)
    view = View(template, False, aggregate=aggregate)
    return Path(view, matched, bounds, True, False, False, fan, items, items * size, units)


def _values(need: Need, part: KeyPart) -> tuple[object, ...]:
    equality = need.equality(part.attr)
    if equality is None:
        raise Unserved(f"the query does not fix {part.attr.column}, the partition")
    return equality.values


def groups_within(data: Data, aggregate: Aggregate, fixed: list[Attr]) -> Group:
    """Groups that share one value of the fixed columns, at most one for each row."""
    rows = data.group(aggregate.table, fixed)
    spread = math.prod(data.distinct(aggregate.table, attr) for attr in aggregate.template.attrs() if attr not in fixed)
    return Group(min(rows.mean, spread), min(rows.maximum, spread))


def item_bytes(data: Data, aggregate: Aggregate) -> float:
    """Mean bytes of an item: its columns stand in its key and by themselves."""
    own = sum(2 * data.attribute_bytes(aggregate.table, attr) for attr in aggregate.template.attrs())
    return ITEM_EXTRA + own + FIGURE_BYTES * len(aggregate.measures)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Writes a second of an aggregate's items: `singles` change one group, `moves` two; `reads` of them must read
    the row first, to learn its old values."""

    singles: float
    moves: float
    reads: float

    @property
    def updates(self) -> float:
        return self.singles + 2 * self.moves


def upkeep(rates: WriteRates, aggregate: Aggregate) -> Upkeep:
    """What declared writes of the table do to the aggregate.

    >>> made = Aggregate("t", Template((KeyPart(Attr((), "a")),), ()), (COUNT, Measure("sum", "v")))
    >>> changes = ((frozenset("a"), 8.0), (frozenset("v"), 4.0), (frozenset("z"), 2.0))
    >>> upkeep(WriteRates(1.0, 2.0, changes), made)
    Upkeep(singles=7.0, moves=8.0, reads=14.0)
    """
    columns, measured = set(aggregate.columns), {measure.column for measure in aggregate.measures}
    moves = sum(rate for changed, rate in rates.changes if changed & columns)
    touched = sum(rate for changed, rate in rates.changes if changed & measured and not changed & columns)
    return Upkeep(rates.inserts + rates.deletes + touched, moves, rates.deletes + touched + moves)


def upkeep_usd(data: Data, prices: Prices, kept: Upkeep, aggregate: Aggregate, alone: bool) -> float:
    """Dollars a month: the items' updates and storage, the reads before them, the care of one more kind of item,
    and, where the row's write stood `alone`, what a transaction adds to it."""
    row = data.item_bytes(aggregate.table)
    writes = kept.updates * UPDATE_UNITS + (kept.singles + kept.moves) * (units_of(row) if alone else 0)
    usd = monthly_writes(prices, 1.0, writes) + monthly_reads(prices, kept.reads, request_units(row, 1, True))
    groups = groups_within(data, aggregate, []).mean
    return usd + monthly_storage(prices, groups, item_bytes(data, aggregate)) + prices.item_kind_month


def busiest(data: Data, peaks: WriteRates, aggregate: Aggregate) -> float:
    """Updates a second of the item that is written most, at the peak, if writes follow the data's skew."""
    group = data.group(aggregate.table, aggregate.template.attrs())
    return upkeep(peaks, aggregate).updates * min(1.0, group.maximum / data.rows(aggregate.table))
