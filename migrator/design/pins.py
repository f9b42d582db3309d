"""What migrate.toml pins of a table's keys: its own key, and views in indexes."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.design.attributes import Attr
from migrator.design.candidates import keyable, part, with_identity
from migrator.design.design import Template
from migrator.model.errors import BlockedError
from migrator.model.schema import Schema
from migrator.model.settings import PinnedView, Settings, TableOverride


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the user asks of one table, whatever it costs: columns of the table's own key (none: it is free), and
    views of whole items that stand in indexes."""

    partition: frozenset[str] = frozenset()
    sort: tuple[str, ...] = ()
    views: tuple[Template, ...] = ()

    def allows(self, template: Template) -> bool:
        """Whether a template of the table is the one that is pinned."""
        partition = frozenset(part.attr.column for part in template.partition)
        sort = tuple(part.attr.column for part in template.sort)
        return not (self.partition or self.sort) or (partition, sort) == (self.partition, self.sort)


FREE = Pinned()


def pins(schema: Schema, settings: Settings, table: str, key: tuple[str, ...]) -> Pinned:
    """What is pinned of a table whose rows go by `key`. BlockedError, by name, for a view that cannot be."""
    override = settings.override(table)
    views: list[Template] = []
    most = settings.limits.max_indexes
    for number, view in enumerate(override.views, 1):
        why = f"max_indexes under [limits] allows {most}" if number > most else _why_not(schema, override, view)
        template = None if why else _template(schema, table, view, key)
        if template in views:
            why = "another one is the same"
        if template is None or why is not None:
            raise BlockedError(
                f"the view pinned for table {table}, {spoken_view(view)}, is infeasible: {why}",
                f'change views under [tables."{table}"] in migrate.toml, or take it out',
            )
        views.append(template)
    return Pinned(frozenset(override.partition), override.sort, tuple(views))


def spoken_view(view: PinnedView) -> str:
    """A pinned view in words.

    >>> spoken_view(PinnedView((), ("made",)))
    '(one constant | made)'
    """
    return f"({', '.join(view.partition) or 'one constant'} | {', '.join(view.sort)})".replace(" | )", ")")


def _why_not(schema: Schema, override: TableOverride, view: PinnedView) -> str | None:
    listed = (*view.partition, *view.sort)
    twice = next((column for column in listed if listed.count(column) > 1), None)
    if twice is not None:
        return f"{twice} stands in it twice"
    if not listed:
        return "it names no column"
    for name in listed:
        if not keyable(schema, override.table, Attr((), name)):
            column = schema.table(override.table).column(name)
            odd = f"compares with {column.collation}" if column.collation else "holds a document"
            return f"{name} {odd}, which no key can"
    return None


def _template(schema: Schema, table: str, view: PinnedView, key: tuple[str, ...]) -> Template:
    sort = tuple(part(schema, table, Attr((), name)) for name in view.sort)
    return with_identity(schema, table, tuple(Attr((), name) for name in view.partition), sort, key)
