"""Databases for whole runs: the sample, and public cases with made-up rows."""

from __future__ import annotations

import importlib.util
import random
import sqlite3
import sys
from pathlib import Path

from tests.acceptance.commands import ROOT


def make_shop(path: Path, scale: float) -> None:
    """The sample database."""
    location = ROOT / "samples" / "shop" / "generate.py"
    spec = importlib.util.spec_from_file_location("shop_generate", location)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(location)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.generate(path, scale)


def fill_case(schema: Path, path: Path, rows: int = 30) -> None:
    """A database of that schema with repeatable rows whose references hold."""
    connection = sqlite3.connect(path)
    connection.executescript(schema.read_text(encoding="utf-8"))
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    filler = _Filler(connection, random.Random(1), rows)
    for table in tables:
        filler.fill(table)
    connection.commit()
    connection.close()


class _Filler:
    def __init__(self, connection: sqlite3.Connection, chance: random.Random, rows: int) -> None:
        self._connection = connection
        self._chance = chance
        self._rows = rows
        self._filled: dict[str, list[dict[str, object]]] = {}

    def fill(self, table: str) -> None:
        if table in self._filled:
            return
        self._filled[table] = []
        references = {
            row[3]: (row[2], row[4]) for row in self._connection.execute(f'PRAGMA foreign_key_list("{table}")')
        }
        for parent, _ in references.values():
            self.fill(parent)
        columns = list(self._connection.execute(f'PRAGMA table_info("{table}")'))
        for number in range(self._rows * (3 if references else 1)):
            row = {c[1]: self._value(c[1], c[2], bool(c[5]), number, references) for c in columns}
            self._insert(table, row)

    def _insert(self, table: str, row: dict[str, object]) -> None:
        marks = ", ".join("?" * len(row))
        try:
            self._connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', list(row.values()))
        except sqlite3.IntegrityError:
            return
        self._filled[table].append(row)

    def _value(
        self, name: str, declared: str, key: bool, number: int, references: dict[str, tuple[str, str]]
    ) -> object:
        if name in references:
            parent, column = references[name]
            known = self._filled[parent]
            return self._chance.choice(known)[column] if known else None
        if declared == "INTEGER":
            return self._chance.randint(1, 50)
        if declared == "NUMERIC":
            return self._chance.randint(100, 9999) / 100
        if any(word in name for word in ("date", "time", "_at")):
            chance = self._chance
            return f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d} {chance.randint(0, 23):02d}:00:00"
        if any(word in name for word in ("state", "status", "type", "kind")):
            return self._chance.choice(["A", "B", "C#1"])
        unique = key or "email" in name
        return f"{name}-{number if unique else self._chance.randint(1, 9)}"
