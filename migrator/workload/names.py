"""From names as written to tables and columns as the schema spells them."""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from migrator.model.query import Field
from migrator.model.schema import Column, Schema, Table
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake, line_of, nearest
from migrator.workload.refusals import refuse, show

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DEFAULT_SCHEMAS = {"sqlite": "main", "postgres": "public"}
_ROWIDS = frozenset(("rowid", "oid", "_rowid_"))


@dataclass(frozen=True, slots=True)
class Source:
    """A table of a statement. Fields carry `alias`; qualifiers name it by `written` where that differs.
    `merged`: columns that USING shares with a table before it."""

    alias: str
    table: Table
    merged: tuple[str, ...] = ()
    written: str | None = None

    @property
    def called(self) -> str:
        return self.written or self.alias


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of one statement may refer to."""

    dialect: str
    sources: tuple[Source, ...]

    def table(self, alias: str) -> Table:
        return next(source.table for source in self.sources if source.alias == alias)

    def column(self, field: Field) -> Column:
        return self.table(field.alias).column(field.column)

    def field(self, node: exp.Column) -> Field:
        """The column that is meant. Mistake when there is none or more than one."""
        only(node, "this", "table")
        name = node.this
        if not isinstance(name, exp.Identifier):
            raise refuse("* here", "a single column is expected", "Name the column.")
        qualifier = node.args.get("table")
        sources = (self.source(qualifier),) if qualifier else self.sources
        found = [
            Field(source.alias, spelled)
            for source in sources
            if (spelled := find(name, (column.name for column in source.table.columns), self.dialect)) is not None
            and (qualifier is not None or spelled not in source.merged)
        ]
        if len(found) == 1:
            return found[0]
        raise self._ambiguous(name, found) if found else self._unknown(name, sources)

    def source(self, qualifier: exp.Identifier) -> Source:
        """The table of that alias. Mistake when there is none."""
        names = [source.called for source in self.sources]
        called = find(qualifier, names, self.dialect)
        if called is None:
            what = f"no table is called {qualifier.name} in this statement"
            raise Mistake(what, nearest(qualifier.name, names), line_of(qualifier))
        return next(source for source in self.sources if source.called == called)

    def _ambiguous(self, name: exp.Identifier, found: list[Field]) -> Mistake:
        choices = " or ".join(f"{field.alias}.{field.column}" for field in found)
        return Mistake(f"the column {name.name} is ambiguous", f"Write {choices}.", line_of(name))

    def _unknown(self, name: exp.Identifier, sources: tuple[Source, ...]) -> Exception:
        if self.dialect == "sqlite" and name.name.lower() in _ROWIDS:
            return refuse(f"the hidden column {name.name}", "it is not migrated", "Use the primary key.")
        known = [column.name for source in sources for column in source.table.columns]
        tables = ", ".join(dict.fromkeys(source.table.name for source in sources))
        advice = _quote_advice(name, known, self.dialect) or nearest(name.name, known)
        if name.args.get("quoted"):
            advice += " A text value stands in single quotes."
        return Mistake(f"there is no column {name.name} in {tables or 'this statement'}", advice, line_of(name))


def find(name: exp.Identifier, known: Iterable[str], dialect: str) -> str | None:
    """The known name that is meant, by the dialect's rules of case, or None."""
    only(name, "this", "quoted")
    names = list(known)
    quoted = bool(name.args.get("quoted"))
    if dialect == "postgres":
        wanted = name.name if quoted else name.name.translate(_ASCII_LOWER)
        return wanted if wanted in names else None
    if name.name in names:
        return name.name
    folded = _fold(name.name, dialect)
    return next((candidate for candidate in names if _fold(candidate, dialect) == folded), None)


def _fold(name: str, dialect: str) -> str:
    """SQLite folds ASCII letters only."""
    return name.translate(_ASCII_LOWER) if dialect == "sqlite" else name.lower()


def _quote_advice(name: exp.Identifier, known: list[str], dialect: str) -> str | None:
    """PostgreSQL reads an unquoted name in lower case; a name in mixed case has to be quoted."""
    if dialect == "postgres" and not name.args.get("quoted") and name.name in known:
        return f'PostgreSQL folds names that are not quoted: write "{name.name}".'
    return None


def find_table(node: exp.Table, schema: Schema, dialect: str) -> Table:
    """The schema's table. Mistake when it is unknown; refused when it is a view or not migrated."""
    name = node.this
    if not isinstance(name, exp.Identifier):
        raise refuse(f"the table function {show(node)}", "it reads no table", "Query a table.")
    _check_schema(node, dialect)
    known = [table.name for table in schema.tables]
    found = find(name, known, dialect)
    if found is not None:
        return schema.table(found)
    if find(name, (view.name for view in schema.views), dialect) is not None:
        raise refuse(f"the view {name.name}", "views are not migrated", "Write its query over the base tables.")
    for skipped in schema.skipped:
        if find(name, (skipped.name,), dialect) is not None:
            raise refuse(f"the table {name.name}", f"it is not migrated ({skipped.reason})", "Query another table.")
    advice = _quote_advice(name, known, dialect) or nearest(name.name, known)
    raise Mistake(f"there is no table {name.name}", advice, line_of(name))


def _check_schema(node: exp.Table, dialect: str) -> None:
    database = node.args.get("db")
    if database is None or database.name.lower() != _DEFAULT_SCHEMAS.get(dialect):
        only(node, "this", "alias")
    else:
        only(node, "this", "alias", "db")


def source_of(node: exp.Table, schema: Schema, dialect: str) -> Source:
    """The table with the alias that the statement gives it, by default its own name."""
    table = find_table(node, schema, dialect)
    alias = node.args.get("alias")
    if alias is None:
        return Source(table.name, table)
    only(alias, "this")
    return Source(alias_of(alias.this, dialect), table)


def alias_of(name: exp.Identifier, dialect: str) -> str:
    """An alias as the database knows it: PostgreSQL folds one that is not quoted."""
    folded = dialect == "postgres" and not name.args.get("quoted")
    return name.name.translate(_ASCII_LOWER) if folded else name.name
