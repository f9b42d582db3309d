"""The assembly gives the rows that SQLite gives: random rows, random statements, both sides run."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Join,
    Like,
    Literal,
    Membership,
    NullTest,
    OrderTerm,
    Output,
    Parameter,
    Predicate,
    Select,
    TableRef,
    Value,
)
from migrator.model.schema import Kind
from migrator.plan.answer import Assembler
from migrator.plan.compare import fold
from migrator.plan.items import compile_footprint
from migrator.plan.plan import CopySource, Part, Plan, Resolution, SlotKeys

from tests.plan.hand import attribute, plan_of, row_entity, source_table, unit_of

DDL = """
CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT);
CREATE TABLE album (id INTEGER PRIMARY KEY, artist_id INTEGER REFERENCES artist (id), title TEXT,
                    code TEXT COLLATE NOCASE, year INTEGER, price NUMERIC, live BOOLEAN);
"""
PATH = ("album_artist",)
ARTIST = row_entity(
    "ARTIST",
    "artist",
    (attribute("id", Kind.INTEGER), attribute("name"), attribute("country")),
    (SlotKeys("table", "ARTIST#{id}", "ARTIST#"),),
)
ALBUM = row_entity(
    "ALBUM",
    "album",
    (
        attribute("id", Kind.INTEGER),
        attribute("artist_id", Kind.INTEGER),
        attribute("title"),
        attribute("code", collation="NOCASE"),
        attribute("year", Kind.INTEGER),
        attribute("price", Kind.DECIMAL),
        attribute("live", Kind.BOOLEAN),
        attribute("artist_name", column="name", copied=CopySource("artist", "name", PATH)),
        attribute("artist_country", column="country", copied=CopySource("artist", "country", PATH)),
    ),
    (SlotKeys("table", "ALBUM#{id}", "ALBUM#"),),
)
PLAN = plan_of(
    ARTIST,
    ALBUM,
    tables=(
        source_table("artist", {"id": False, "name": False, "country": True}),
        source_table("album", {"id": False, "artist_id": True, "title": True, "year": True}),
    ),
)

TEXTS = ["", "a", "A", "ab", "aB", "b", "%", "_", "a_", "é", "10"]
text = st.sampled_from(TEXTS)
year = st.sampled_from([1999, 2000, 2001, -5])
price = st.sampled_from([0, 1, 2.5, 0.5, -0.25])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "title": text,
    "code": text,
    "year": year,
    "price": price,
    "live": st.booleans().map(int),
    "artist_id": st.integers(1, 4),
    "id": st.integers(1, 8),
    "name": text,
    "country": text,
}
NUMERIC = ("year", "price", "live", "id", "artist_id")


Rows = list[dict[str, Any]]
CHOICES: dict[str, tuple[Any, ...]] = {
    "title": (None, *TEXTS),
    "code": (None, *TEXTS),
    "year": (None, 1999, 2000, 2001, -5),
    "price": (None, 0, 1, 2.5, 0.5, -0.25),
    "live": (None, 0, 1),
    "artist_id": (None, 1, 1, 2, 3, 9),
}


def albums_of(seed: int) -> Rows:
    """A dozen albums; artist 9 is nobody."""
    random = Random(seed)
    return [{"id": n} | {name: random.choice(some) for name, some in CHOICES.items()} for n in range(1, 13)]


def artists_of(seed: int) -> Rows:
    random = Random(seed)
    return [{"id": n, "name": random.choice(TEXTS), "country": random.choice((None, "a", "A"))} for n in (1, 2, 3)]


SEEDS = st.integers(0, 5)


@dataclass(slots=True)
class Written:
    """A statement in both languages, as it grows."""

    parameters: dict[str, Any] = field(default_factory=dict)

    def value(self, value: Any, as_parameter: bool) -> tuple[str, Value]:
        if as_parameter:
            name = f"p{len(self.parameters)}"
            self.parameters[name] = value
            return f":{name}", Parameter(name)
        if value is None:
            return "NULL", Literal(None)
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'", Literal(value)
        return str(value), Literal(value if isinstance(value, int) else Decimal(str(value)))


def fields(joined: bool) -> st.SearchStrategy[Field]:
    own = [Field("b", name) for name in ("id", "title", "code", "year", "price", "live", "artist_id")]
    return st.sampled_from(own + ([Field("a", "name"), Field("a", "country"), Field("a", "id")] if joined else []))


def spelled(one: Field) -> str:
    return f"{one.alias}.{one.column}"


@st.composite
def predicates(draw: st.DrawFn, written: Written, joined: bool, depth: int = 0) -> tuple[str, Predicate]:
    kinds = ["compare", "compare", "null", "member", "like", "fields"] + ([] if depth else ["either"])
    here = draw(fields(joined))

    def value() -> tuple[str, Value]:
        return written.value(draw(st.one_of(st.none(), VALUES[here.column], VALUES[here.column])), draw(st.booleans()))

    match draw(st.sampled_from(kinds)):
        case "compare":
            op = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
            sql, form = value()
            return f"{spelled(here)} {op} {sql}", Comparison(here, op, form)
        case "null":
            negated = draw(st.booleans())
            return f"{spelled(here)} IS {'NOT ' if negated else ''}NULL", NullTest(here, negated)
        case "member":
            negated = draw(st.booleans())
            listed = [value() for _ in range(draw(st.integers(1, 3)))]
            sql = f"{spelled(here)} {'NOT ' if negated else ''}IN ({', '.join(one for one, _ in listed)})"
            return sql, Membership(here, tuple(form for _, form in listed), negated)
        case "like":
            return draw(likes(written))
        case "fields":
            other = Field("b", draw(st.sampled_from(["title", "code"])))
            return f"b.title <= {spelled(other)}", FieldComparison(Field("b", "title"), "<=", other)
        case _:
            branches = [[draw(predicates(written, joined, 1)) for _ in range(draw(st.integers(1, 2)))] for _ in "ab"]
            sql = " OR ".join("(" + " AND ".join(one for one, _ in branch) + ")" for branch in branches)
            return f"({sql})", Either(tuple(tuple(form for _, form in branch) for branch in branches))


@st.composite
def likes(draw: st.DrawFn, written: Written) -> tuple[str, Predicate]:
    here, negated = Field("b", draw(st.sampled_from(["title", "code", "year", "live"]))), draw(st.booleans())
    pattern = draw(st.sampled_from(["%", "a%", "_", "A_", "%B", "E%%", "aE_%", "", "1%", "20__", "é", "E"]))
    escape = draw(st.sampled_from([None, "E"]))
    sql, form = written.value(pattern, draw(st.booleans()))
    text = f"{spelled(here)} {'NOT ' if negated else ''}LIKE {sql}" + (f" ESCAPE '{escape}'" if escape else "")
    return text, Like(here, (form,), negated=negated, ignore_case=True, escape=escape)


JOIN = Join("b", "a", "album_artist", (("artist_id", "id"),))
ALL = Select((TableRef("b", "album"),), "b", (), (), (Output("id", Field("b", "id")),))
JOINED = replace(ALL, tables=(TableRef("b", "album"), TableRef("a", "artist")), joins=(JOIN,))
FUNCTIONS = ("count", "sum", "min", "max", "avg")


@st.composite
def outputs(draw: st.DrawFn, joined: bool, grouped: bool) -> list[tuple[str, Output]]:
    made: list[tuple[str, Output]] = [("COUNT(*)", Output("n", function="count"))] if grouped else []
    for number in range(draw(st.integers(1, 3))):
        here = draw(fields(joined))
        if not grouped:
            made.append((spelled(here), Output(f"o{number}", here)))
            continue
        function = draw(st.sampled_from(FUNCTIONS))
        if function in ("sum", "avg") and here.column not in NUMERIC:
            function = "count"
        distinct = draw(st.booleans())
        sql = f"{function}({'DISTINCT ' if distinct else ''}{spelled(here)})"
        made.append((sql, Output(f"o{number}", here, function, distinct)))
    return made


@st.composite
def orders(draw: st.DrawFn, columns: int, joined: bool, whole: bool) -> list[tuple[str, OrderTerm]]:
    """Terms that leave no ties: every column of the answer, or fields and then the row's id."""
    terms: list[tuple[str, OrderTerm]] = []
    chosen: list[Field | int] = list(range(columns)) if whole else [draw(fields(joined)), Field("b", "id")]
    for one in chosen:
        descending, nulls = draw(st.booleans()), draw(st.sampled_from([None, True, False]))
        first = (not descending) if nulls is None else nulls
        words = "" if nulls is None else f" NULLS {'FIRST' if nulls else 'LAST'}"
        place = spelled(one) if isinstance(one, Field) else str(one + 1)
        term = OrderTerm(None, one) if isinstance(one, Field) else OrderTerm(one, None)
        sql = f"{place}{' DESC' if descending else ''}{words}"
        terms.append((sql, replace(term, descending=descending, nulls_first=first)))
    return terms


@dataclass(frozen=True, slots=True)
class Case:
    sql: str
    select: Select
    parameters: Mapping[str, Any]
    loose: bool
    """Whether equal texts of different case may stand for each other (one row for several)."""


@st.composite
def cases(draw: st.DrawFn) -> Case:
    written = Written()
    joined, outer = draw(st.booleans()), draw(st.booleans())
    grouped = draw(st.sampled_from([False, False, True]))
    group = draw(st.lists(fields(joined), max_size=2, unique=True)) if grouped else []
    distinct = draw(st.booleans()) and not grouped
    wanted = [(spelled(one), Output(one.column, one)) for one in group] + draw(outputs(joined, grouped))
    met = [draw(predicates(written, joined)) for _ in range(draw(st.integers(0, 1)))]
    order = draw(orders(len(wanted), joined, distinct or grouped)) if draw(st.booleans()) else []
    limit = draw(st.sampled_from([None, 0, 1, 3, -1])) if order else None
    limit_sql, limit_form = written.value(limit, draw(st.booleans())) if limit is not None else ("", None)
    sql = f"SELECT {'DISTINCT ' if distinct else ''}{', '.join(one for one, _ in wanted)} FROM album b"
    sql += f" {'LEFT ' if outer else ''}JOIN artist a ON a.id = b.artist_id" if joined else ""
    sql += f" WHERE {' AND '.join(one for one, _ in met)}" if met else ""
    sql += f" GROUP BY {', '.join(map(spelled, group))}" if group else ""
    sql += f" ORDER BY {', '.join(one for one, _ in order)}" if order else ""
    sql += f" LIMIT {limit_sql}" if limit_sql else ""
    select = Select(
        (TableRef("b", "album"), TableRef("a", "artist")) if joined else (TableRef("b", "album"),),
        "b",
        (replace(JOIN, outer=outer),) if joined else (),
        tuple(form for _, form in met),
        tuple(form for _, form in wanted),
        tuple(form for _, form in order),
        limit_form,
        distinct,
        tuple(group),
    )
    return Case(sql, select, written.parameters, grouped or distinct)


def ask_sqlite(case: Case, artists: Sequence[Mapping[str, Any]], albums: Sequence[Mapping[str, Any]]) -> list[Any]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(DDL)
        for table, rows in (("artist", artists), ("album", albums)):
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        return [tuple(row) for row in connection.execute(case.sql, dict(case.parameters))]


def items_of(artists: Sequence[Mapping[str, Any]], albums: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """What two requests give: albums (one of them twice, and a stranger among them), then artists."""
    by_id = {row["id"]: row for row in artists}
    make_artist, make_album = compile_footprint(PLAN, "artist"), compile_footprint(PLAN, "album")
    parents = [make_artist(unit_of(PLAN, "artist", row))[0] for row in artists]
    children = []
    for row in albums:
        parent = by_id.get(row["artist_id"], {})
        children.append(make_album(unit_of(PLAN, "album", row, (parent.get("name"), parent.get("country"))))[0])
    return [children + children[:1] + parents[:1], parents]


def part_of(select: Select, how: str) -> Part:
    resolution = Resolution("a", how, "ALBUM" if how == "copy" else "ARTIST", () if how == "copy" else (1,))
    return Part("", select, "ALBUM", (0,), (resolution,) if select.joins else ())


def plain(rows: Sequence[Sequence[Any]], loose: bool) -> list[tuple[Any, ...]]:
    return [tuple(plain_value(value, loose) for value in row) for row in rows]


def plain_value(value: Any, loose: bool) -> Any:
    if isinstance(value, str):
        return fold(value) if loose else value
    return value if value is None else round(float(value), 9)


def check(case: Case, how: str, seed: int) -> None:
    artists, albums = artists_of(seed), albums_of(seed)
    expected = plain(ask_sqlite(case, artists, albums), case.loose)
    assembler = Assembler(PLAN, part_of(case.select, how), case.parameters)
    found = plain(assembler.answer(items_of(artists, albums)).rows, case.loose)
    if case.select.order:
        assert found == expected
    else:
        assert sorted(found, key=repr) == sorted(expected, key=repr)


HOW = pytest.mark.parametrize("how", ["copy", "item"])


@HOW
@settings(max_examples=300, deadline=None)
@given(case=cases(), seed=SEEDS)
def test_the_rows_are_those_that_sqlite_gives(how: str, case: Case, seed: int) -> None:
    check(case, how, seed)


@st.composite
def conditions(draw: st.DrawFn) -> Case:
    """One or two predicates, and the ids of the rows that meet them."""
    written, joined = Written(), draw(st.booleans())
    met = [draw(predicates(written, joined)) for _ in range(draw(st.integers(1, 2)))]
    base = JOINED if joined else ALL
    sql = f"SELECT b.id FROM album b {'JOIN artist a ON a.id = b.artist_id ' if joined else ''}WHERE "
    sql += " AND ".join(one for one, _ in met)
    return Case(sql, replace(base, predicates=tuple(form for _, form in met)), written.parameters, False)


@HOW
@settings(max_examples=400, deadline=None)
@given(case=conditions(), seed=SEEDS)
def test_conditions_hold_where_sqlite_says_so(how: str, case: Case, seed: int) -> None:
    check(case, how, seed)


def assembler_for(select: Select, parameters: Mapping[str, Any], how: str = "copy", plan: Plan = PLAN) -> Assembler:
    return Assembler(plan, part_of(select, how), parameters)


def test_the_answer_names_its_columns_even_without_rows() -> None:
    answer = assembler_for(ALL, {}).answer([[], []])
    assert (answer.columns, answer.rows) == (("id",), ())


def test_an_aggregate_without_rows_has_one_row() -> None:
    select = replace(ALL, outputs=(Output("n", function="count"), Output("s", Field("b", "year"), "sum")))
    assert assembler_for(select, {}).answer([[], []]).rows == ((Decimal(0), None),)


def test_a_sum_of_booleans_counts_them_and_a_sum_of_long_numbers_is_exact() -> None:
    albums = [{"id": 1, "live": 1, "price": 10**37}, {"id": 2, "live": 1, "price": 1}]
    items = [compile_footprint(PLAN, "album")(unit_of(PLAN, "album", row, (None, None)))[0] for row in albums]
    select = replace(ALL, outputs=(Output("l", Field("b", "live"), "sum"), Output("p", Field("b", "price"), "sum")))
    assert assembler_for(select, {}).answer([items]).rows == ((Decimal(2), Decimal(10**37 + 1)),)


def test_an_item_that_fails_a_condition_does_not_count_towards_a_limit() -> None:
    (item, other), _ = items_of([], [{"id": 1, "artist_id": 5, "title": "a"}])
    select = replace(ALL, predicates=(Comparison(Field("b", "title"), "=", Parameter("t")),))
    assert assembler_for(select, {"t": "a"}).fits(item) and not assembler_for(select, {"t": "b"}).fits(other)


def test_a_condition_on_a_row_that_is_read_later_is_passed_over_when_counting() -> None:
    items, parents = items_of([{"id": 1, "name": "x"}], [{"id": 1, "artist_id": 1}, {"id": 2, "artist_id": None}])
    select = replace(JOINED, predicates=(Comparison(Field("a", "name"), "=", Literal("y")),))
    assembler = assembler_for(select, {}, "item")
    assert assembler.fits(items[0])
    assert not assembler.fits(items[1]) and not assembler.fits(parents[0])


def test_a_copy_of_a_row_that_does_not_exist_is_no_row() -> None:
    items = items_of([{"id": 1, "name": "x"}], [{"id": 1, "artist_id": 1}, {"id": 2, "artist_id": 9}])
    assert assembler_for(JOINED, {}).answer(items).rows == ((Decimal(1),),)


@pytest.mark.parametrize(("limit", "wanted"), [(Literal(3), 3), (Parameter("n"), 2), (Literal(-1), None), (None, None)])
def test_a_limit_below_zero_is_none(limit: Value | None, wanted: int | None) -> None:
    assert assembler_for(replace(ALL, limit=limit), {"n": "2"}).wanted() == wanted
