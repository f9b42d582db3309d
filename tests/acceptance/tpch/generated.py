"""The benchmark's own data and reports, from the generator in DuckDB's extension `tpch`: nothing of it is kept here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

TABLES = ("region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem")


def generated(scale: float) -> tuple[dict[str, list[Sequence[Any]]], dict[str, str]]:
    """Rows by table as SQLite takes them, and the 22 reports by number. Skips where the generator is not installed."""
    duckdb = pytest.importorskip("duckdb")
    home = Path(pytest.importorskip("duckdb_extension_tpch").__file__).parent
    extension = home / "extensions" / f"v{duckdb.__version__}" / "tpch.duckdb_extension"
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as made:
        made.execute(f"LOAD '{extension}'")
        made.execute(f"CALL dbgen(sf={scale})")
        rows = {table: _plain(made.execute(f"SELECT * FROM {table}").fetchall()) for table in TABLES}
        # With so few suppliers the generator gives some parts one of them twice.
        rows["partsupp"] = list({row[:2]: row for row in rows["partsupp"]}.values())
        reports = made.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY query_nr").fetchall()
    return rows, {f"report_{number}": text for number, text in reports}


def _plain(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    return [tuple(map(_value, row)) for row in rows]


def _value(value: Any) -> Any:
    """Exact sums come from SQLite's floats only as long as they are short: cents are binary fractions there, too."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
