"""Which entities expire: a TTL for rows that have a moment after which nobody wants them."""

from __future__ import annotations

import re

from migrator.model.schema import Column, Kind, Table
from migrator.model.settings import TableOverride

_EXPIRY = re.compile(r"(^|_)(expir(y|es|ed|ation)?|ttl|valid_?(until|to|till)|good_?until)(_|$)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EPHEMERAL = re.compile(r"(^|_)(sessions?|tokens?|otps?|nonces?|caches?|carts?|password_?resets?)$", re.IGNORECASE)
_TIMES = (Kind.INTEGER, Kind.DATE, Kind.DATETIME, Kind.TIMESTAMP, Kind.DECIMAL, Kind.FLOAT)


def expiry_column(table: Table, override: TableOverride) -> str | None:
    """The column that says when a row expires: as migrate.toml says, else the first whose name and kind do."""
    if override.ttl is not None:
        return None if override.ttl == "none" else table.column(override.ttl).name
    return next((column.name for column in table.columns if _says_expiry(column)), None)


def _says_expiry(column: Column) -> bool:
    textual_date = column.kind is Kind.TEXT and bool(re.search("date|time", column.sql_type, re.IGNORECASE))
    return bool(_EXPIRY.search(_CAMEL.sub("_", column.name))) and (column.kind in _TIMES or textual_date)


def sounds_ephemeral(table: Table) -> bool:
    """A table whose name says that its rows do not live long."""
    return bool(_EPHEMERAL.search(_CAMEL.sub("_", table.name)))
