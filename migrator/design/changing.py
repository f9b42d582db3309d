"""Copies of a parent's columns that declared writes change: who changes one writes it anew on all the parent's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.design.attributes import Attr, steps, table_at
from migrator.design.candidates import index_templates
from migrator.design.design import KeyPart, Template, View
from migrator.design.joins import Unjoined
from migrator.design.needs import Need
from migrator.design.price import monthly_writes, units_of
from migrator.design.ways import Copied, Offer, Row, Way, Ways
from migrator.design.weighing import Weigher


def with_copies(weigher: Weigher, ways: Ways) -> Ways:
    """The ways with those added that look at copies of changing columns, and what such copies cost. A copy reaches
    one reference, so that one request finds the rows that carry it."""
    if not any(need.copied for need in ways.needs):
        return ways
    grown = _templates(weigher, ways)
    known = [*(View(base, True) for base in ways.bases), *(View(view, False) for view in ways.views)]
    offers = [Offer(view, _row(weigher, view)) for view in known]
    for template in grown:
        view = View(template, False)
        relies = weigher.changing(template.attrs())
        offers.append(Offer(view, _whole_row(weigher, view), weigher.view_usd(view), relies))
    offers = [offer for offer in offers if any(offer.row)]
    relied = {attr for offer in offers for attr in offer.relies}
    relied |= {attr for offer in offers for way in offer.row if way for attr in way.relies}
    finders = {attr: _finder(weigher, ways, attr) for attr in sorted(relied)}
    missing = tuple(dict.fromkeys(view.template for _, view in finders.values() if view is not None))
    return replace(
        _with_views(weigher, ways, missing),
        beside=(*ways.beside, *offers),
        copies=tuple(_copied(weigher, attr, finders[attr]) for attr in sorted(relied)),
    )


def _templates(weigher: Weigher, ways: Ways) -> list[Template]:
    """Templates that only such copies make possible."""
    schema, key = weigher.data.schema, weigher.keys[0]
    grown = (t for need in ways.needs if need.copied for t in index_templates(schema, need.copied, key))
    return [template for template in dict.fromkeys(grown) if weigher.changing(template.attrs())]


def _row(weigher: Weigher, view: View) -> Row:
    """What copies make of each need over a view that is known: nothing where the way relies on none."""
    ways = [_way(weigher, need.copied, view) if need.copied else None for need in weigher.needs]
    return tuple(way if way is not None and way.relies else None for way in ways)


def _whole_row(weigher: Weigher, view: View) -> Row:
    """The way to each need over a view whose key is made of changing copies."""
    steady = weigher.row(view, {})
    return tuple(
        _way(weigher, need.copied, view) if need.copied else way
        for need, way in zip(weigher.needs, steady, strict=True)
    )


def _way(weigher: Weigher, need: Need, view: View) -> Way | None:
    found = []
    for path in weigher.paths(need, view):
        try:
            found.append(weigher.way(need, path, changing=True))
        except Unjoined:
            continue
    return min(found, key=lambda way: way.mark, default=None)


Finder = tuple[tuple[View, ...], View | None]
"""Views that find a parent's rows, and the one among them that has to be weighed for it."""


def _finder(weigher: Weigher, ways: Ways, attr: Attr) -> Finder:
    reference = set(weigher.local((attr,)))
    known = [*(View(base, True) for base in ways.bases), *(View(view, False) for view in ways.views)]
    found = tuple(view for view in known if _finds(view.template, reference))
    parts = tuple(KeyPart(Attr((), column)) for column in sorted(reference))
    tail = tuple(KeyPart(Attr((), column)) for column in weigher.keys[0] if column not in reference)
    own = View(Template(parts, tail), False)
    return (found, None) if own in found else ((*found, own), own)


def _finds(template: Template, reference: set[str]) -> bool:
    """Whether a reference's values are a whole partition of the template, or more of its key."""
    attrs = [part.attr for part in template.partition]
    return bool(attrs) and all(not a.path and a.column in reference for a in attrs) and _holds_all(template)


def _holds_all(template: Template) -> bool:
    """Whether every row stands there, under values as they are."""
    return not template.where and not any(part.fold for part in template.partition)


def _with_views(weigher: Weigher, ways: Ways, templates: tuple[Template, ...]) -> Ways:
    """The ways with views added that only find a parent's rows."""
    rows = tuple(weigher.row(View(template, False), {}) for template in templates)
    usd = tuple(weigher.view_usd(View(template, False)) for template in templates)
    return replace(
        ways,
        views=(*ways.views, *templates),
        over_view=(*ways.over_view, *rows),
        view_usd=(*ways.view_usd, *usd),
    )


def _copied(weigher: Weigher, attr: Attr, finder: Finder) -> Copied:
    """The price of a change that reaches every row of the parent, in transactions: two units a KB in the table, one
    in each index."""
    data = weigher.data
    owner = table_at(data.schema, weigher.table, attr.path)
    rate = weigher.rates[owner].changing(frozenset({attr.column}))
    rows = data.rows(weigher.table) * data.present(weigher.table, _reference(weigher, attr)) / data.rows(owner)
    usd = monthly_writes(weigher.prices, rate * rows, units_of(weigher.row_bytes))
    return Copied(attr, 2 * usd, usd, finder[0])


def _reference(weigher: Weigher, attr: Attr) -> Iterator[Attr]:
    _, key = steps(weigher.data.schema, weigher.table, attr.path)[0]
    return (Attr((), column) for column in key.columns)
