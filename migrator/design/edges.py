"""A second item of each row in the table itself, under another key: read as consistently as the table, without an
index, and written with the row in one transaction. It holds all of the row, or what its queries look at, or keys
alone, by which the rows are read then: a change of what it does not hold writes the row alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.candidates import index_templates
from migrator.design.design import Template, View
from migrator.design.needs import Need
from migrator.design.price import monthly_writes, units_of
from migrator.design.projections import looked_at, narrow_row
from migrator.design.ways import Offer, Row, Ways
from migrator.design.weighing import Weigher


def with_edges(weigher: Weigher, ways: Ways, few_indexes: bool, expires: str | None = None) -> Ways:
    """The ways with second items added: for needs that an index cannot meet, being read eventually, and for all of
    them where `few_indexes` are allowed. `expires`: the column that a row's time to live is made of."""
    asking = [need for n, need in enumerate(ways.needs) if few_indexes or (need.strong and not _met(ways, n))]
    offers: list[Offer] = []
    for template in _templates(weigher, asking):
        view = View(template, False, edge=True)
        row = weigher.row(view, {})
        if any(row):
            whole = Offer(view, row, edge_usd(weigher, view))
            offers += [whole, *_narrow(weigher, whole, expires)]
    return replace(ways, beside=(*ways.beside, *offers))


def _met(ways: Ways, number: int) -> bool:
    return any(row[number] for row in ways.over_base)


def _templates(weigher: Weigher, needs: list[Need]) -> list[Template]:
    key = weigher.keys[0]
    grown = (template for need in needs for template in index_templates(weigher.data.schema, need, key))
    return [template for template in dict.fromkeys(grown) if template.partition and not template.where]


def _narrow(weigher: Weigher, whole: Offer, expires: str | None) -> Iterator[Offer]:
    """Second items of the same key that hold less, where they are cheaper to keep."""
    always = {Attr((), column) for key in weigher.keys for column in key} | set(whole.view.template.attrs())
    always |= {Attr((), expires)} if expires else set()
    for held in dict.fromkeys(_held(weigher, whole.row)):
        view = replace(whole.view, only=tuple(sorted(always | held)))
        usd = edge_usd(weigher, view)
        if usd < whole.usd:
            row = narrow_row(weigher, view)
            if any(row):
                yield Offer(view, row, usd)


def _held(weigher: Weigher, row: Row) -> Iterator[frozenset[Attr]]:
    """Nothing but keys, what one of the queries looks at, and what all of them do."""
    wanted = [
        looked_at(weigher, need, way) for need, way in zip(weigher.needs, row, strict=True) if way and not need.finds
    ]
    yield frozenset()
    yield from sorted(set(wanted), key=sorted)
    yield frozenset[Attr]().union(*wanted)


def edge_usd(weigher: Weigher, view: View) -> float:
    """Dollars a month of a second item: its writes count twice, being part of a transaction, and so do those of the
    row which they go with, which a transaction makes twice as dear."""
    writes, prices = weigher.writes, weigher.prices
    keyed = frozenset(weigher.local(view.template.attrs()))
    held = None if view.only is None else frozenset(weigher.local(view.only)) | keyed
    again = monthly_writes(prices, writes.entries(keyed, held), units_of(weigher.bytes_of(view)))
    alone = writes.inserts + writes.deletes + writes.changing(held)
    dearer = monthly_writes(prices, alone, units_of(weigher.row_bytes))
    return weigher.view_usd(view) + again + dearer + prices.item_kind_month
