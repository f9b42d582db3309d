"""A first queries file: every key, foreign key and index of a schema as a query, for the user to edit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from migrator.model.schema import Schema, Table
from migrator.workload.dialects import parser_dialect
from migrator.workload.reserved import RESERVED

_HEADER = """\
-- The queries of the application. Edit them: the design serves what stands here, and nothing else.
-- This first version asks for every primary key, unique key, foreign key and index of the schema.
--
-- Comments above each query:
--   -- name: orders_of_customer    what the query is called; required, and used once
--   -- rate: 40                    requests a second on average; also 40/s, 2400/min, 100/h or 3/day
--   -- peak: 200                   requests in the busiest second; by default 4 x the rate
--   -- consistency: strong         by default eventual
-- Several statements under one name are wanted together. INSERT, UPDATE and DELETE are declared
-- in the same way: their rates are what indexes and copies cost.
"""
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def starter(schema: Schema) -> str:
    """The text of a queries file for the schema. Deterministic; `read_workload` accepts it."""
    dialect = parser_dialect(schema.dialect)
    taken: set[str] = set()
    blocks = [_block(table, columns, dialect, taken) for table in schema.tables for columns in _asked(table)]
    return "\n".join([_HEADER, *blocks])


def _asked(table: Table) -> Iterator[tuple[str, ...]]:
    """Each set of columns that a key, foreign key or index names, once, in that order."""
    seen: set[frozenset[str]] = set()
    keys = [table.primary_key, *(unique.columns for unique in table.uniques)]
    keys += [key.columns for key in table.foreign_keys] + [index.columns for index in table.indexes]
    for columns in keys:
        named = frozenset(columns)
        if columns and named not in seen and all(table.has_column(name) for name in columns):
            seen.add(named)
            yield tuple(dict.fromkeys(columns))


def _block(table: Table, columns: tuple[str, ...], dialect: str, taken: set[str]) -> str:
    parameters = _distinct([identifier(column) for column in columns])
    name = free_name(f"{identifier(table.name)}_by_{'_and_'.join(parameters)}", taken)
    conditions = " AND ".join(
        f"{quoted(column, dialect)} = :{parameter}" for column, parameter in zip(columns, parameters, strict=True)
    )
    shown = ", ".join(quoted(column.name, dialect) for column in table.starred) if table.left_out else "*"
    return f"-- name: {name}\n-- rate: 1\nSELECT {shown} FROM {quoted(table.name, dialect)} WHERE {conditions};\n"


def identifier(name: str) -> str:
    """The name in ASCII snake_case: `CustomerId` is customer_id. Always a valid identifier."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"\W+", "_", _WORD_STARTS.sub("_", plain)).strip("_").lower()
    return words if words and not words[0].isdigit() else f"n_{words}".rstrip("_")


def _distinct(names: list[str]) -> list[str]:
    taken: set[str] = set()
    return [free_name(name, taken) for name in names]


def free_name(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    taken.add(candidate)
    return candidate


def quoted(name: str, dialect: str) -> str:
    """The identifier, in quotes where it needs them. SQLite and MySQL compare letters without case; PostgreSQL
    would fold them."""
    plain = name.lower() if dialect != "postgres" else name
    if _PLAIN.match(plain) and name.lower() not in RESERVED:
        return name
    quote = "`" if dialect == "mysql" else '"'
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"
