import pytest
from migrator.model.errors import UsageError
from migrator.model.query import Workload
from migrator.workload.read import read_workload

from .shop import shop

ORDERS = "SELECT * FROM orders WHERE id = :id;"


def read(text: str) -> Workload:
    return read_workload(text, shop(), "q.sql")


def test_a_block_has_a_name_a_rate_a_peak_and_a_consistency() -> None:
    text = f"-- name: one_order\n-- rate: 40\n-- peak: 300/s\n-- consistency: strong\n{ORDERS}"
    (found,) = read(text).patterns
    assert (found.name, found.rate, found.peak, found.consistency) == ("one_order", 40.0, 300.0, "strong")
    assert (found.kind, found.line, found.assumptions) == ("read", 1, ())


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("40", 40),
        ("40/s", 40),
        ("2400/min", 40),
        ("100/h", 100 / 3600),
        ("3/day", 3 / 86_400),
        ("0.5", 0.5),
        (".5 / s", 0.5),
    ],
)
def test_rates_are_requests_a_second(written: str, rate: float) -> None:
    assert read(f"-- name: x\n-- rate: {written}\n{ORDERS}").patterns[0].rate == pytest.approx(rate)


def test_a_missing_rate_is_a_stated_assumption() -> None:
    read_pattern, write_pattern = read(f"-- name: x\n{ORDERS}\n-- name: y\nDELETE FROM orders WHERE id = 1").patterns
    assert (read_pattern.rate, read_pattern.peak, len(read_pattern.assumptions)) == (1.0, 4.0, 2)
    assert (write_pattern.kind, write_pattern.rate, write_pattern.peak) == ("write", 0.1, 0.4)
    assert "rate 0.1/s" in write_pattern.assumptions[0]


def test_several_statements_under_one_name_are_one_access_pattern() -> None:
    (found,) = read(f"-- name: x\n{ORDERS}\n\nSELECT * FROM line\nWHERE order_id = :id;").patterns
    assert [statement.line for statement in found.statements] == [2, 4]
    assert found.sql == "SELECT * FROM orders WHERE id = :id;\nSELECT * FROM line\nWHERE order_id = :id"


def test_prose_around_blocks_is_ignored() -> None:
    header = "-- shop: the queries\n\n-- name: x\n-- The page of one order.\n-- TODO: more\n"
    text = f"{header}{ORDERS} -- end\n-- section: y\n"
    assert read(text).patterns[0].statements[0].sql == ORDERS.rstrip(";")


def test_semicolons_and_annotations_in_quotes_are_text() -> None:
    text = "-- name: x\nSELECT * FROM orders WHERE status = 'a;\n-- name: b' /* ; */ AND id = 1"
    (found,) = read(text).patterns
    assert len(found.statements) == 1


@pytest.mark.parametrize("name", ["GetOrder :one", "GetOrder^", "GetOrder"])
def test_suffixes_of_sqlc_and_aiosql_are_not_part_of_the_name(name: str) -> None:
    assert read(f"-- name: {name}\n{ORDERS}").patterns[0].name == "GetOrder"


def test_windows_line_ends_and_a_byte_order_mark_are_accepted() -> None:
    text = f"\ufeff-- name: x\r\n-- rate: 40\r\n{ORDERS}\r\n"
    assert read(text).patterns[0].rate == 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"-- name: x\n{ORDERS}\n-- name: x\n{ORDERS}", "q.sql:3: the name x is already used on line 1"),
        (f"-- name: x\n-- rate: often\n{ORDERS}", "q.sql:2: 'often' is not a rate"),
        (f"-- name: x\n-- rate: -1\n{ORDERS}", "q.sql:2: '-1' is not a rate"),
        (f"-- name: x\n-- rate: 0\n{ORDERS}", "q.sql:2: '0' is not a rate"),
        (f"-- name: x\n-- rate: 4/fortnight\n{ORDERS}", "q.sql:2: '4/fortnight' is not a rate"),
        (f"-- name: x\n-- rate 40\n{ORDERS}", "q.sql:2: rate without a colon"),
        (f"-- name: x\n-- rate: 4\n-- rate: 5\n{ORDERS}", "q.sql:3: rate is given twice for x"),
        (f"-- name: x\n-- consistency: mostly\n{ORDERS}", "q.sql:2: 'mostly' is not a consistency"),
        (f"-- name: x\n-- rat: 40\n{ORDERS}", "q.sql:2: unknown annotation rat"),
        ("-- name: x\n-- rate: 4\n", "q.sql:1: the block x is empty"),
        (f"-- name: x\n;\n-- name: y\n{ORDERS}", "q.sql:1: the block x is empty"),
        (f"\n{ORDERS}", "q.sql:2: SQL outside any block"),
        (f"-- name:\n{ORDERS}", "q.sql:1: a block without a name"),
        (f"-- name: a b\n{ORDERS}", "q.sql:1: 'a b' is not a name"),
        (f"-- rate: 4\n-- name: x\n{ORDERS}", "q.sql:1: rate does not stand below a `-- name:`"),
        (f"-- name: x\n{ORDERS}\n-- rate: 4\n", "q.sql:3: rate does not stand below a `-- name:`"),
        (f"-- name: x\n-- rate: 4\n-- peak: 2\n{ORDERS}", "q.sql:1: the peak of x, 2/s, is below its rate, 4/s"),
        (f"-- name: x\n{ORDERS}\nDELETE FROM orders", "q.sql:1: the block x both reads and writes"),
        (
            "-- name: x\nSELECT * FROM orders\nWHERE status = 'open",
            "q.sql:3: the quote ' that opens here is never closed",
        ),
        ("-- name: x\nSELECT 1 /* and", "q.sql:2: the comment /* that opens here is never closed"),
    ],
)
def test_a_malformed_file_is_an_error_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        read(text)
    assert error.value.what == message
    assert error.value.next_step


def test_an_unknown_annotation_says_which_exist() -> None:
    with pytest.raises(UsageError) as error:
        read(f"-- name: x\n-- rat: 40\n{ORDERS}")
    assert error.value.next_step == "Did you mean rate? Annotations are name, rate, peak, consistency."


def test_a_file_without_blocks_is_an_empty_workload() -> None:
    assert read("-- nothing yet\n") == Workload(())
