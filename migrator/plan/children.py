"""Rows that refer to a row: found through a key or an index that their reference stands in."""

from __future__ import annotations

from migrator.design.attributes import Attr
from migrator.model.schema import ForeignKey, Table
from migrator.plan.drafts import Desk, Draft, Getter, Unwritable
from migrator.plan.finders import best_finder, find, following
from migrator.plan.targets import Target


def children_of(
    desk: Desk,
    draft: Draft,
    child: Table,
    key: ForeignKey,
    parent: Getter,
    above: Target,
    expect: str | None = None,
    for_each: bool = False,
) -> Target:
    """The rows of `child` that refer by `key` to the rows of `above`, whose columns `parent` knows. `for_each`: they
    are read for each of these rows, whatever is known of them. Unwritable when nothing finds them."""
    if child.name in draft.written:
        raise Unwritable(
            f"it searches rows of {child.name}, which an earlier statement of the pattern writes",
            "declare the statements apart",
        )
    values = {Attr((), here): parent(there) for here, there in zip(key.columns, key.referred_columns, strict=True)}
    if desk.base_columns(child) <= set(key.columns):
        request = following(desk.get(child, desk.row_key(child, values), expect), above.each if for_each else None)
        number = draft.read(request, above.rows)
        return Target(desk.item_key(child, number), (), {}, above.rows, above.most, number, by_key=False)
    finder = best_finder(desk, child, values, whole=True)
    if finder is None:
        columns = ", ".join(key.columns)
        raise Unwritable(
            f"rows of {child.name} refer to it by {columns}, and no key or index of the design finds them",
            f"declare a SELECT of {child.name} by {columns}, so that the design finds its rows",
        )
    number = find(desk, draft, child, finder, values, expect=expect, after=above.each if for_each else None)
    rows, most = above.rows * finder.mean, above.most * finder.maximum
    return Target(desk.item_key(child, number), (), {}, rows, most, number, by_key=False)
