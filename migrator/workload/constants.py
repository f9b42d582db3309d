"""Which literals of the logs are the application's own words, and which are data that became parameters."""

from __future__ import annotations

import re
from collections.abc import Callable

from migrator.model.schema import Schema
from migrator.workload.meeting import Facts, Met

_CALLS = 3
"""So many calls with one value make it a constant; fewer could be chance."""
_STATE = re.compile(r"'[A-Za-z][A-Za-z_ -]{0,31}'\Z")
_PATTERN = re.compile(r"'[%_|,.:;/ -]*'\Z|'(?:%[A-Za-z]|[-:/ T.])+'\Z")
_NUMBER = re.compile(r"-?\d{1,6}(?:\.\d{1,2})?\Z")

Hides = Callable[[str], bool]


def is_constant(literals: tuple[str, ...], met: Met, calls: int, facts: Facts, schema: Schema, hides: Hides) -> bool:
    """Whether literals that were the same in all `calls` are written into the file. What may name one row, person or
    secret never is: values of keys and of columns that `hides` tells apart by name, and whatever is not a short
    word, number or pattern."""
    if met.role in ("limit", "offset") and met.column is None:
        return True
    if met.column is None or met.role == "argument":
        return all(_NUMBER.match(text) or _PATTERN.match(text) for text in literals)
    if calls < _CALLS or hides(met.column) or _names_rows(met.column, facts, schema):
        return False
    return all(_STATE.match(text) or _NUMBER.match(text) for text in literals)


def _names_rows(column: str, facts: Facts, schema: Schema) -> bool:
    """Whether a column of one of the statement's tables is part of a key."""
    name = column.lower()
    for table in (schema.table(table) for table in facts.tables if schema.has_table(table)):
        keys = (table.primary_key, *(unique.columns for unique in table.uniques))
        keys += tuple(key.columns for key in table.foreign_keys)
        if any(name == part.lower() for key in keys for part in key):
            return True
    return False
