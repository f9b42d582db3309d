"""Joins as N:1 steps along foreign keys, all reached from one driver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Join,
    Like,
    Membership,
    NullTest,
    Predicate,
)
from migrator.model.schema import ForeignKey, Table
from migrator.workload.equality import Classes
from migrator.workload.mistakes import Refused
from migrator.workload.names import Scope
from migrator.workload.refusals import refuse
from migrator.workload.sources import Link


@dataclass(frozen=True, slots=True)
class Tree:
    """The driver, the steps from it, and the conditions that no step explains."""

    driver: str
    joins: tuple[Join, ...]
    predicates: tuple[Predicate, ...]


def read_pairs(scope: Scope, links: tuple[Link, ...], where: tuple[Predicate, ...]) -> Tree:
    """Two lists that columns of both join, without a step between them: all that joins them is among the conditions.
    Refused when there is more than two lists, or an outer join."""
    inner, outer = _settle(links, where)
    if outer or len(scope.sources) != 2:
        raise _two_lists()
    predicates = tuple(predicate for link in inner for predicate in link.on) + where
    return Tree(scope.sources[0].alias, (), tuple(dict.fromkeys(predicates)))


def read_tree(scope: Scope, links: tuple[Link, ...], where: tuple[Predicate, ...]) -> Tree:
    """Orient a SELECT's joins. Refused when they do not follow foreign keys or have no driver."""
    inner, outer = _settle(links, where)
    predicates = tuple(predicate for link in inner for predicate in link.on) + where
    equal = [predicate for predicate in predicates if _is_equality(predicate)]
    steps = _inner_steps(scope, equal, {link.alias for link in outer})
    steps += [_outer_step(scope, link) for link in outer]
    for source in scope.sources:
        joins = _reach(source.alias, steps)
        if len(joins) == len(scope.sources) - 1:
            return Tree(source.alias, joins, _unexplained(predicates, joins))
    raise _no_driver(scope, steps, predicates)


def _settle(links: tuple[Link, ...], where: tuple[Predicate, ...]) -> tuple[list[Link], list[Link]]:
    """Inner and outer links: a condition that no missing row fulfils makes a LEFT JOIN an inner one."""
    inner = [link for link in links if not link.outer]
    outer = [link for link in links if link.outer]
    while True:
        known = [*where, *(predicate for link in inner for predicate in link.on)]
        settled = [link for link in outer if any(rejects_missing(predicate, link.alias) for predicate in known)]
        if not settled:
            return inner, outer
        inner = [link for link in links if link in inner or link in settled]
        outer = [link for link in outer if link not in settled]


def rejects_missing(predicate: Predicate, alias: str) -> bool:
    """Whether the predicate is never true when all columns of `alias` are NULL."""
    match predicate:
        case Comparison(field) | Membership(field) | Like(field) | NullTest(field, True):
            return field.alias == alias
        case FieldComparison(left, _, right):
            return alias in (left.alias, right.alias)
        case Either(branches):
            return all(any(rejects_missing(part, alias) for part in branch) for branch in branches)
        case _:
            return False


def _is_equality(predicate: Predicate) -> bool:
    return isinstance(predicate, FieldComparison) and predicate.op == "="


def _classes(predicates: Iterable[Predicate]) -> Classes:
    classes = Classes()
    for predicate in predicates:
        if isinstance(predicate, FieldComparison) and predicate.op == "=":
            classes.unite(predicate.left, predicate.right)
    return classes


def _inner_steps(scope: Scope, equal: list[Predicate], outer: set[str]) -> list[Join]:
    classes = _classes(equal)
    inner = [source for source in scope.sources if source.alias not in outer]
    return [
        Join(child.alias, parent.alias, key.name, pairs)
        for child in inner
        for parent in inner
        for key in child.table.foreign_keys
        if child is not parent and _refers(key, parent.table)
        for pairs in (tuple(zip(key.columns, key.referred_columns, strict=True)),)
        if all(classes.same(Field(child.alias, a), Field(parent.alias, b)) for a, b in pairs)
    ]


def _refers(key: ForeignKey, parent: Table) -> bool:
    """A step is N:1 only when the referred columns hold a key of the parent."""
    keys = [parent.primary_key, *(unique.columns for unique in parent.uniques)]
    keys += [index.columns for index in parent.indexes if index.unique]
    referred = set(key.referred_columns)
    matches = key.referred_table == parent.name and len(key.columns) == len(key.referred_columns)
    return matches and any(columns and set(columns) <= referred for columns in keys)


def _outer_step(scope: Scope, link: Link) -> Join:
    """LEFT JOIN's ON has to be the foreign key of an earlier table, whole and alone."""
    equalities = {frozenset((on.left, on.right)) for on in link.on if isinstance(on, FieldComparison) and on.op == "="}
    if len(equalities) < len(set(link.on)):
        raise refuse(
            f"LEFT JOIN {link.alias} with a condition beyond the foreign key in ON",
            "rows that fail it would still have to appear without their parent",
            "Join on the foreign key alone and filter in the application.",
        )
    parent = scope.table(link.alias)
    for source in scope.sources:
        for key in source.table.foreign_keys if source.alias != link.alias else ():
            pairs = tuple(zip(key.columns, key.referred_columns, strict=False))
            wanted = {frozenset((Field(source.alias, a), Field(link.alias, b))) for a, b in pairs}
            if wanted == equalities and _refers(key, parent):
                return Join(source.alias, link.alias, key.name, pairs, outer=True)
    raise _bad_outer(scope, link, equalities)


def _bad_outer(scope: Scope, link: Link, equalities: set[frozenset[Field]]) -> Refused:
    for key in scope.table(link.alias).foreign_keys:
        for source in scope.sources:
            pairs = zip(key.columns, key.referred_columns, strict=False)
            wanted = {frozenset((Field(link.alias, a), Field(source.alias, b))) for a, b in pairs}
            if key.referred_table == source.table.name and wanted == equalities:
                return refuse(
                    f"the join {source.alias} LEFT JOIN {link.alias}",
                    f"{link.alias} is the many side, and rows of {source.alias} without any would have to appear",
                    "Declare the parent's query and the children's query as two statements under one name.",
                )
    return _not_a_key(f"the LEFT JOIN of {link.alias}")


def _reach(driver: str, steps: list[Join]) -> tuple[Join, ...]:
    """The steps of a walk from the driver, each alias once, nearest first. Nothing drives from a missing row."""
    if any(step.outer and step.parent == driver for step in steps):
        return ()
    order, joins = [driver], list[Join]()
    for alias in order:  # grows while it is walked
        for step in steps:
            if step.child == alias and step.parent not in order:
                order.append(step.parent)
                joins.append(step)
    return tuple(joins)


def _unexplained(predicates: tuple[Predicate, ...], joins: tuple[Join, ...]) -> tuple[Predicate, ...]:
    """The conditions without the equalities that follow from the steps."""
    explained = Classes()
    for join in joins:
        for child, parent in join.pairs if not join.outer else ():
            explained.unite(Field(join.child, child), Field(join.parent, parent))
    return tuple(
        predicate
        for predicate in dict.fromkeys(predicates)
        if not (
            isinstance(predicate, FieldComparison)
            and predicate.op == "="
            and predicate.left != predicate.right
            and explained.same(predicate.left, predicate.right)
        )
    )


def _no_driver(scope: Scope, steps: list[Join], predicates: tuple[Predicate, ...]) -> Refused:
    """Say which of the reasons it is: no condition, no foreign key, or two lists."""
    linked = Classes()
    for step in steps:
        linked.unite(Field(step.child, ""), Field(step.parent, ""))
    first = Field(scope.sources[0].alias, "")
    apart = [source for source in scope.sources if not linked.same(first, Field(source.alias, ""))]
    if not apart:
        return _two_lists()
    for predicate in predicates:
        if isinstance(predicate, FieldComparison) and not linked.same(
            Field(predicate.left.alias, ""), Field(predicate.right.alias, "")
        ):
            left, right = predicate.left, predicate.right
            if _same_parent(scope, left, right):
                return _two_lists()
            return _not_a_key(f"the join {left.alias}.{left.column} {predicate.op} {right.alias}.{right.column}")
    return refuse(
        f"the join with {apart[0].alias} without a foreign key",
        "the answer multiplies the tables",
        "Join on a foreign key, or declare several statements under one name.",
    )


def _same_parent(scope: Scope, left: Field, right: Field) -> bool:
    """Whether both columns refer to the same column of one table."""

    def referred(field: Field) -> set[tuple[str, str]]:
        keys = scope.table(field.alias).foreign_keys
        pairs = (
            (key.referred_table, pair) for key in keys for pair in zip(key.columns, key.referred_columns, strict=False)
        )
        return {(table, parent) for table, (child, parent) in pairs if child == field.column}

    return bool(referred(left) & referred(right))


def _two_lists() -> Refused:
    return refuse(
        "a join of two lists that share a parent",
        "the answer multiplies the lists",
        "Declare them as several statements under one name.",
    )


def _not_a_key(what: str) -> Refused:
    return refuse(
        what,
        "no foreign key of the schema explains it, so nothing says how many rows match",
        "Declare the foreign key in the source, or declare the tables' queries as statements under one name.",
    )
