"""A second item of each row in the table itself, under another key: read as consistently as the table, without an
index, and written with the row in one transaction."""

from __future__ import annotations

from dataclasses import replace

from migrator.design.candidates import index_templates
from migrator.design.design import Template, View
from migrator.design.needs import Need
from migrator.design.price import monthly_writes, units_of
from migrator.design.ways import Offer, Ways
from migrator.design.weighing import Weigher


def with_edges(weigher: Weigher, ways: Ways, few_indexes: bool) -> Ways:
    """The ways with second items added: for needs that an index cannot meet, being read eventually, and for all of
    them where `few_indexes` are allowed."""
    asking = [need for n, need in enumerate(ways.needs) if few_indexes or (need.strong and not _met(ways, n))]
    views = [View(template, False, edge=True) for template in _templates(weigher, asking)]
    rows = [weigher.row(view, {}) for view in views]
    offers = [Offer(v, row, edge_usd(weigher, v)) for v, row in zip(views, rows, strict=True) if any(row)]
    return replace(ways, beside=(*ways.beside, *offers))


def _met(ways: Ways, number: int) -> bool:
    return any(row[number] for row in ways.over_base)


def _templates(weigher: Weigher, needs: list[Need]) -> list[Template]:
    key = weigher.keys[0]
    grown = (template for need in needs for template in index_templates(weigher.data.schema, need, key))
    return [template for template in dict.fromkeys(grown) if template.partition and not template.where]


def edge_usd(weigher: Weigher, view: View) -> float:
    """Dollars a month of a second item: its writes count twice, being part of a transaction, and so do those of the
    row, which a transaction makes twice as dear."""
    own = weigher.view_usd(view)
    writes = weigher.writes
    entries = writes.entries(frozenset(weigher.local(view.template.attrs())))
    alone = writes.inserts + writes.deletes + writes.changing()
    more = monthly_writes(weigher.prices, entries + alone, units_of(weigher.row_bytes))
    return own + more + weigher.prices.item_kind_month
