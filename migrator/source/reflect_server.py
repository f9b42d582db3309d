"""What SQLAlchemy's inspector says of a PostgreSQL, MySQL or MariaDB database: its default schema."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.engine import Connection, Inspector
from sqlalchemy.exc import CompileError, SQLAlchemyError

from migrator.model.schema import Check, Column, Index, Kind, Schema, Table, UniqueKey, View
from migrator.source.catalogue import Catalogue, read_catalogue
from migrator.source.foreign_keys import Reference, settle
from migrator.source.kinds import TypeFacts
from migrator.source.open import Source, first, stream
from migrator.source.server_kinds import server_type
from migrator.source.server_values import documents_parsed

_BINARY = frozenset({"c", "posix", "ucs_basic", "binary", "c.utf-8", "c.utf8"})
_DEFAULT_COLLATION = {
    "postgresql": "SELECT datcollate FROM pg_database WHERE datname = current_database()",
    "mysql": "SELECT @@collation_database",
}


def reflect_server(source: Source) -> Schema:
    """Tables sorted by name, views with their text, and foreign keys that cannot be followed in `skipped`."""
    with source.connect() as connection, _reflecting(source, connection):
        catalogue = read_catalogue(connection, source.dialect)
        inspector = inspect(connection)
        beside = {skipped.name for skipped in catalogue.left_out}
        names = sorted(set(_table_names(source, inspector, connection)) - beside)
        tables = [_table(source, inspector, catalogue, name) for name in names]
        references = {name: _references(inspector, name) for name in names}
        views = tuple(View(name, _view_text(inspector, name)) for name in sorted(inspector.get_view_names()))
        default = first(connection, _DEFAULT_COLLATION[source.dialect])
    settled, dropped = settle(tables, references, fold_case=False)
    skipped = (*catalogue.left_out, *dropped)
    return Schema(source.dialect, settled, views, skipped, _unless_binary(default[0] if default else None))


@contextmanager
def _reflecting(source: Source, connection: Connection) -> Iterator[None]:
    """Types that SQLAlchemy does not know are told by the catalogue: nothing to warn of."""
    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.filterwarnings("ignore", message="Did not recognize type")
        warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression")
        if source.dialect == "postgresql":
            stack.enter_context(documents_parsed(connection.connection.driver_connection))
        yield


def _table_names(source: Source, inspector: Inspector, connection: Connection) -> list[str]:
    """Tables that MariaDB keeps the history of are not among the inspector's; where a schema is named, those of
    others that its names may mean as well are."""
    if source.dialect != "mysql":
        return list(inspector.get_table_names(source.location.schema))
    sql = (
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
        "AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')"
    )
    return [name for (name,) in stream(connection, sql)]


def _table(source: Source, inspector: Inspector, catalogue: Catalogue, name: str) -> Table:
    indexes = [index for index in inspector.get_indexes(name) if _is_plain(index)]
    return Table(
        name,
        tuple(_column(source, catalogue, name, column) for column in inspector.get_columns(name)),
        tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
        uniques=_uniques(inspector, name, indexes),
        indexes=tuple(_index(index) for index in indexes if not index.get("duplicates_constraint")),
        checks=_checks(inspector, name),
        inherits=catalogue.inherited(name),
    )


def _column(source: Source, catalogue: Catalogue, table: str, column: Mapping[str, Any]) -> Column:
    declared, at = column["type"], (table, column["name"])
    facts = TypeFacts(Kind.JSON) if at in catalogue.documents else server_type(declared)
    return Column(
        column["name"],
        _collated(_type_text(source, declared) or catalogue.types.get(at, "unknown"), catalogue, at),
        facts.kind,
        nullable=bool(column["nullable"]),
        length=facts.length,
        precision=facts.precision,
        scale=facts.scale,
        bits=facts.bits,
        unsigned=facts.unsigned,
        collation=_collation(catalogue, at, declared),
        values=tuple(getattr(declared, "enums", ()) or ()),
        generated=column.get("computed") is not None,
        default=column.get("default"),
    )


def _type_text(source: Source, declared: Any) -> str:
    """Empty for a type that SQLAlchemy does not know."""
    try:
        return str(declared.compile(dialect=source.engine.dialect))
    except CompileError:
        return ""


def _collated(sql_type: str, catalogue: Catalogue, at: tuple[str, str]) -> str:
    """MySQL's type with a collation by bytes said, which a column may have from its table."""
    own = (catalogue.collations or {}).get(at)
    stated = own is None or _unless_binary(own) is not None or "COLLATE" in sql_type
    return sql_type if stated else f"{sql_type} COLLATE {own}"


def _collation(catalogue: Catalogue, at: tuple[str, str], declared: Any) -> str | None:
    """None for one that compares bytes, and for MySQL's database's own."""
    if catalogue.collations is None:
        return _unless_binary(getattr(declared, "collation", None))
    own = catalogue.collations.get(at)
    return None if own == catalogue.collation else _unless_binary(own)


def _unless_binary(name: str | None) -> str | None:
    return None if not name or name.lower() in _BINARY or name.lower().endswith("_bin") else str(name)


def _is_plain(index: Mapping[str, Any]) -> bool:
    partial = any(option.endswith("_where") and value for option, value in index.get("dialect_options", {}).items())
    return not partial and not index.get("expressions") and all(index["column_names"])


def _index(index: Mapping[str, Any]) -> Index:
    return Index(index["name"], tuple(index["column_names"]), bool(index["unique"]))


def _uniques(inspector: Inspector, name: str, indexes: Sequence[Mapping[str, Any]]) -> tuple[UniqueKey, ...]:
    found: dict[tuple[str, ...], str] = {}
    declared = [*inspector.get_unique_constraints(name), *(index for index in indexes if index["unique"])]
    for unique in declared:
        columns = tuple(unique["column_names"])
        found.setdefault(columns, unique["name"] or f"uq_{'_'.join(columns)}")
    return tuple(UniqueKey(name, columns) for columns, name in found.items())


def _checks(inspector: Inspector, name: str) -> tuple[Check, ...]:
    try:
        checks = inspector.get_check_constraints(name)
    except NotImplementedError:
        return ()
    return tuple(Check(check["name"] or f"check_{n}", check["sqltext"]) for n, check in enumerate(checks, 1))


def _view_text(inspector: Inspector, name: str) -> str:
    try:
        return str(inspector.get_view_definition(name) or "")
    except (SQLAlchemyError, NotImplementedError):
        return ""


def _references(inspector: Inspector, name: str) -> tuple[Reference, ...]:
    keys = sorted(inspector.get_foreign_keys(name), key=lambda key: (key["name"] or "", key["constrained_columns"]))
    return tuple(
        Reference(
            key["name"],
            tuple(key["constrained_columns"]),
            _referred(key),
            tuple(key["referred_columns"]),
            key.get("options", {}).get("ondelete"),
        )
        for key in keys
    )


def _referred(key: Mapping[str, Any]) -> str:
    schema = key.get("referred_schema")
    return f"{schema}.{key['referred_table']}" if schema else str(key["referred_table"])
