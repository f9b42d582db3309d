"""`migrate query`: rows as JSON, and every way of asking wrongly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from migrator.cli.asking import answers_json, plain
from migrator.plan.answer import Answer

from tests.cli.conftest import Command
from tests.cli.library import QUERIES, UNSERVABLE, change

READERS = "INSERT INTO reader VALUES (1, 'Ann'), (2, 'ANN');"

MADE_UP = """
-- name: lent_books
SELECT id FROM book b WHERE author_id = :author AND EXISTS (SELECT 1 FROM loan l WHERE l.book_id = b.id);
-- name: two_authors
SELECT author_id, title FROM book WHERE id = :a UNION ALL SELECT author_id, title FROM book WHERE id = :b;
SELECT name FROM author WHERE id = 1;
-- name: authors_once
SELECT author_id FROM book WHERE id = :a UNION SELECT author_id FROM book WHERE id = :b;
-- name: names_once
SELECT name FROM reader WHERE id = :a UNION SELECT name FROM reader WHERE id = :b;
-- name: mean_price
SELECT AVG(price), AVG(id) FROM book WHERE author_id = :author AND id < 40;
"""


@pytest.fixture
def loaded(migrate: Command, library: Path, folder: Path, at_engine: str) -> Iterator[Command]:
    (folder / "queries.sql").write_text(QUERIES + UNSERVABLE + MADE_UP)
    change(library, "CREATE TABLE reader (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE);" + READERS)
    migrate("plan", library, "--queries", "queries.sql")
    assert migrate("apply", "plan", "--no-verify").code == 0
    yield migrate
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_rows_are_objects(loaded: Command) -> None:
    ended = loaded("query", "plan", "author_by_email", "--param", "email=a3@x.org")
    assert (ended.code, ended.json()) == (0, [{"id": 3, "name": "N3"}])


def test_several_statements_are_numbered(loaded: Command) -> None:
    body = loaded("query", "plan", "author_with_books", "-p", "id=4").json()
    assert [part["statement"] for part in body] == [1, 2]
    assert body[0]["rows"] == [{"id": 4, "email": "a4@x.org", "name": "N4"}]
    assert body[1]["rows"][0] == {"id": 4, "title": "Title 4", "price": 1, "cover": "BA=="}


def test_inner_queries_and_branches_of_a_union_are_no_answers_of_their_own(loaded: Command) -> None:
    lent = loaded("query", "plan", "lent_books", "-p", "author=3").json()
    assert sorted(row["id"] for row in lent) == [3, 33]
    both = loaded("query", "plan", "two_authors", "-p", "a=7", "-p", "b=7").json()
    assert both == [
        {"statement": 1, "rows": [{"author_id": 7, "title": "Title 7"}] * 2},
        {"statement": 2, "rows": [{"name": "N1"}]},
    ]
    assert loaded("query", "plan", "names_once", "-p", "a=1", "-p", "b=2").json() == [{"name": "Ann"}]
    assert loaded("query", "plan", "authors_once", "-p", "a=7", "-p", "b=17").json() == [{"author_id": 7}]
    assert loaded("query", "plan", "authors_once", "-p", "a=8", "-p", "b=7").json() == [
        {"author_id": 8},
        {"author_id": 7},
    ]


def test_an_average_is_a_number(loaded: Command) -> None:
    (answer,) = loaded("query", "plan", "mean_price", "-p", "author=1").json()
    assert list(answer.values()) == [(1 + 11 + 21 + 31) / 4 / 4, (1 + 11 + 21 + 31) / 4]


def test_a_query_that_is_not_there_is_answered_with_each_name_once(loaded: Command) -> None:
    told = loaded("query", "plan", "zzz").err
    assert told.count("author_with_books") == 1


def test_a_limit_is_a_parameter_like_any_other(loaded: Command) -> None:
    body = loaded("query", "plan", "some_books", "-p", "author_id=1", "-p", "most=2").json()
    assert body == [{"id": 1}, {"id": 11}]


def test_no_rows_are_an_empty_list(loaded: Command) -> None:
    assert loaded("query", "plan", "author_by_email", "-p", "email=nobody").json() == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("author_by_mail", "-p", "email=a"), 2, "did you mean author_by_email?"),
        (("author_by_email",), 2, "needs a value for email"),
        (("author_by_email", "-p", "mail=a"), 2, "has no parameter mail"),
        (("author_by_email", "-p", "email"), 2, "not of the form name=value"),
        (("some_books", "-p", "author_id=1", "-p", "most=few"), 2, "most=few is no limit"),
        (("some_books", "-p", "author_id=1_0", "-p", "most=2"), 2, "author_id: '1_0' is not a number"),
        (("some_books", "-p", "author_id=", "-p", "most=2"), 2, "author_id: '' is not a number"),
        (("author_by_email", "-p", "email=a", "-p", "email=b"), 2, "given twice"),
        (("add_book",), 2, "INSERT INTO book"),
        (("books_about", "-p", "word=x"), 3, "books_about is refused"),
    ],
)
def test_a_wrong_question_is_answered_with_the_right_one(
    loaded: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended = loaded("query", "plan", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert words in ended.err
    assert "next: " in ended.err


def test_a_table_that_is_not_loaded(migrate: Command, library: Path, at_engine: str) -> None:
    migrate("plan", library)
    ended = migrate("query", "plan", "author_by_id", "-p", "id=1")
    assert ended.code == 4
    assert "migrate apply plan/plan.json" in ended.err


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1.50"), 1.5),
        (Decimal("3"), 3),
        (Decimal("12345678901234567890123456789012345678"), 12345678901234567890123456789012345678),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (Decimal("1E+120"), 1e120),
        (b"\x00\xff", "AP8="),
        (float("nan"), "nan"),
        (date(2024, 5, 6), "2024-05-06"),
        ({"a": [Decimal("0.1"), b"\x01"]}, {"a": [0.1, "AQ=="]}),
        (None, None),
        (True, True),
    ],
)
def test_values_lose_nothing(value: object, shown: object) -> None:
    assert plain(value) == shown
    json.dumps(plain(value), allow_nan=False)


def test_columns_of_the_same_name_are_told_apart() -> None:
    assert json.loads(answers_json([Answer(("id", "id"), ((1, 2),))])) == [{"id": 1, "id_2": 2}]
