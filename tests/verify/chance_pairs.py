"""Random databases with two lists that meet in a column, reads that join them, and writes of either side."""

from __future__ import annotations

import random

from tests.verify.chance import World, rows_of
from tests.verify.chance_shapes import Col, Fk, Tab, quoted
from tests.verify.chance_writes import Declared, Maker

KINDS = ("TEXT", "INTEGER", "DATETIME")


def pairs_world(seed: int, writes: int = 8) -> tuple[World, list[Declared]]:
    """Rows of `left` and `right` refer to one of `home`; so do some other tables' rows to theirs."""
    chance = random.Random(f"pairs {seed}")
    kind = chance.choice(("INTEGER", "TEXT"))
    home = Tab("home", [Col("id", kind, False), Col("name", "TEXT", True)], ("id",))
    made = World([home])
    for name in ("left", "right"):
        made.tables.append(_side(chance, name, kind))
    for table in made.tables:
        made.rows[table.name] = list(rows_of(chance, made, table, 0.0))
    reads = [_read(chance, made, number) for number in range(chance.choice((1, 1, 2, 3)))]
    made.queries = "\n".join(reads)
    maker = PairsMaker(chance, made)
    return made, [maker.written(number) for number in range(writes)]


def _side(chance: random.Random, name: str, kind: str) -> Tab:
    table = Tab(name)
    reference = chance.choice(("home_id", f"{name}_home"))
    table.columns.append(Col(reference, kind, False))
    on_delete = chance.choice((None, "CASCADE", "CASCADE", "RESTRICT"))
    table.foreign.append(Fk((reference,), "home", ("id",), on_delete))
    shape = chance.random()
    if shape < 0.4:
        table.columns.append(Col("no", chance.choice(("INTEGER", "TEXT")), False))
        table.key = chance.choice(((reference, "no"), ("no", reference)))
    else:
        table.columns.append(Col("id", chance.choice(("INTEGER", "TEXT")), False))
        table.key = ("id",)
    for spare in chance.sample(("at", "v", "Type", "first name", "kind"), chance.randint(1, 3)):
        table.columns.append(Col(spare, chance.choice((*KINDS, "NUMERIC(10,2)", "REAL", "")), chance.random() < 0.4))
    chance.shuffle(table.columns)
    return table


def _read(chance: random.Random, made: World, number: int) -> str:
    left, right = made.tables[1:]
    sides = chance.choice(((left, right), (right, left)))
    on = f"l.{quoted(left.foreign[0].columns[0])} = r.{quoted(right.foreign[0].columns[0])}"
    aliases = {"left": "l", "right": "r"}
    fields = [(aliases[t.name], c) for t in (left, right) for c in t.columns]
    alias, column = chance.choice(fields)
    where = [f"{alias}.{quoted(column.name)} = :fixed{number}"]
    if chance.random() < 0.5:
        alias, column = chance.choice(fields)
        operator = chance.choice(("=", "<", ">=", "<>"))
        where.append(f"{alias}.{quoted(column.name)} {operator} :more{number}")
    order = ""
    if chance.random() < 0.7:
        way = chance.choice(("", " DESC"))
        chosen = chance.sample(fields, chance.choice((1, 1, 2)))
        order = f" ORDER BY {', '.join(f'{a}.{quoted(c.name)}{way}' for a, c in chosen)}"
        order += chance.choice(("", " LIMIT 3", " LIMIT :most"))
    shown = chance.choice(("l.*", "r.*", "*", f"{fields[0][0]}.{quoted(fields[0][1].name)} AS one", "COUNT(*)"))
    if shown == "COUNT(*)":
        order = ""
    first, second = (f"{quoted(side.name)} {aliases[side.name]}" for side in sides)
    consistency = "-- consistency: strong\n" if chance.random() < 0.2 else ""
    return (
        f"-- name: joined{number}\n-- rate: {chance.choice((1, 100))}\n{consistency}"
        f"SELECT {shown} FROM {first} JOIN {second} ON {on} WHERE {' AND '.join(where)}{order};"
    )


class PairsMaker(Maker):
    """Writes of either side, and of the rows that they refer to."""

    def written(self, number: int) -> Declared:
        self._declared = Declared(f"write{number}")
        table = self._chance.choice((*self._made.tables, *self._made.tables[1:]))
        kind = self._chance.random()
        if kind < 0.35:
            sql = self._put(table, self._chance.choice((1, 1, 2)), None)
        elif kind < 0.8:
            sql = self._update(table, False)
        else:
            sql = f"DELETE FROM {quoted(table.name)}{self._where(table, False)}"
        self._declared.statements.append(sql)
        return self._declared
