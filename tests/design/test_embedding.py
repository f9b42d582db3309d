"""Rows that live within their parent's item: where that is offered, where it pays, and what migrate.toml may say."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.design.design import Embedding
from migrator.model.errors import BlockedError
from migrator.model.settings import Limits, TableOverride

from tests.design.world import Rows, World, make_settings, world

DDL = """
CREATE TABLE customer (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (
    id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customer (id), placed TEXT NOT NULL,
    total INTEGER NOT NULL
);
CREATE TABLE line (
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE, no INTEGER NOT NULL, qty INTEGER NOT NULL,
    note TEXT,
    PRIMARY KEY (order_id, no)
);
"""
ROWS: Rows = {
    "customer": [(f"C{n}", "name") for n in range(5)],
    "orders": [(f"O{n:02}", f"C{n % 5}", f"2026-01-{n % 28 + 1:02}", n) for n in range(40)],
    "line": [(f"O{n:02}", no, no, None) for n in range(40) for no in range(40)],
}
PAGE = """
-- name: page
-- rate: {rate}/s
SELECT * FROM orders WHERE id = :o;
SELECT * FROM line WHERE order_id = :o ORDER BY no;
"""
LIST = """
-- name: listed
-- rate: 1/s
SELECT * FROM orders WHERE customer_id = :c ORDER BY placed DESC;
SELECT line.* FROM line JOIN orders ON line.order_id = orders.id WHERE orders.customer_id = :c;
"""
MADE = Embedding("line", "orders", "fk_order_id", ("no",))


def made(folder: Path, queries: str, embed: bool | None = None, ddl: str = DDL, limits: Limits | None = None) -> World:
    overrides = (TableOverride("line", embed=embed),) if embed is not None else ()
    return world(folder, ddl, queries, ROWS, make_settings(limits, overrides))


def within(found: World) -> Embedding | None:
    return found.design.entity("line").within


def test_many_small_rows_read_often_with_their_parent_are_embedded(tmp_path: Path) -> None:
    found = made(tmp_path, PAGE.format(rate=500))
    assert within(found) == MADE
    assert found.operations("page") == [("GetItem", None)]
    assert found.plan.optimality.gap == 0


def test_rows_read_seldom_keep_items_of_their_own(tmp_path: Path) -> None:
    found = made(tmp_path, PAGE.format(rate=1))
    assert within(found) is None


def test_rows_written_often_keep_items_of_their_own(tmp_path: Path) -> None:
    writes = "-- name: w\n-- rate: 400/s\nUPDATE line SET qty = :q WHERE order_id = :o AND no = :n;\n"
    assert within(made(tmp_path, PAGE.format(rate=500) + writes)) is None


def test_a_list_of_parents_and_their_rows_are_one_query(tmp_path: Path) -> None:
    found = made(tmp_path, LIST, embed=True)
    assert found.operations("listed") == [("Query", "GSI1")]
    assert found.design.entity("line").views == ()


def test_the_price_of_what_is_demanded_stands_among_the_assumptions(tmp_path: Path) -> None:
    asked, free = made(tmp_path, PAGE.format(rate=1), embed=True), made(tmp_path, PAGE.format(rate=1))
    costs = asked.design.objective - free.design.objective
    assert costs > 0
    assert (
        f"migrate.toml asks for rows of line embedded: that costs ${costs:,.2f} a month against a free choice"
        in asked.plan.assumptions
    )


def test_what_is_forbidden_is_not_done_however_much_it_saves(tmp_path: Path) -> None:
    found = made(tmp_path, PAGE.format(rate=500), embed=False)
    assert within(found) is None
    assert found.design.objective > made(tmp_path, PAGE.format(rate=500)).design.objective


def test_the_objective_is_the_cost_of_the_same_design_demanded(tmp_path: Path) -> None:
    asked, free = made(tmp_path, PAGE.format(rate=500), embed=True), made(tmp_path, PAGE.format(rate=500))
    assert asked.design.objective == free.design.objective


def test_strong_reads_of_embedded_rows_go_by_the_parents_own_key(tmp_path: Path) -> None:
    queries = "-- name: q\n-- consistency: strong\nSELECT qty FROM line WHERE order_id = :o AND no = :n;\n"
    found = made(tmp_path, queries, embed=True)
    (request,) = found.pattern("q").requests
    assert request.operation == "GetItem" and request.consistent


def test_a_hazard_says_that_nothing_but_today_bounds_the_list(tmp_path: Path) -> None:
    found = made(tmp_path, PAGE.format(rate=1), embed=True)
    (hazard,) = [h for h in found.plan.hazards if h.code == "embedded-rows"]
    assert "at most 40 in one today" in hazard.message and hazard.entity == "ORDERS"


UPSERT = """
-- name: w
INSERT INTO line (order_id, no, qty) VALUES (:o, :n, :q) ON CONFLICT (order_id, no) DO UPDATE SET qty = excluded.qty;
"""
OTHERS = """
CREATE TABLE remark (
    id TEXT PRIMARY KEY, order_id TEXT, no INTEGER, FOREIGN KEY (order_id, no) REFERENCES line (order_id, no)
);
"""


@pytest.mark.parametrize(
    ("ddl", "queries", "limits", "reason"),
    [
        (DDL, UPSERT, Limits(), "keeps part of the row that is there"),
        (DDL, "-- name: w\nUPDATE line SET qty = 1 WHERE order_id = :o;\n", Limits(), "its key alone does not name"),
        (DDL, "-- name: w\nUPDATE line SET no = 1 WHERE order_id = :o AND no = 2;\n", Limits(), "part of its key"),
        (
            DDL,
            "-- name: w\nUPDATE line SET qty = 1 WHERE order_id = :o AND no = 2;\n"
            "DELETE FROM line WHERE order_id = :o AND no = 1",
            Limits(),
            "beside other writes of one item",
        ),
        (
            DDL.replace(" ON DELETE CASCADE", ""),
            "-- name: w\nDELETE FROM orders WHERE id = :o;\n",
            Limits(),
            "its rows would go with them",
        ),
        (
            DDL,
            "-- name: w\nINSERT OR REPLACE INTO orders (id, customer_id, placed, total) VALUES (:o, :c, :p, :t);\n",
            Limits(),
            "may write over the row that holds them",
        ),
        (DDL, "", Limits(embedded_items=39), "up to 40 rows refer to one row of orders; embedded_items is 39"),
        (DDL, "", Limits(embedded_bytes=1_000), "embedded_bytes is 1,000"),
        (DDL + OTHERS, "", Limits(), "rows of remark refer to it"),
        (DDL.replace("note TEXT,", "note TEXT UNIQUE,"), "", Limits(), "a unique constraint beside its key"),
        (DDL.replace("(order_id, no)\n", "(no, qty, order_id)\n"), "", Limits(), None),
        (DDL.replace("note TEXT,", "note TEXT, expires_at TIMESTAMP,"), "", Limits(), "rows of line expire"),
        (DDL.replace("no INTEGER NOT NULL", "no TEXT COLLATE NOCASE NOT NULL"), "", Limits(), "byte by byte"),
    ],
)
def test_rows_that_cannot_be_embedded_are_refused_with_the_reason(
    ddl: str, queries: str, limits: Limits, reason: str | None, tmp_path: Path
) -> None:
    rows = dict(ROWS)
    if "expires_at" in ddl:
        rows["line"] = [(*row, None) for row in ROWS["line"]]
    settings = make_settings(limits, (TableOverride("line", embed=True),))
    if reason is None:
        assert world(tmp_path, ddl, PAGE.format(rate=1) + queries, rows, settings).design.entity("line").within
        return
    with pytest.raises(BlockedError, match="rows of line cannot live within the items") as refusal:
        world(tmp_path, ddl, PAGE.format(rate=1) + queries, rows, settings)
    assert reason in refusal.value.what


def test_a_key_that_does_not_hold_the_reference_keeps_items_that_keep_it_unique(tmp_path: Path) -> None:
    ddl = "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (id TEXT PRIMARY KEY, p_id TEXT NOT NULL REFERENCES p);"
    settings = make_settings(None, (TableOverride("c", embed=True),))
    with pytest.raises(BlockedError, match="does not hold the reference"):
        world(tmp_path, ddl, "-- name: q\nSELECT * FROM c WHERE p_id = :p;\n", {"p": [("1",)]}, settings)


def test_items_of_one_table_hold_the_rows_of_one_other(tmp_path: Path) -> None:
    ddl = DDL + (
        "CREATE TABLE payment (order_id TEXT NOT NULL REFERENCES orders (id), at TEXT NOT NULL, "
        "PRIMARY KEY (order_id, at));"
    )
    rows = {**ROWS, "payment": [("O01", "2026-01-01")]}
    both = (TableOverride("line", embed=True), TableOverride("payment", embed=True))
    with pytest.raises(BlockedError, match="rows of line, payment cannot live within"):
        world(tmp_path, ddl, PAGE.format(rate=1), rows, make_settings(None, both))


def test_a_row_and_its_parent_written_by_one_query_are_one_put(tmp_path: Path) -> None:
    queries = (
        "-- name: place\nINSERT INTO orders (id, customer_id, placed, total) VALUES (:o, :c, :p, :t);\n"
        "INSERT INTO line (order_id, no, qty) VALUES (:o, 1, :a), (:o, 2, :b);\n"
    )
    found = made(tmp_path, PAGE.format(rate=1) + queries, embed=True)
    (request,) = found.pattern("place").requests
    assert request.operation == "PutItem"
    assert [entry.key for entry in request.actions[0].entries] == ["1", "2"]


def test_a_row_and_its_parents_total_change_in_one_update(tmp_path: Path) -> None:
    queries = (
        "-- name: add\nUPDATE orders SET total = total + :q WHERE id = :o;\n"
        "INSERT INTO line (order_id, no, qty) VALUES (:o, :n, :q);\n"
    )
    found = made(tmp_path, PAGE.format(rate=1) + queries, embed=True)
    (request,) = found.pattern("add").requests
    assert request.operation == "UpdateItem"
    assert request.update == "SET {line}.{line_key} = {:line_row}, {total} = {total} + {:q}"
