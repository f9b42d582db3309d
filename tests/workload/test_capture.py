from __future__ import annotations

import random

import pytest
from migrator.workload.capture_file import capture_file
from migrator.workload.read import read_workload
from migrator.workload.seen import Seen

from tests.workload.capturing import captured, only
from tests.workload.shop import shop


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        ("sqlite", "SELECT name FROM customer WHERE id = ? AND credit > ?"),
        ("sqlite", "SELECT name FROM customer WHERE id = ?1 AND credit > ?2"),
        ("sqlite", "select name\n  from customer where id=:1 and credit > :2 -- of the page"),
        ("postgres", "SELECT name FROM customer WHERE id = $1 AND credit > $2"),
        ("postgresql", "SELECT name FROM customer WHERE id = $1::INTEGER AND credit > $2::numeric(10, 2)"),
        ("postgresql", "SELECT name FROM customer WHERE id = %s AND credit > %s"),
        ("postgresql", 'SELECT "name" FROM "customer" WHERE "id" = %(id_1)s AND "credit" > %(credit_1)s'),
        ("mysql", "SELECT `name` FROM `customer` WHERE `id` = ? AND `credit` > ?"),
        ("mysql", "SELECT name FROM customer WHERE id = 5 AND credit > 17"),
    ],
)
def test_placeholders_of_every_style_are_named_after_their_columns(dialect: str, written: str) -> None:
    query = only([written], dialect)
    assert query.sql.lower().replace("=:", "= :").replace("id=", "id =") == (
        "select name from customer where id = :id and credit > :credit_from"
    )
    assert query.name == "customer_by_id_and_credit_range"


def test_lists_of_different_lengths_are_one_query_of_the_usual_length() -> None:
    query = only(["SELECT name FROM product WHERE id IN(?)", *["SELECT name FROM product WHERE id IN (?,?, ?)"] * 3])
    assert query.sql == "SELECT name FROM product WHERE id IN (:id_1, :id_2)"
    assert query.notes == ("lists of 1 to 3 values, 2.5 on average",)
    assert query.rate == pytest.approx(0.4)


def test_the_length_of_a_list_that_a_digest_hides_is_taken_from_the_rows() -> None:
    digest = "SELECT NAME FROM `product` WHERE `id` IN (...)"
    query = only([Seen(digest, "digests", calls=10, rows=40)], "mysql")
    assert query.sql.endswith("IN (:id_1, :id_2, :id_3, :id_4)")
    assert "correct it" in query.notes[0]


def test_an_array_is_a_list() -> None:
    query = only([Seen("SELECT name FROM product WHERE id = ANY($1::bigint[])", "pg", calls=2, rows=4)], "postgresql")
    assert query.sql == "SELECT name FROM product WHERE id IN (:id_1, :id_2)"


@pytest.mark.parametrize(
    ("digest", "sql"),
    [
        (
            "SELECT `id` FROM `orders` WHERE `customer_id` = ? LIMIT ?, ...",
            "SELECT id FROM orders WHERE customer_id = :customer_id LIMIT :offset, :limit",
        ),
        ("SELECT COUNT ( * ) FROM `orders` WHERE `id` = ?", "SELECT COUNT(*) FROM orders WHERE id = :id"),
        ("INSERT INTO `region` VALUES (...)", None),
        ("INSERT INTO `region` ( `id` , NAME ) VALUES (...)", "INSERT INTO region (id, NAME) VALUES (:id, :name)"),
    ],
)
def test_digests_of_mysql_are_mended(digest: str, sql: str | None) -> None:
    result = captured([digest], "mysql")
    assert [query.sql for query in result.queries] == ([sql] if sql else [])
    assert len(result.unread) == (sql is None)


def test_rows_of_one_insert_count_one_by_one() -> None:
    query = only(["INSERT INTO region (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')"])
    assert (query.calls, query.sql) == (3, "INSERT INTO region (id, name) VALUES (:id, :name)")
    assert "batches of 3.0 rows" in query.notes[0]


def test_a_literal_that_never_varies_stays_and_one_that_does_is_a_parameter() -> None:
    same = [f"SELECT id FROM orders WHERE status = 'open' AND total > {n}" for n in range(5)]
    assert only(same).sql == "SELECT id FROM orders WHERE status = 'open' AND total > :total_from"
    assert only([*same, same[0].replace("open", "shut")]).sql.count(":status") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM customer WHERE email = 'open'",
        "SELECT id FROM product WHERE id = 4711",
        "SELECT id FROM orders WHERE customer_id = 4711",
        "SELECT id FROM product WHERE name = '4711-abc'",
    ],
)
def test_values_of_keys_people_and_secrets_are_never_written_however_often_they_come(sql: str) -> None:
    result = captured([sql] * 50)
    text = capture_file(result, "app.log")
    assert not any(word in text for word in ("'open'", "4711"))


def test_a_text_that_cannot_be_read_is_told_without_its_values() -> None:
    result = captured(["SELECT id FROM product WHERE name = 'hunter", "SELECT id FROM nowhere WHERE name = 'hunter'"])
    assert [one.where for one in result.unread] == ["app.log:1", "app.log:2"]
    text = capture_file(result, "app.log")
    assert "there is no table nowhere" in text
    assert "hunter" not in text


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("BEGIN", "transaction control"),
        ("SET search_path TO app", "settings of the session"),
        ("SHOW TABLES", "settings of the session"),
        ("EXPLAIN SELECT * FROM orders", "maintenance and EXPLAIN"),
        ("CREATE TABLE x (id INTEGER)", "changes of the schema"),
        ("SELECT * FROM pg_catalog.pg_class", "the database's catalogue"),
        ("SELECT relname FROM pg_class", "the database's catalogue"),
        ("SELECT name FROM sqlite_master", "the database's catalogue"),
        ("SELECT version_num FROM alembic_version", "tables of the migrations' own"),
        ("SELECT 1", "statements that read no table"),
    ],
)
def test_what_is_not_the_applications_is_left_out_and_counted(sql: str, why: str) -> None:
    result = captured([Seen(sql, "a", calls=7)])
    assert (result.left_out, result.queries, result.unread) == (((why, 7),), (), ())


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT t0_.name AS name_0, t0_.id AS id_1 FROM product t0_ WHERE t0_.id = ?", "SELECT t0_.name, t0_.id FROM"),
        ("SELECT product.name AS product_name FROM product WHERE product.id = ?", "SELECT product.name FROM"),
        ("SELECT p1_0.name as name2_1_0_ FROM product p1_0 WHERE p1_0.id = ?", "SELECT p1_0.name FROM"),
        (
            'SELECT "product"."id", "product"."name", "product"."price" FROM "product" WHERE "product"."id" = ?',
            "SELECT * F",
        ),
        (
            "SELECT a.id AS a_id, b.id AS b_id FROM customer a JOIN region b ON b.id = a.region_id",
            "SELECT a.id AS a_id,",
        ),
        ("SELECT name AS title FROM product WHERE id = ?", "SELECT name AS title"),
    ],
)
def test_what_object_mappers_write_is_written_as_people_would(sql: str, wanted: str) -> None:
    assert only([sql]).sql.startswith(wanted)


def loop(inner: str, times: int) -> list[Seen]:
    found = []
    for page in range(4):
        found.append(Seen("SELECT id, total FROM orders WHERE customer_id = ?", "a", session="1"))
        found += [Seen(inner, "a", session="1") for _ in range(times)]
        found.append(Seen(f"SELECT name FROM region WHERE id = {page}", "a", session="1"))
    return found


def test_a_list_and_a_call_for_each_of_its_rows_is_named_n_plus_1() -> None:
    result = captured(loop("SELECT no, qty FROM line WHERE order_id = ?", 5))
    notes = {query.name: query.notes for query in result.queries}
    assert "N+1: about 5.0 calls follow each orders_by_customer_id" in notes["line_by_order_id"][0]
    assert "item collection" in notes["line_by_order_id"][0]
    assert notes["orders_by_customer_id"] == notes["region_by_id"] == ()


def test_a_list_and_its_parents_one_by_one_is_named_n_plus_1() -> None:
    (note,) = next(
        q.notes
        for q in captured(loop("SELECT name FROM customer WHERE id = ?", 4)).queries
        if q.name == "customer_by_id"
    )
    assert "N+1" in note
    assert "copied onto" in note


def test_a_list_and_one_call_for_all_its_rows_is_an_eager_load() -> None:
    result = captured(loop("SELECT no, qty FROM line WHERE order_id IN (?, ?, ?)", 1))
    assert "eager load" in next(q.notes for q in result.queries if q.name == "line_by_order_id_list")[0]


def test_statements_of_other_sessions_do_not_hide_a_loop() -> None:
    beside = [Seen("SELECT name FROM product WHERE id = ?", "a", session="2")]
    mixed = [one for seen in loop("SELECT no, qty FROM line WHERE order_id = ?", 5) for one in (seen, *beside)]
    assert any("N+1" in note for query in captured(mixed).queries for note in query.notes)


def test_statements_in_any_order_are_no_loop() -> None:
    mixed = loop("SELECT no, qty FROM line WHERE order_id = ?", 5) + [
        Seen(f"SELECT {column} FROM product WHERE id = ?", "a", session="1") for column in ("id", "name", "price") * 20
    ]
    random.Random(1).shuffle(mixed)
    assert not [note for query in captured(mixed).queries for note in query.notes]


def test_counters_alone_suggest_a_loop_and_say_perhaps() -> None:
    seen = [
        Seen("SELECT id, total FROM orders WHERE customer_id = $1", "pg", calls=100, rows=2000),
        Seen("SELECT no, qty FROM line WHERE order_id = $1", "pg", calls=1990, rows=9000),
        Seen("SELECT name FROM product WHERE id = $1", "pg", calls=77, rows=77),
    ]
    notes = {query.name: query.notes for query in captured(seen, "postgresql").queries}
    assert "perhaps N+1" in notes["line_by_order_id"][0]
    assert not notes["product_by_id"]


def test_the_file_is_the_same_whatever_order_the_statements_came_in_and_is_read_back() -> None:
    seen = [Seen(sql, "a", calls=n) for n, sql in enumerate(("SELECT * FROM product WHERE id = ?",
            "SELECT name FROM product WHERE id = ?", "UPDATE customer SET name = ? WHERE name = ?",
            "DELETE FROM line WHERE order_id = ? AND no BETWEEN ? AND ?"), start=1)]  # fmt: skip
    text = capture_file(captured(seen), "app.log")
    assert capture_file(captured(reversed(seen)), "app.log") == text
    patterns = read_workload(text, shop(), "queries.sql").patterns
    assert {round(pattern.rate * 10) for pattern in patterns} == {1, 2, 3, 4}
    assert "SET name = :new_name WHERE name = :name" in text
    assert "no BETWEEN :no_from AND :no_to" in text


def test_an_upsert_with_different_values_keeps_two_parameters() -> None:
    sql = "INSERT INTO region (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = ?"
    same, other = Seen(sql, "a", values=("1", "'a'", "'a'")), Seen(sql, "a", values=("1", "'a'", "'b'"))
    assert only([same, same]).sql.count(":name)") + only([same]).sql.count("SET name = :name") == 2
    assert only([same, other]).sql.endswith("SET name = :name_2")
