"""Random declared queries over random tables."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.verify.chance_shapes import Col, Tab, quoted

OPERATORS = ("=", "=", "=", "=", "<", "<=", ">", ">=")
PATTERNS = ("'a%'", "'2024-01%'", "'%'", "'1%'", "'A#%'", "'é%'", "'a_%'", "'a!%%' ESCAPE '!'")


@dataclass
class Chooser:
    chance: random.Random
    tables: list[Tab]
    rows: dict[str, list[dict[str, Any]]]
    value_of: Callable[[random.Random, str], Any]

    def table(self, name: str) -> Tab:
        return next(table for table in self.tables if table.name == name)


Aliases = dict[str, Tab]


def declared(chooser: Chooser, count: int) -> str:
    """A queries file: reads, and some writes, which make copies stale and tables grow."""
    blocks = [_Block(chooser, number).text() for number in range(count)]
    blocks += [_write(chooser, number) for number in range(chooser.chance.choice((0, 0, 1, 3)))]
    return "\n".join(blocks)


def state_read(chance: random.Random, table: Tab, rows: list[dict[str, Any]]) -> str:
    """A read of the rows that are in the rarest state of some column; nothing of a table without rows."""
    found = {c.name: Counter(row[c.name] for row in rows) for c in table.columns if c.name not in table.key}
    if not rows or not found:
        return ""
    name = chance.choice(sorted(found))
    value = min(found[name], key=lambda value: (found[name][value], repr(value)))
    said = "IS NULL" if value is None else f"= {_literal(value)}"
    return f"-- name: state\n-- rate: 200\nSELECT * FROM {quoted(table.name)} WHERE {quoted(name)} {said};"


class _Block:
    """One read pattern."""

    def __init__(self, chooser: Chooser, number: int) -> None:
        self._chooser = chooser
        self._chance = chooser.chance
        self._name = f"q{number}"
        self._parameters = 0
        self._shared: dict[tuple[str, str], str] = {}
        self._driver = chooser.tables[0]
        self._aside = random.Random(zlib.crc32(repr(chooser.chance.getstate()).encode()))

    def text(self) -> str:
        lines = [f"-- name: {self._name}", f"-- rate: {self._chance.choice((1, 10, 200))}"]
        if self._chance.random() < 0.1:
            lines.append("-- consistency: strong")
        for _ in range(2 if self._chance.random() < 0.2 else 1):
            lines.append(self._select() + ";")
        return "\n".join(lines)

    def _select(self) -> str:
        driver = self._driver = self._chance.choice(self._chooser.tables)
        aliases: Aliases = {"d": driver}
        source = f"{quoted(driver.name)} d" + self._joins(aliases)
        conditions = self._conditions(aliases)
        if self._chance.random() < 0.25:
            joined, tested = self._related()
            source += joined
            conditions += tested
        shape = self._chance.random()
        if shape < 0.12:
            head, tail = self._aggregate(aliases)
        elif shape < 0.18:
            picked = self._fields(aliases, self._chance.randint(1, 2))
            head, tail = "DISTINCT " + ", ".join(picked), self._order_by(picked)
        else:
            head, tail = self._projection(aliases), self._order(aliases)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {head} FROM {source}{where}{tail}"

    def _joins(self, aliases: Aliases) -> str:
        text = ""
        for number in range(self._chance.choice((0, 0, 0, 1, 1, 2))):
            child, table = self._chance.choice(list(aliases.items()))
            if not table.foreign:
                continue
            key = self._chance.choice(table.foreign)
            alias = f"j{number}"
            aliases[alias] = self._chooser.table(key.table)
            pairs = " AND ".join(
                f"{alias}.{quoted(b)} = {child}.{quoted(a)}" for a, b in zip(key.columns, key.referred, strict=True)
            )
            text += f" {'LEFT ' if self._chance.random() < 0.4 else ''}JOIN {quoted(key.table)} {alias} ON {pairs}"
        return text

    def _conditions(self, aliases: Aliases) -> list[str]:
        driver = aliases["d"]
        found: list[str] = []
        start = self._chance.random()
        if start < 0.25:
            found += [self._test("d", driver.column(name), "=") for name in driver.key]
        elif start < 0.5 and driver.foreign:
            key = self._chance.choice(driver.foreign)
            found += [self._test("d", driver.column(name), "=") for name in key.columns]
        elif start < 0.6 and driver.uniques:
            found += [self._test("d", driver.column(name), "=") for name in self._chance.choice(driver.uniques)]
        for _ in range(self._chance.choice((0, 0, 1, 1, 2, 3))):
            alias, table = self._chance.choice(list(aliases.items()))
            found.append(self._test(alias, self._chance.choice(table.columns)))
        if self._aside.random() < 0.25:
            found += self._state(driver)
        if self._chance.random() < 0.08:
            left, right = (self._chance.choice(list(aliases.items())) for _ in range(2))
            branches = [self._test(a, self._chance.choice(t.columns)) for a, t in (left, right)]
            found.append(f"({' OR '.join(branches)})")
        return found

    def _state(self, driver: Tab) -> list[str]:
        """That the driver's rows are in a literal state, which some of them are in."""
        column = self._aside.choice(driver.columns)
        values = [row[column.name] for row in self._chooser.rows[driver.name] if row[column.name] is not None]
        if not values or self._aside.random() < 0.2:
            return [f"d.{quoted(column.name)} IS NULL"]
        said = [_literal(value) for value in self._aside.choices(values, k=self._aside.choice((1, 1, 2)))]
        return [
            f"d.{quoted(column.name)} IN ({', '.join(said)})"
            if len(said) > 1
            else f"d.{quoted(column.name)} = {said[0]}"
        ]

    def _test(self, alias: str, column: Col, op: str | None = None) -> str:
        field = f"{alias}.{quoted(column.name)}"
        if op:
            return f"{field} {op} {self._value(column, shared=True)}"
        kind = self._chance.random()
        if kind < 0.5:
            return f"{field} {self._chance.choice(OPERATORS)} {self._value(column)}"
        if kind < 0.62:
            listed = ", ".join(self._value(column) for _ in range(self._chance.randint(1, 3)))
            return f"{field} {'NOT ' if self._chance.random() < 0.1 else ''}IN ({listed})"
        if kind < 0.72:
            return f"{field} BETWEEN {self._value(column)} AND {self._value(column)}"
        if kind < 0.8:
            return f"{field} IS {self._chance.choice(('', '', 'NOT '))}NULL"
        if kind < 0.93 and column.kind in ("TEXT", "DATETIME", "INTEGER"):
            return f"{field} LIKE {self._pattern(column)}"
        return f"{field} <> {self._value(column)}"

    def _pattern(self, column: Col) -> str:
        kind = self._chance.random()
        if kind < 0.6:
            return f"{self._parameter(column)} || '%'" + self._chance.choice(("", "", " ESCAPE '!'"))
        if kind < 0.9:
            return self._chance.choice(
                ("'a%'", "'2024-01%'", "'%'", "'1%'", "'A#%'", "'é%'", "'a_%'", "'a!%%' ESCAPE '!'")
            )
        return "'%b%'"

    def _value(self, column: Col, shared: bool = False) -> str:
        if self._chance.random() < 0.15:
            return _literal(self._chooser.value_of(self._chance, column.kind))
        if shared and (column.name, column.kind) in self._shared and self._chance.random() < 0.8:
            return self._shared[(column.name, column.kind)]
        made = self._parameter(column)
        if shared:
            self._shared[(column.name, column.kind)] = made
        return made

    def _parameter(self, column: Col) -> str:
        self._parameters += 1
        return f":p{self._parameters}"

    def _fields(self, aliases: Aliases, count: int) -> list[str]:
        listed = [f"{alias}.{quoted(c.name)}" for alias, table in aliases.items() for c in table.columns]
        return self._chance.sample(listed, min(count, len(listed)))

    def _projection(self, aliases: Aliases) -> str:
        kind = self._chance.random()
        if kind < 0.4:
            return "d.*"
        if kind < 0.5:
            return "*"
        picked = self._fields(aliases, self._chance.randint(1, 4))
        return ", ".join(f"{field} AS c{number}" for number, field in enumerate(picked))

    def _aggregate(self, aliases: Aliases) -> tuple[str, str]:
        numeric = [
            f"{alias}.{quoted(c.name)}"
            for alias, table in aliases.items()
            for c in table.columns
            if c.kind == "NUMERIC(10,2)"
        ]
        (one,) = self._fields(aliases, 1)
        functions = ["COUNT(*)", f"COUNT({one})", f"COUNT(DISTINCT {one})", f"MIN({one})", f"MAX({one})"]
        functions += [f"{f}({self._chance.choice(numeric)})" for f in ("SUM", "AVG") if numeric]
        chosen = self._chance.sample(functions, self._chance.randint(1, 2))
        if self._chance.random() < 0.5:
            (group,) = self._fields(aliases, 1)
            order = f" ORDER BY {group}" if self._chance.random() < 0.5 else ""
            return ", ".join((group, *chosen)), f" GROUP BY {group}{self._having(functions[:3])}{order}"
        return ", ".join(chosen), self._having(functions[:3]) if self._chance.random() < 0.3 else ""

    def _having(self, counts: list[str]) -> str:
        if self._chance.random() < 0.5:
            return ""
        number = self._chance.choice(("0", "1", "2", "5", ":count"))
        return f" HAVING {self._chance.choice(counts)} {self._chance.choice(OPERATORS[3:])} {number}"

    def _related(self) -> tuple[str, list[str]]:
        """A condition on rows of another table, which a foreign key relates to the driver: children or parents; and
        the join that asks for the same, when it does."""
        driver = self._driver
        down = [(table, key) for table in self._chooser.tables for key in table.foreign if key.table == driver.name]
        up = [(self._chooser.table(key.table), key) for key in driver.foreign]
        choices = [(*one, True) for one in down] * 2 + [(*one, False) for one in up]
        if not choices:
            return "", []
        table, key, is_child = self._chance.choice(choices)
        inner, outer = (key.columns, key.referred) if is_child else (key.referred, key.columns)
        own = [self._test("x", self._chance.choice(table.columns)) for _ in range(self._chance.choice((0, 0, 1, 1, 2)))]
        if own and self._chance.random() < 0.5:
            own[0] = self._test("x", self._chance.choice(table.columns), "=")
        pairs = [f"x.{quoted(a)} = d.{quoted(b)}" for a, b in zip(inner, outer, strict=True)]
        kind = self._chance.random()
        if kind < 0.2 and is_child:
            return f" LEFT JOIN {quoted(table.name)} x ON {' AND '.join(pairs + own)}", [
                f"x.{quoted(inner[0])} IS NULL"
            ]
        negation = "NOT " if self._chance.random() < 0.4 else ""
        if kind < 0.5 and len(inner) == 1:
            where = f" WHERE {' AND '.join(own)}" if own else ""
            listed = f"SELECT x.{quoted(inner[0])} FROM {quoted(table.name)} x{where}"
            return "", [f"d.{quoted(outer[0])} {negation}IN ({listed})"]
        return "", [f"{negation}EXISTS (SELECT 1 FROM {quoted(table.name)} x WHERE {' AND '.join(pairs + own)})"]

    def _order(self, aliases: Aliases) -> str:
        if self._chance.random() < 0.35:
            return self._limit() if self._chance.random() < 0.1 else ""
        alias, table = (
            ("d", aliases["d"]) if self._chance.random() < 0.8 else self._chance.choice(list(aliases.items()))
        )
        columns = self._chance.sample(table.columns, min(len(table.columns), self._chance.choice((1, 1, 2, 3))))
        return self._order_by([f"{alias}.{quoted(c.name)}" for c in columns])

    def _order_by(self, fields: list[str]) -> str:
        one_way = self._chance.choice(("", " DESC"))
        mixed = self._chance.random() < 0.15
        terms = [field + (self._chance.choice(("", " DESC")) if mixed else one_way) for field in fields]
        return f" ORDER BY {', '.join(terms)}{self._limit() if self._chance.random() < 0.5 else ''}"

    def _limit(self) -> str:
        limit = self._chance.choice(("0", "1", "2", "5", ":lim", ":lim", ":lim", ":lim"))
        if self._chance.random() < 0.3:
            return f" LIMIT {limit} OFFSET {self._chance.choice(('1', '2', '7', ':off'))}"
        return f" LIMIT {limit}"


def _literal(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _write(chooser: Chooser, number: int) -> str:
    chance = chooser.chance
    table = chance.choice(chooser.tables)
    where = " AND ".join(f"{quoted(name)} = :k{place}" for place, name in enumerate(table.key))
    kind = chance.random()
    if kind < 0.3:
        names = ", ".join(quoted(column.name) for column in table.columns)
        marks = ", ".join(f":v{place}" for place in range(len(table.columns)))
        statement = f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({marks})"
    elif kind < 0.75:
        column = chance.choice(table.columns)
        statement = f"UPDATE {quoted(table.name)} SET {quoted(column.name)} = :v WHERE {where}"
    else:
        statement = f"DELETE FROM {quoted(table.name)} WHERE {where}"
    return f"-- name: w{number}\n-- rate: {chance.choice((1, 50, 4000))}\n{statement};"
