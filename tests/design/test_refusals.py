"""What cannot be served is refused by name, with the clause that stands in the way and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.settings import Limits

from tests.design.test_decisions import SHOP, shop, shop_rows
from tests.design.world import make_settings, world

SMALL = Limits(bounded_items=20, listed_rows=20)
"""Limits under which 200 orders are too many to read."""

REFUSED = {
    "contains": (
        "SELECT * FROM customer WHERE name LIKE '%' || :text || '%';",
        "name LIKE with a leading wildcard",
        "search service",
    ),
    "listing": ("SELECT * FROM orders;", "lists all of orders (200 rows)", "LIMIT"),
    "listing in order": ("SELECT * FROM orders ORDER BY placed_at;", "lists all of orders", "LIMIT"),
    "figures of groups that may be NULL": (
        "SELECT status, COUNT(*) FROM orders GROUP BY status;",
        "aggregates over all of orders (200 rows) at every call; no counter items answer it: status may be NULL",
        "counter",
    ),
    "the least of rows that may go": (
        "SELECT MIN(total) FROM orders;",
        "no counter items answer it: total may be NULL",
        "Athena",
    ),
    "count of a large group": (
        "SELECT COUNT(*) FROM orders WHERE status = :s;",
        "rows of orders that it would read are not bounded",
        "selective",
    ),
    "offset": ("SELECT * FROM orders ORDER BY placed_at LIMIT 10 OFFSET :k;", "OFFSET :k", "page by the last row seen"),
    "not like": ("SELECT * FROM orders WHERE status NOT LIKE 'a%';", "not an equality, a range or a prefix", "flag"),
    "mixed directions": (
        "SELECT * FROM orders WHERE status = :s ORDER BY placed_at DESC, total LIMIT 5;",
        "no key of orders gives this order",
        "one direction",
    ),
    "inequality": (
        "SELECT * FROM orders WHERE status = :s AND total <> :t AND total NOT IN (:a);",
        "a condition on total that is not an equality",
        "flag",
    ),
}
RENAME = "\n-- name: rename\nUPDATE customer SET name = :name WHERE id = :id;"


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_names_the_clause_and_the_way_out(case: str, tmp_path: Path) -> None:
    sql, reason, way_out = REFUSED[case]
    pattern = shop(tmp_path, f"-- name: q\n{sql}{RENAME}", limits=SMALL).pattern("q")
    assert (pattern.status, pattern.requests) == ("refused", ())
    assert pattern.reason and reason in pattern.reason
    assert pattern.way_out and way_out in pattern.way_out


def test_a_refusal_that_a_bound_causes_names_it_with_its_value_and_what_would_do(tmp_path: Path) -> None:
    queries = "-- name: all\nSELECT * FROM orders;\n-- name: text\nSELECT * FROM customer WHERE name LIKE '%x%';"
    for name, limits, bound, enough in (
        ("all", SMALL, "listed_rows = 20", "listed_rows = 320"),
        ("text", Limits(bounded_bytes=1_000), "bounded_bytes = 1000", "bounded_bytes = "),
    ):
        pattern = world(tmp_path, SHOP, queries, shop_rows(), make_settings(limits)).pattern(name)
        assert f"[limits] {bound} in migrate.toml forbids that" in str(pattern.reason)
        assert f"set {enough}" in str(pattern.way_out)


@pytest.mark.parametrize("enough", [320, 160])
def test_the_bound_that_a_refusal_asks_for_is_enough(enough: int, tmp_path: Path) -> None:
    limits = Limits(bounded_items=20, listed_rows=enough)
    made = world(tmp_path, SHOP, "-- name: all\nSELECT * FROM orders;", shop_rows(), make_settings(limits))
    assert made.pattern("all").status == ("served" if enough == 320 else "refused")


def test_a_bound_that_would_have_to_be_far_larger_is_named_and_not_offered(tmp_path: Path) -> None:
    settings = make_settings(Limits(listed_rows=1))
    pattern = world(tmp_path, SHOP, "-- name: all\nSELECT * FROM orders;", shop_rows(), settings).pattern("all")
    assert "[limits] listed_rows = 1 in migrate.toml forbids that" in str(pattern.reason)
    assert "listed_rows" not in str(pattern.way_out)


def test_strong_consistency_without_a_key_is_refused(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: order_by_id
        -- rate: 100
        SELECT * FROM orders WHERE id = :id;
        -- name: now
        -- consistency: strong
        SELECT * FROM orders ORDER BY placed_at DESC LIMIT 5;
        """,
    )
    pattern = made.pattern("now")
    assert pattern.reason and "strong consistency" in pattern.reason
    assert pattern.way_out and "eventual" in pattern.way_out


def test_a_listing_of_a_small_table_that_does_not_grow_is_served(tmp_path: Path) -> None:
    made = shop(tmp_path, "-- name: q\nSELECT * FROM tag;", limits=SMALL)
    assert made.operations("q") == [("Query", "GSI1")]
    growing = "-- name: q\nSELECT * FROM tag;\n-- name: add\nINSERT INTO tag(id, label) VALUES (:id, :label);"
    assert shop(tmp_path, growing, limits=SMALL).pattern("q").status == "refused"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * FROM word WHERE trimmed = :t;", "word.trimmed is compared under RTRIM"),
        ("SELECT * FROM word WHERE data = :t;", "word.data is compared as documents"),
        ("SELECT DISTINCT folded FROM word WHERE id = :id;", "word.folded is NOCASE"),
        ("SELECT * FROM word WHERE weight LIKE :t || '%';", "LIKE looks at the text of word.weight"),
        ("SELECT c.id FROM child c JOIN word w ON w.folded = c.folded;", "spelled in another way"),
    ],
)
def test_a_comparison_that_the_table_would_make_differently_is_refused(query: str, reason: str, tmp_path: Path) -> None:
    ddl = """
    CREATE TABLE word(id INTEGER PRIMARY KEY, trimmed TEXT COLLATE RTRIM, data JSON, weight REAL,
      folded TEXT COLLATE NOCASE UNIQUE);
    CREATE TABLE child(id INTEGER PRIMARY KEY, folded TEXT COLLATE NOCASE REFERENCES word(folded));
    """
    pattern = world(tmp_path, ddl, f"-- name: q\n{query}").pattern("q")
    assert pattern.reason and reason in pattern.reason
    assert pattern.way_out


def test_a_table_whose_key_has_an_odd_collation_is_planned(tmp_path: Path) -> None:
    made = world(tmp_path, "CREATE TABLE word(text TEXT COLLATE RTRIM PRIMARY KEY);", "", {"word": [("a",)]})
    assert made.plan.entity("WORD").keys[0].partition == "WORD#{text}"


def test_a_refusal_can_be_accepted_by_name(tmp_path: Path) -> None:
    settings = make_settings(limits=SMALL, accept=(("all", "a nightly report, exported to S3"),))
    made = world(tmp_path, SHOP, "-- name: all\nSELECT * FROM orders;", shop_rows(), settings)
    assert made.pattern("all").accepted == "a nightly report, exported to S3"


def test_lists_that_ask_for_too_much_at_once_are_the_reason_given(tmp_path: Path) -> None:
    many = ", ".join(map(str, range(101)))
    pattern = shop(tmp_path, f"-- name: q\nSELECT * FROM orders WHERE id IN ({many});").pattern("q")
    assert pattern.status == "refused"
    assert "its lists ask for 101 values" in str(pattern.reason)
    assert "at most 100" in str(pattern.way_out)


def test_strong_consistency_is_no_reason_where_an_eventual_read_is_not_served_either(tmp_path: Path) -> None:
    query = "-- name: q\n-- consistency: strong\nSELECT * FROM orders WHERE customer_id = :c AND status <> :s;"
    limits = Limits(bounded_items=4, listed_rows=4)
    pattern = world(tmp_path, SHOP, query, shop_rows(), make_settings(limits)).pattern("q")
    assert pattern.status == "refused"
    assert "bounded_items = 4 in migrate.toml forbids that" in str(pattern.reason)
    assert "consistency" not in f"{pattern.reason} {pattern.way_out}"
    enough = make_settings(Limits(bounded_items=8, listed_rows=4))
    assert "bounded_items = 8" in str(pattern.way_out)
    assert world(tmp_path, SHOP, query, shop_rows(), enough).pattern("q").status == "served"


def test_a_prefix_that_ignores_case_beside_an_order_that_does_not_is_told_with_what_serves(tmp_path: Path) -> None:
    like = "-- name: q\nSELECT id FROM customer WHERE name LIKE 'Name%' ORDER BY name LIMIT 5;"
    pattern = shop(tmp_path, like, limits=SMALL).pattern("q")
    assert pattern.status == "refused"
    assert "LIKE ignores the case of name, the order of name does not" in str(pattern.reason)
    assert "name >= 'abc' AND name < 'abd'" in str(pattern.way_out)
    ranged = like.replace("LIKE 'Name%'", ">= 'Name' AND name < 'Namf'")
    assert world(tmp_path, SHOP, ranged, shop_rows(), make_settings(SMALL)).pattern("q").status == "served"
