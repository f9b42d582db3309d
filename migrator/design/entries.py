"""The entries of a view: for which rows there are any, and how often declared writes put or delete one."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.design.attributes import Attr, steps
from migrator.design.conditions import Condition
from migrator.design.data import Data
from migrator.design.design import Template
from migrator.design.price import Told, WriteRates
from migrator.model.query import Literal


def conditions_of(template: Template, nulls: Iterable[Attr]) -> tuple[Condition, ...]:
    """All that must hold for a row to have an entry: its partition is not NULL, apart from `nulls`, and what the
    template says."""
    said = {one.attr for one in template.where}
    partition = (part.attr for part in template.partition if part.attr not in {*nulls, *said})
    return (*(Condition(attr) for attr in partition), *template.where)


def entry_writes(
    data: Data,
    table: str,
    writes: WriteRates,
    where: tuple[Condition, ...],
    keyed: frozenset[str],
    held: frozenset[str] | None,
) -> float:
    """Writes a second to the entries of a view with these conditions, whose keys are made of the columns `keyed` and
    whose entries hold `held` (None: all). What a statement says in literals counts for sure: a row that one puts
    outside is taken to have had an entry, one that it puts inside gets one."""
    total = data.share(table, where) * writes.deletes
    for told in writes.told:
        touched = tuple(one for one in where if _changes(data, table, one, told))
        share = data.share(table, tuple(one for one in where if one not in touched))
        after = _after(data, table, touched, told)
        if told.new:
            total += told.rate * share * after
        elif touched:
            total += told.rate * share * (after + _before(data, table, touched, told))
        elif told.columns & keyed:
            total += told.rate * share * 2
        elif held is None or told.columns & held:
            total += told.rate * share
    return total


def _changes(data: Data, table: str, condition: Condition, told: Told) -> bool:
    """Whether a write decides of a condition."""
    path = condition.attr.path
    if path:
        _, key = steps(data.schema, table, path)[0]
        return not told.new and bool(set(key.columns) & told.columns)
    return condition.attr.column in told.columns


def _after(data: Data, table: str, touched: tuple[Condition, ...], told: Told) -> float:
    """The share of the rows written that fulfil the conditions then."""
    share = 1.0
    for one in touched:
        literal = _literal(one, told)
        share *= data.share(table, (one,)) if literal is None else float(one.holds(literal))
    return share


def _before(data: Data, table: str, touched: tuple[Condition, ...], told: Told) -> float:
    """The share of the rows written that fulfilled them before: all that leave for sure, and none that are put into a
    state, which they are taken not to have been in."""
    share = 1.0
    for one in touched:
        literal = _literal(one, told)
        if literal is None or (one.holds(literal) and not one.values):
            share *= data.share(table, (one,))
        elif one.holds(literal):
            return 0.0
    return share


def _literal(condition: Condition, told: Told) -> Literal | None:
    return None if condition.attr.path else dict(told.values).get(condition.attr.column)
