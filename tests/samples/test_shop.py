"""The sample shop: what it promises to those who demonstrate, test or measure with it."""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SHOP = Path(__file__).resolve().parents[2] / "samples" / "shop"
REFUSED = {"search_ticket_messages", "sales_by_country_and_month"}

# How typical parameters of each query are found in the data: one row, columns named as the parameters.
BUSIEST_CUSTOMER = "SELECT customer_id FROM orders GROUP BY customer_id ORDER BY COUNT(*) DESC LIMIT 1"
TYPICAL = {
    "session_by_token": "SELECT token FROM session",
    "sessions_of_customer": "SELECT customer_id FROM session GROUP BY customer_id HAVING COUNT(*) > 1",
    "customer_by_email": "SELECT email FROM customer WHERE email LIKE '%+%'",
    "customer_with_addresses": "SELECT customer_id FROM customer_address GROUP BY customer_id HAVING COUNT(*) > 1",
    "countries": "SELECT 1",
    "start_session": "SELECT 'new' AS token, customer_id, user_agent, started_at, expires_at FROM session",
    "end_session": "SELECT token FROM session",
    "save_address": "SELECT * FROM customer_address",
    "rename_customer": "SELECT customer_id, 'Žofie' AS name FROM customer",
    "product_with_tags": "SELECT product_id FROM product_tag",
    "products_of_tag": "SELECT tag_id FROM product_tag",
    "products_in_basket": "SELECT 3 AS first, 7 AS second, 12 AS third",
    "products_by_sku_prefix": "SELECT substr(sku, 1, 4) AS prefix FROM product",
    "products_of_category_by_price": "SELECT category_id, price AS lowest, price + 10 AS highest FROM product",
    "top_categories": "SELECT 1",
    "subcategories": "SELECT parent_id FROM category WHERE parent_id IS NOT NULL",
    "tag_product": """SELECT product_id, tag_id, '2026-01-01 00:00:00' AS tagged_at FROM product, tag
        WHERE (product_id, tag_id) NOT IN (SELECT product_id, tag_id FROM product_tag)""",
    "order_with_lines": "SELECT order_id FROM order_line WHERE line_no = 3",
    "orders_of_customer": BUSIEST_CUSTOMER,
    "orders_of_customer_between": f"""SELECT customer_id, '2025-01-01 00:00:00' AS since,
        '2025-06-30 23:59:59' AS until FROM ({BUSIEST_CUSTOMER})""",
    "order_count_of_customer": BUSIEST_CUSTOMER,
    "latest_orders": "SELECT 1",
    "sales_by_country_and_month": "SELECT 1",
    "place_order": """SELECT 1000001 AS order_id, customer_id, label AS ship_to, '2026-01-01 00:00:00' AS placed_at,
        12.5 AS total, NULL AS note FROM customer_address""",
    "add_order_line": "SELECT order_id, 99 AS line_no, product_id, quantity, unit_price FROM order_line",
    "set_order_status": "SELECT order_id, 'returned' AS status FROM orders",
    "ticket_with_messages": "SELECT ticket_id FROM ticket_message WHERE message_no = 2",
    "tickets_of_agent": "SELECT assigned_to AS employee_id, status FROM ticket WHERE assigned_to IS NOT NULL",
    "tickets_opened_by": "SELECT opened_by AS employee_id FROM ticket WHERE opened_by IS NOT NULL",
    "search_ticket_messages": "SELECT 'refund' AS words",
    "assign_ticket": "SELECT ticket_id, 2 AS employee_id FROM ticket WHERE assigned_to IS NULL",
}


@pytest.fixture(scope="module")
def sample() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("shop_generate", SHOP / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def built(sample: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int], float]:
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    started = time.process_time()
    counts = sample.generate(path)
    return path, counts, time.process_time() - started


@pytest.fixture
def shop(built: tuple[Path, dict[str, int], float]) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are rolled back."""
    with closing(sqlite3.connect(built[0])) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection
        connection.rollback()


def declared() -> dict[str, tuple[dict[str, str], list[str]]]:
    """Annotations and statements by query name."""
    queries: dict[str, tuple[dict[str, str], list[str]]] = {}
    blocks = re.split(r"(?m)^-- name: *", (SHOP / "queries.sql").read_text(encoding="utf-8"))[1:]
    for block in blocks:
        name, _, body = block.partition("\n")
        assert name not in queries
        notes = dict(re.findall(r"(?m)^-- (\w+): *(.+)$", body))
        sql = re.sub(r"(?m)^--.*$", "", body)
        queries[name] = notes, [statement.strip() for statement in sql.split(";") if statement.strip()]
    return queries


QUERIES = declared()


def is_read(name: str) -> bool:
    return QUERIES[name][1][0].startswith("SELECT")


READS = [name for name in QUERIES if is_read(name)]
WRITES = [name for name in QUERIES if not is_read(name)]


def typical(shop: sqlite3.Connection, name: str) -> dict[str, Any]:
    cursor = shop.execute(f"{TYPICAL[name]} LIMIT 1" if "LIMIT" not in TYPICAL[name] else TYPICAL[name])
    return dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))


def one(shop: sqlite3.Connection, sql: str) -> Any:
    return shop.execute(sql).fetchone()[0]


def rows(shop: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
    return shop.execute(sql).fetchall()


def tables(shop: sqlite3.Connection) -> list[str]:
    return [name for (name,) in rows(shop, "SELECT name FROM sqlite_master WHERE type = 'table'")]


def foreign_keys(shop: sqlite3.Connection, table: str) -> dict[tuple[str, ...], str]:
    """Referred table by referring columns."""
    columns: dict[int, list[str]] = {}
    referred = {}
    for key, _, target, column, *_ in rows(shop, f"PRAGMA foreign_key_list({table})"):
        columns.setdefault(key, []).append(column)
        referred[key] = target
    return {tuple(columns[key]): referred[key] for key in columns}


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_counts_returned_are_the_rows_in_the_file(
    shop: sqlite3.Connection, built: tuple[Path, dict[str, int], float]
) -> None:
    assert built[1] == {name: one(shop, f"SELECT COUNT(*) FROM {name}") for name in tables(shop)}


def test_default_size_is_thousands_of_rows_in_twelve_to_fourteen_tables(
    built: tuple[Path, dict[str, int], float],
) -> None:
    assert 12 <= len(built[1]) <= 14
    assert 23_000 <= sum(built[1].values()) <= 30_000


def test_generation_takes_less_than_three_seconds(built: tuple[Path, dict[str, int], float]) -> None:
    assert built[2] < 3


def test_same_scale_gives_the_same_content_whatever_came_before(
    sample: ModuleType, built: tuple[Path, dict[str, int], float], tmp_path: Path
) -> None:
    again = tmp_path / "again.db"
    sample.generate(again, 0.1)
    sample.generate(again)
    assert dump(again) == dump(built[0])
    assert [file.name for file in tmp_path.iterdir()] == ["again.db"]


@pytest.mark.parametrize("scale", [0.001, 0.3, 2.0])
def test_scale_changes_the_number_of_rows_and_keeps_the_data_sound(
    scale: float, sample: ModuleType, built: tuple[Path, dict[str, int], float], tmp_path: Path
) -> None:
    counts = sample.generate(tmp_path / "shop.db", scale)
    assert (sum(counts.values()) > sum(built[1].values())) == (scale > 1)
    assert all(counts.values())
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        assert rows(shop, "PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("scale", [0, -1.0, float("nan")])
def test_scale_must_be_positive(scale: float, sample: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        sample.generate(tmp_path / "shop.db", scale)
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_use_is_not_replaced(sample: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "shop.db-wal").touch()
    with pytest.raises(FileExistsError, match="in use"):
        sample.generate(tmp_path / "shop.db")
    assert not (tmp_path / "shop.db").exists()


def test_a_failure_leaves_the_older_file_as_it_was(
    sample: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.db"
    sample.generate(path, 0.1)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sample, "_insert", fail)
    with pytest.raises(OSError, match="disk full"):
        sample.generate(path, 0.2)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_script_writes_the_file_and_says_how_many_rows(
    sample: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", str(tmp_path / "small.db"), "--scale", "0.1"])
    sample.main()
    assert (tmp_path / "small.db").exists()
    assert re.search(r"\d orders$", capsys.readouterr().out, re.M)


def test_every_foreign_key_holds(shop: sqlite3.Connection) -> None:
    assert rows(shop, "PRAGMA foreign_key_check") == []
    assert rows(shop, "PRAGMA integrity_check") == [("ok",)]


def test_surrogate_natural_and_composite_keys_are_there(shop: sqlite3.Connection) -> None:
    keys = {
        table: [
            (column[1], column[2])
            for column in sorted(rows(shop, f"PRAGMA table_info({table})"), key=lambda column: column[5])
            if column[5]
        ]
        for table in tables(shop)
    }
    assert keys["customer"] == [("customer_id", "INTEGER")]
    assert keys["country"] == [("code", "CHAR(2)")]
    assert keys["order_line"] == [("order_id", "INTEGER"), ("line_no", "INTEGER")]
    assert keys["customer_address"] == [("customer_id", "INTEGER"), ("label", "VARCHAR(40)")]
    assert keys["product_tag"] == [("product_id", "INTEGER"), ("tag_id", "INTEGER")]
    assert all(keys.values())


def test_references_of_every_kind_are_there(shop: sqlite3.Connection) -> None:
    assert foreign_keys(shop, "category") == {("parent_id",): "category"}
    assert foreign_keys(shop, "employee") == {("manager_id",): "employee"}
    ticket = foreign_keys(shop, "ticket")
    assert ticket[("opened_by",)] == ticket[("assigned_to",)] == "employee"
    assert foreign_keys(shop, "orders")[("customer_id", "ship_to")] == "customer_address"
    assert set(foreign_keys(shop, "product_tag").values()) == {"product", "tag"}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("category", "parent_id"),
        ("employee", "manager_id"),
        ("orders", "ship_to"),
        ("ticket", "order_id"),
        ("ticket", "opened_by"),
        ("ticket", "assigned_to"),
        ("ticket_message", "author_id"),
    ],
)
def test_a_nullable_foreign_key_is_sometimes_null(shop: sqlite3.Connection, table: str, column: str) -> None:
    assert one(shop, f"SELECT COUNT(*) FROM {table} WHERE {column} IS NULL") > 0
    assert one(shop, f"SELECT COUNT({column}) FROM {table}") > 0


@pytest.mark.parametrize(
    ("table", "column"), [("customer", "email"), ("product", "sku"), ("employee", "email"), ("tag", "name")]
)
def test_a_natural_name_is_unique(shop: sqlite3.Connection, table: str, column: str) -> None:
    unique = [index[1] for index in rows(shop, f"PRAGMA index_list({table})") if index[2]]
    assert [column] in [[part[2] for part in rows(shop, f"PRAGMA index_info({index})")] for index in unique]


def test_column_types_of_every_family_are_there(shop: sqlite3.Connection) -> None:
    types = {
        (table, column[1]): column[2] for table in tables(shop) for column in rows(shop, f"PRAGMA table_info({table})")
    }
    assert types["orders", "total"] == types["product", "price"] == "DECIMAL(10, 2)"
    assert types["orders", "placed_at"] == "DATETIME"
    assert types["product", "attributes"] == types["customer", "preferences"] == "JSON"
    assert types["product", "thumbnail"] == types["customer", "password_hash"] == "BLOB"
    assert types["session", "expires_at"] == "INTEGER"
    assert {"BOOLEAN", "DATE", "TEXT", "CHAR(2)"} <= set(types.values())


def test_a_check_a_view_and_indexes_are_there(shop: sqlite3.Connection) -> None:
    assert rows(shop, "SELECT name FROM sqlite_master WHERE type = 'view'") == [("customer_spend",)]
    assert one(shop, "SELECT MAX(spent) FROM customer_spend") > 0
    assert one(shop, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL") > 5
    with pytest.raises(sqlite3.IntegrityError, match="order_line_quantity_positive"):
        shop.execute("UPDATE order_line SET quantity = 0")


def test_values_have_the_form_that_their_type_promises(shop: sqlite3.Connection) -> None:
    for table in tables(shop):
        for _, column, sql_type, *_ in rows(shop, f"PRAGMA table_info({table})"):
            values = [value for (value,) in rows(shop, f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")]
            assert all(FORMS[sql_type.partition("(")[0]](value) for value in values), f"{table}.{column}"


def is_text(value: Any) -> bool:
    """Text that any database takes: no NUL, no lone surrogate."""
    return isinstance(value, str) and "\0" not in value and value.encode().decode() == value


def has_cents(value: Any) -> bool:
    return isinstance(value, (int, float)) and re.fullmatch(r"-?\d+(\.\d{1,2})?", str(value)) is not None


def is_moment(value: Any) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value) is not None


FORMS: dict[str, Callable[[Any], bool]] = {
    "INTEGER": lambda value: isinstance(value, int),
    "BOOLEAN": lambda value: value in (0, 1),
    "DECIMAL": has_cents,
    "DATETIME": is_moment,
    "DATE": lambda value: re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None,
    "JSON": lambda value: is_text(value) and isinstance(json.loads(value), dict),
    "BLOB": lambda value: isinstance(value, bytes) and 0 < len(value) < 200,
    "TEXT": is_text,
    "VARCHAR": is_text,
    "CHAR": is_text,
}


def test_texts_keep_to_the_length_that_is_declared(shop: sqlite3.Connection) -> None:
    for table in tables(shop):
        for _, column, sql_type, *_ in rows(shop, f"PRAGMA table_info({table})"):
            if length := re.fullmatch(r"(?:VAR)?CHAR\((\d+)\)", sql_type):
                assert one(shop, f"SELECT MAX(length({column})) FROM {table}") <= int(length[1]), f"{table}.{column}"


def test_text_is_of_many_scripts_and_has_the_characters_that_break_things(shop: sqlite3.Connection) -> None:
    names = "".join(name for (name,) in rows(shop, "SELECT name FROM customer"))
    for script in ("é", "ß", "Ł", "Ζ", "О", "ש", "ل", "अ", "陽", "さ", "하", "𠮷", "🌻", "'", "“"):
        assert script in names, script
    bodies = "".join(body for (body,) in rows(shop, "SELECT body FROM ticket_message"))
    assert all(character in bodies for character in ("#", "%", '"', "'", "\\", "😢"))
    labels = "".join(label for (label,) in rows(shop, "SELECT label FROM customer_address"))
    assert all(character in labels for character in ("#", "%", "&", "実", "🏖"))


@pytest.mark.parametrize(
    ("table", "column"),
    [("customer", "phone"), ("customer_address", "extra_line"), ("product", "description"), ("orders", "note")],
)
def test_empty_text_and_null_are_both_there(shop: sqlite3.Connection, table: str, column: str) -> None:
    assert one(shop, f"SELECT COUNT(*) FROM {table} WHERE {column} IS NULL") > 0
    assert one(shop, f"SELECT COUNT(*) FROM {table} WHERE {column} = ''") > 0
    assert one(shop, f"SELECT COUNT(*) FROM {table} WHERE {column} <> ''") > 0


def test_some_sessions_have_expired_and_some_last_for_years(shop: sqlite3.Connection, sample: ModuleType) -> None:
    now = int(sample.AS_OF.timestamp())
    shares = rows(shop, f"SELECT AVG(expires_at < {now}), AVG(expires_at > {now + 8 * 365 * 86400}) FROM session")
    assert all(0.1 < share < 0.9 for share in shares[0])


def test_a_few_customers_and_products_have_much_of_the_orders(shop: sqlite3.Connection) -> None:
    for table, column in (("orders", "customer_id"), ("order_line", "product_id")):
        counts = [n for (n,) in rows(shop, f"SELECT COUNT(*) FROM {table} GROUP BY {column} ORDER BY 1 DESC")]
        assert counts[0] > 10 * counts[len(counts) // 2], table


def test_statuses_are_few_and_the_unfinished_ones_rare(shop: sqlite3.Connection) -> None:
    assert one(shop, "SELECT COUNT(DISTINCT status) FROM orders") == 6
    assert 0 < one(shop, "SELECT AVG(status IN ('pending', 'paid')) FROM orders") < 0.05
    assert one(shop, "SELECT COUNT(DISTINCT status) FROM ticket") == 4


def test_the_story_hangs_together(shop: sqlite3.Connection) -> None:
    """Totals add up, and nothing happens before what it follows from."""
    contradictions = [
        """SELECT order_id FROM orders o WHERE abs(total -
           (SELECT SUM(quantity * unit_price) FROM order_line l WHERE l.order_id = o.order_id)) > 0.001
           OR NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.order_id)""",
        "SELECT 1 FROM orders JOIN customer USING (customer_id) WHERE placed_at < registered_at",
        "SELECT 1 FROM ticket t JOIN orders o USING (order_id) WHERE t.opened_at < placed_at",
        "SELECT 1 FROM ticket t JOIN orders o USING (order_id) WHERE t.customer_id <> o.customer_id",
        "SELECT 1 FROM ticket WHERE (status = 'closed') <> (closed_at IS NOT NULL) OR closed_at < opened_at",
        "SELECT 1 FROM ticket_message JOIN ticket USING (ticket_id) WHERE sent_at < opened_at OR sent_at > closed_at",
        "SELECT 1 FROM ticket t JOIN employee e ON e.employee_id = t.assigned_to WHERE opened_at < hired_on",
    ]
    for sql in contradictions:
        assert rows(shop, sql) == [], sql


@pytest.mark.parametrize(("table", "column"), [("orders", "placed_at"), ("ticket", "opened_at"), ("product", "name")])
def test_no_two_rows_tie_where_a_query_takes_the_first_few(shop: sqlite3.Connection, table: str, column: str) -> None:
    assert one(shop, f"SELECT COUNT(*) - COUNT(DISTINCT {column}) FROM {table}") == 0


def test_mail_goes_to_example_domains_only(shop: sqlite3.Connection) -> None:
    emails = rows(shop, "SELECT email FROM customer UNION ALL SELECT email FROM employee")
    assert all(re.fullmatch(r"[a-z.+0-9-]+@example\.(com|org)", email) for (email,) in emails)


def test_every_query_has_a_rate_and_typical_parameters() -> None:
    assert list(QUERIES) == list(TYPICAL)
    assert all(float(notes["rate"]) > 0 for notes, _ in QUERIES.values())
    assert all({"rate"} <= notes.keys() <= {"rate", "peak", "consistency"} for notes, _ in QUERIES.values())
    assert [name for name, (notes, _) in QUERIES.items() if "consistency" in notes] == ["session_by_token"]
    assert sum("peak" in notes for notes, _ in QUERIES.values()) >= 3


@pytest.mark.parametrize("name", READS)
def test_read_answers_with_rows_for_typical_parameters(shop: sqlite3.Connection, name: str) -> None:
    for statement in QUERIES[name][1]:
        assert shop.execute(statement, typical(shop, name)).fetchall(), statement


@pytest.mark.parametrize("name", [name for name in READS if name not in REFUSED])
def test_served_read_is_backed_by_an_index(shop: sqlite3.Connection, name: str) -> None:
    for statement in QUERIES[name][1]:
        steps = [step[3] for step in shop.execute(f"EXPLAIN QUERY PLAN {statement}", typical(shop, name))]
        assert not [step for step in steps if step.startswith("SCAN") and " USING " not in step], steps


@pytest.mark.parametrize("name", [name for name in READS if name not in REFUSED])
def test_served_read_asks_only_what_keys_can_answer(name: str) -> None:
    for statement in QUERIES[name][1]:
        assert not re.search(r"\b(OFFSET|DISTINCT|GROUP BY|HAVING|UNION|OR|EXISTS)\b|'%' \|\|", statement)
        assert statement.count("SELECT") == 1
        assert set(re.findall(r"\w+(?=\()", statement)) <= {"COUNT"}


@pytest.mark.parametrize("name", WRITES)
def test_write_changes_one_row_for_typical_parameters(shop: sqlite3.Connection, name: str) -> None:
    for statement in QUERIES[name][1]:
        assert shop.execute(statement, typical(shop, name)).rowcount == 1


def test_saving_an_address_works_for_a_new_one_too(shop: sqlite3.Connection) -> None:
    before = one(shop, "SELECT COUNT(*) FROM customer_address")
    shop.execute(QUERIES["save_address"][1][0], typical(shop, "save_address") | {"label": "the new one"})
    assert one(shop, "SELECT COUNT(*) FROM customer_address") == before + 1


def test_settings_accept_exactly_the_refused_queries_with_a_reason() -> None:
    settings = tomllib.loads((SHOP / "migrate.toml").read_text(encoding="utf-8"))
    assert settings["migrate"] == {"queries": "queries.sql", "table_name": "shop"}
    assert set(settings["accept"]) == REFUSED <= QUERIES.keys()
    assert all(reason.endswith(".") for reason in settings["accept"].values())
