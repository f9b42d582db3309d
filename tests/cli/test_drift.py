"""A schema that is no longer the planned one stops everything, with what changed by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.library import change

REBUILT = """
CREATE TABLE other (book_id INTEGER, taken TEXT, reader TEXT, PRIMARY KEY (book_id));
DROP TABLE loan;
ALTER TABLE other RENAME TO loan;
"""


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("CREATE TABLE news (id INTEGER PRIMARY KEY)", ["table news was added"]),
        ("DROP TABLE loan", ["table loan was removed"]),
        ("ALTER TABLE author ADD COLUMN born DATE", ["column author.born was added"]),
        ("ALTER TABLE loan DROP COLUMN reader", ["column loan.reader was removed"]),
        (
            "ALTER TABLE book RENAME COLUMN title TO name",
            ["column book.name was added", "column book.title was removed"],
        ),
        ("DROP INDEX book_of_author", ["index book: (author_id) was removed"]),
        ("CREATE UNIQUE INDEX one ON book (title)", ["unique key book: (title) was added"]),
        (
            REBUILT,
            [
                "column loan.taken now takes NULL",
                "the primary key of loan was (book_id, taken), is (book_id)",
                "foreign key loan: (book_id) to book(id) was removed",
            ],
        ),
    ],
)
def test_what_changed_is_named(migrate: Command, library: Path, sql: str, told: list[str]) -> None:
    migrate("plan", library)
    change(library, sql)
    ended = migrate("apply", "plan", "--dry-run", "--endpoint-url", "http://127.0.0.1:9")
    assert ended.code == 4, ended
    assert "schema is not the one that the plan was made for" in ended.err
    assert "migrate plan" in ended.err
    for sentence in told:
        assert sentence in ended.err


def test_a_change_without_a_name_is_still_a_change(migrate: Command, library: Path) -> None:
    change(library, "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT DEFAULT 'a')")
    migrate("plan", library)
    change(library, "DROP TABLE setting; CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT DEFAULT 'b')")
    ended = migrate("apply", "plan")
    assert ended.code == 4
    assert "a detail that a plan does not hold" in ended.err


def test_other_rows_are_no_drift(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    change(library, "DELETE FROM loan")
    assert migrate("apply", "plan", "--dry-run", "--endpoint-url", "http://127.0.0.1:9").code == 0


def test_verify_refuses_drift_too(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    change(library, "DROP TABLE loan")
    assert migrate("verify", "plan").code == 4
