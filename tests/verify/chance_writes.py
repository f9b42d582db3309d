"""Random declared writes over random tables, and parameters that hit rows, miss them, repeat values or are NULL."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from migrator.plan.plan import PlannedPattern

from tests.verify.chance import World, random_world, value_of
from tests.verify.chance_shapes import Col, Fk, Tab, quoted

SMALL = 2**50
"""Numbers that arithmetic is exact with on both sides."""


@dataclass
class Meaning:
    """What a parameter stands for: a column of a table, and which of several rows of the call it belongs to."""

    table: str
    column: str
    row: int = 0
    kind: str = "value"


@dataclass
class Declared:
    """A write pattern: its name, its statements, what its parameters mean."""

    name: str
    statements: list[str] = field(default_factory=list)
    meanings: dict[str, Meaning] = field(default_factory=dict)
    all_or_none: bool = False

    def text(self) -> str:
        return f"-- name: {self.name}\n-- rate: 1\n" + ";\n".join(self.statements) + ";\n"


def writing_world(seed: int, writes: int = 12) -> tuple[World, list[Declared]]:
    """A random database whose foreign keys may say what ON DELETE does, and declared writes beside its reads."""
    chance = random.Random(f"writes {seed}")
    made = random_world(seed, queries=4)
    for table in made.tables:
        for column in table.columns:
            column.collation = None if column.collation == "RTRIM" else column.collation
        for key in table.foreign:
            key.on_delete = _on_delete(chance, table, key)
    maker = Maker(chance, made)
    return made, [maker.pattern(number) for number in range(writes)]


def _on_delete(chance: random.Random, table: Tab, key: Fk) -> str | None:
    free = all(table.column(name).nullable and name not in table.key for name in key.columns)
    return chance.choice((None, None, "CASCADE", "RESTRICT", "SET NULL" if free else "CASCADE"))


class Maker:
    """Makes declared writes over a database's tables."""

    def __init__(self, chance: random.Random, made: World) -> None:
        self._chance, self._made = chance, made
        self._declared = Declared("")

    def pattern(self, number: int) -> Declared:
        self._declared = Declared(f"write{number}")
        if self._chance.random() < 0.15 and self._pair():
            return self._declared
        self._statement(self._chance.choice(self._made.tables))
        return self._declared

    def within(self, number: int, kind: str, table: Tab, parent: Tab, key: Fk) -> Declared:
        """A write as rows that live within their parent's item take it, or one of the parent."""
        self._declared = Declared(f"within{number}")
        statements = {
            "put": lambda: [self._put(table, self._chance.randint(1, 3), key)],
            "change": lambda: [f"{self._set(table)}{self._where(table, True)}"],
            "remove": lambda: [f"DELETE FROM {quoted(table.name)}{self._where(table, True)}"],
            "both": lambda: [self._put(parent, 1, None), self._put(table, self._chance.randint(1, 2), key, parent)],
            "parent": lambda: [f"{self._set(parent)}{self._where(parent, True)}"],
            "clear": lambda: [f"DELETE FROM {quoted(table.name)}{self._of(table, key.columns)}"],
            "replace": lambda: [
                self._put(table, self._chance.randint(1, 2), key).replace("INSERT", "INSERT OR REPLACE")
            ],
            "upsert": lambda: [self._put(table, 1, key) + self._as_inserted(table)],
            "ignore": lambda: [self._put(table, 1, key, verb="INSERT OR IGNORE")],
            "counted": lambda: self._counted(table, parent, key),
            "gone": lambda: [f"DELETE FROM {quoted(parent.name)}{self._where(parent, True)}"],
        }
        self._declared.statements += statements[kind]()
        self._declared.all_or_none = kind == "counted"
        return self._declared

    def _of(self, table: Tab, columns: tuple[str, ...]) -> str:
        return " WHERE " + " AND ".join(self._equal(table, name) for name in columns)

    def _as_inserted(self, table: Tab) -> str:
        free = [quoted(c.name) for c in table.columns if c.name not in table.key]
        settings = ", ".join(f"{name} = excluded.{name}" for name in free)
        return f" ON CONFLICT ({', '.join(map(quoted, table.key))}) DO UPDATE SET {settings}"

    def _counted(self, table: Tab, parent: Tab, key: Fk) -> list[str]:
        """A new row, and a change of its parent's."""
        put = self._put(table, 1, key)
        names = {meaning.column: name for name, meaning in self._declared.meanings.items()}
        pairs = zip(key.referred, key.columns, strict=True)
        where = " AND ".join(f"{quoted(above)} = :{names[own]}" for above, own in pairs)
        statements = [put, f"{self._set(parent)} WHERE {where}"]
        return statements if self._chance.random() < 0.5 else statements[::-1]

    def _put(self, table: Tab, rows: int, key: Fk | None, parent: Tab | None = None, verb: str = "INSERT") -> str:
        """Rows that refer to one row: to the one that the statement before puts, where `parent` is its table."""
        shared: dict[str, str] = {}
        if key is not None and parent is not None:
            before = {(m.table, m.column): name for name, m in self._declared.meanings.items()}
            shared = {c: f":{before[parent.name, r]}" for c, r in zip(key.columns, key.referred, strict=True)}
        listed = []
        for row in range(rows):
            given = [shared.get(c.name) or self._parameter(table, c.name, row, "insert") for c in table.columns]
            if key is not None:
                named = zip(table.columns, given, strict=True)
                shared |= {c.name: text for c, text in named if c.name in key.columns}
            listed.append(f"({', '.join(given)})")
        names = ", ".join(quoted(c.name) for c in table.columns)
        return f"{verb} INTO {quoted(table.name)} ({names}) VALUES {', '.join(listed)}"

    def _set(self, table: Tab) -> str:
        free = [c for c in table.columns if c.name not in table.key]
        chosen = self._chance.sample(free, self._chance.randint(1, min(3, len(free))))
        settings = []
        for column in chosen:
            name, counted = quoted(column.name), not column.nullable and self._counts(table, column)
            if counted and self._chance.random() < 0.5:
                by = self._parameter(table, column.name, kind="number")
                settings.append(f"{name} = {name} {self._chance.choice('+-')} {by}")
            elif column.nullable and self._chance.random() < 0.2:
                settings.append(f"{name} = NULL")
            else:
                referring = any(column.name in key.columns for key in table.foreign)
                settings.append(
                    f"{name} = {self._parameter(table, column.name, 1, 'reference' if referring else 'value')}"
                )
        return f"UPDATE {quoted(table.name)} SET {', '.join(settings)}"

    def _pair(self) -> bool:
        """Two statements on tables that know nothing of each other."""
        chosen = self._chance.sample(self._made.tables, 2)
        apart = all(key.table not in {t.name for t in chosen} for t in chosen for key in t.foreign)
        if apart:
            self._declared.all_or_none = True
            for table in chosen:
                self._statement(table, by_key=True)
        return apart

    def _statement(self, table: Tab, by_key: bool = False) -> None:
        kind = self._chance.random()
        if kind < 0.4:
            sql = self._insert(table, single=by_key)
        elif kind < 0.8:
            sql = self._update(table, by_key)
        else:
            sql = f"DELETE FROM {quoted(table.name)}{self._where(table, by_key)}"
        self._declared.statements.append(sql)

    def _parameter(self, table: Tab, column: str, row: int = 0, kind: str = "value") -> str:
        name = f"p{len(self._declared.meanings)}"
        self._declared.meanings[name] = Meaning(table.name, column, row, kind)
        return f":{name}"

    def _insert(self, table: Tab, single: bool) -> str:
        columns = [c for c in table.columns if not c.nullable or self._chance.random() < 0.8]
        if table.key == ("id",) and table.column("id").kind == "INTEGER" and self._chance.random() < 0.2 and not single:
            columns = [c for c in columns if c.name != "id"] or columns
        conflict = self._chance.random()
        given = set(table.key) <= {c.name for c in columns}
        rows = 1 if single or not given or self._chance.random() < 0.7 else self._chance.randint(2, 3)
        verb, tail = "INSERT", ""
        if conflict < 0.15:
            verb = "INSERT OR IGNORE"
        elif conflict < 0.25:
            tail = " ON CONFLICT DO NOTHING"
        elif conflict < 0.45:
            verb = "INSERT OR REPLACE"
        elif conflict < 0.7:
            tail, rows = self._on_conflict(table, columns), 1
        values = ", ".join(
            "(" + ", ".join(self._parameter(table, c.name, row, "insert") for c in columns) + ")" for row in range(rows)
        )
        names = ", ".join(quoted(c.name) for c in columns)
        return f"{verb} INTO {quoted(table.name)} ({names}) VALUES {values}{tail}"

    def _on_conflict(self, table: Tab, columns: list[Col]) -> str:
        free = [c for c in columns if c.name not in table.key]
        if not free or not set(table.key) <= {c.name for c in columns}:
            return ""
        chosen = self._chance.sample(free, self._chance.randint(1, min(3, len(free))))
        settings = []
        for column in chosen:
            name = quoted(column.name)
            if self._counts(table, column) and self._chance.random() < 0.5:
                settings.append(f"{name} = {name} + excluded.{name}")
            elif self._chance.random() < 0.7:
                settings.append(f"{name} = excluded.{name}")
            else:
                settings.append(f"{name} = {self._parameter(table, column.name)}")
        return f" ON CONFLICT ({', '.join(map(quoted, table.key))}) DO UPDATE SET {', '.join(settings)}"

    def _counts(self, table: Tab, column: Col) -> bool:
        """Whether the column holds numbers that arithmetic is exact with."""
        if column.kind != "INTEGER" or any(column.name in unique for unique in table.uniques):
            return False
        if any(column.name in key.columns for key in table.foreign):
            return False
        return all(abs(row[column.name] or 0) < SMALL for row in self._made.rows[table.name])

    def _update(self, table: Tab, by_key: bool) -> str:
        free = [c for c in table.columns if c.name not in table.key] or table.columns
        chosen = self._chance.sample(free, self._chance.randint(1, min(3, len(free))))
        settings = [f"{quoted(c.name)} = {self._new(table, c)}" for c in chosen]
        return f"UPDATE {quoted(table.name)} SET {', '.join(settings)}{self._where(table, by_key)}"

    def _new(self, table: Tab, column: Col) -> str:
        kind, name = self._chance.random(), quoted(column.name)
        referring = any(column.name in key.columns for key in table.foreign)
        if kind < 0.25 and self._counts(table, column):
            return f"{name} {self._chance.choice('+-')} {self._parameter(table, column.name, kind='number')}"
        if kind < 0.25 and column.kind == "TEXT" and not referring:
            return f"{name} || {self._parameter(table, column.name)}"
        if kind < 0.35 and column.nullable:
            return "NULL"
        return self._parameter(table, column.name, 1, "reference" if referring else "value")

    def _where(self, table: Tab, by_key: bool) -> str:
        kind = self._chance.random()
        if by_key or kind < 0.6 or not table.foreign:
            listed = len(table.key) == 1 and not by_key and kind > 0.45
            tests = [self._listed(table, name) if listed else self._equal(table, name) for name in table.key]
        else:
            key = self._chance.choice(table.foreign)
            tests = [self._equal(table, name) for name in key.columns]
            if len(key.columns) == 1 and self._chance.random() < 0.3:
                tests = [self._listed(table, key.columns[0])]
        if not by_key and self._chance.random() < 0.35:
            tests.append(self._test(table, self._chance.choice(table.columns)))
        return f" WHERE {' AND '.join(tests)}"

    def _equal(self, table: Tab, name: str) -> str:
        return f"{quoted(name)} = {self._parameter(table, name, kind='find')}"

    def _listed(self, table: Tab, name: str) -> str:
        listed = ", ".join(self._parameter(table, name, row, "find") for row in range(self._chance.randint(1, 3)))
        return f"{quoted(name)} IN ({listed})"

    def _test(self, table: Tab, column: Col) -> str:
        name, kind = quoted(column.name), self._chance.random()
        if kind < 0.2:
            return f"{name} IS {self._chance.choice(('', 'NOT '))}NULL"
        if kind < 0.35 and column.kind == "TEXT":
            return f"{name} LIKE {self._parameter(table, column.name)} || '%'"
        if kind < 0.5:
            return f"{name} NOT IN ({self._parameter(table, column.name)}, {self._parameter(table, column.name)})"
        if kind < 0.6:
            return f"({name} = {self._parameter(table, column.name)} OR {name} > {self._parameter(table, column.name)})"
        operator = self._chance.choice(("=", "<", "<=", ">", ">=", "<>"))
        return f"{name} {operator} {self._parameter(table, column.name, kind='find')}"


class Drawer:
    """Draws parameters from the database as it is."""

    def __init__(self, chance: random.Random, made: World, connection: sqlite3.Connection) -> None:
        self._chance, self._connection = chance, connection
        self._tables = {table.name: table for table in made.tables}
        self._odd = 0.0

    def draw(self, declared: Declared) -> dict[str, Any]:
        """Values for each parameter. OR IGNORE alone is never given NULL where none may be: it passes over that too,
        which DO NOTHING does not."""
        self._odd = 0.0 if any("OR IGNORE" in sql for sql in declared.statements) else 0.02
        rows: dict[tuple[str, int], dict[str, Any] | None] = {}
        news: dict[tuple[str, int], dict[str, Any]] = {}
        drawn = {}
        for name, meaning in declared.meanings.items():
            place = (meaning.table, meaning.row)
            if place not in rows:
                rows[place] = self._row(meaning.table)
            if place not in news:
                news[place] = dict(self._new(self._tables[meaning.table], rows[place]))
            drawn[name] = self._value(meaning, rows[place], news[place])
        return drawn

    def _row(self, table: str) -> dict[str, Any] | None:
        found = self._connection.execute(f"SELECT * FROM {quoted(table)}")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
        return self._chance.choice(rows) if rows else None

    def _new(self, table: Tab, old: dict[str, Any] | None) -> Iterator[tuple[str, Any]]:
        """A whole new row: of fresh values, of references that lead somewhere, some of them of a row that is there."""
        repeat = self._chance.random() < 0.35
        for column in table.columns:
            alias = table.key == (column.name,) and column.kind == "INTEGER"
            repeated = old is not None and ((repeat and column.name in table.key) or self._chance.random() < 0.15)
            yield column.name, old[column.name] if repeated and old else self._fresh(column, alias)
        for key in table.foreign:
            parent = self._row(key.table)
            nullable = all(table.column(name).nullable for name in key.columns)
            if parent is None or any(parent[name] is None for name in key.referred) or self._chance.random() < 0.15:
                if nullable:
                    yield from dict.fromkeys(key.columns).items()
                continue
            if repeat and set(key.columns) & set(table.key):
                continue
            yield from zip(key.columns, (parent[name] for name in key.referred), strict=True)

    def _fresh(self, column: Col, alias: bool = False) -> Any:
        """A value. `alias`: of the rowid, which is made where NULL is given."""
        if not alias and self._chance.random() < (0.2 if column.nullable else self._odd):
            return None
        value = value_of(self._chance, column.kind)
        return value % SMALL if isinstance(value, int) and abs(value) >= SMALL else value

    def _value(self, meaning: Meaning, old: dict[str, Any] | None, new: dict[str, Any]) -> Any:
        column = self._tables[meaning.table].column(meaning.column)
        if meaning.kind == "insert":
            return new[meaning.column]
        if meaning.kind == "number":
            return None if self._chance.random() < 0.1 else self._chance.randint(-5, 20)
        if meaning.kind == "reference":
            return new[meaning.column]
        if meaning.kind == "find" and old is not None and self._chance.random() < 0.8:
            return old[meaning.column]
        return self._fresh(column)


def made_up(pattern: PlannedPattern, declared: Declared, number: int) -> dict[str, Any]:
    """Values of the parameters that the plan adds: what the database made of its own."""
    known = set(declared.meanings)
    return {p.use.name: number for p in pattern.parameters if p.use.name not in known}
