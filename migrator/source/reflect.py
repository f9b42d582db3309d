"""Reads the schema of a source."""

from __future__ import annotations

from migrator.model.schema import Schema
from migrator.source.open import Source
from migrator.source.reflect_server import reflect_server
from migrator.source.reflect_sqlite import reflect_sqlite


def reflect(source: Source) -> Schema:
    """The schema with tables sorted by name. What is not migrated is in `skipped`, with the reason."""
    return reflect_sqlite(source) if source.dialect == "sqlite" else reflect_server(source)
