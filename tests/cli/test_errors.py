"""The error surface: what happened, what to do next, the exit code, and nothing half-written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from migrator.cli import faults
from migrator.cli.faults import report
from migrator.target.connect import Connection

from tests.cli.conftest import Command, Ended
from tests.cli.library import QUERIES, UNSERVABLE, change


def demand(ended: Ended, code: int, *words: str) -> None:
    """It ended with that code and said these words, what to do next among them, and no traceback."""
    assert ended.code == code, ended
    for word in (*words, "error: ", "next: "):
        assert word in ended.err, ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_missing_source(migrate: Command, folder: Path) -> None:
    demand(migrate("plan", "nothing.db"), 2, "There is no file nothing.db", "path of the source")
    assert files(folder) == set()


def test_no_source_at_all(migrate: Command) -> None:
    demand(migrate("plan"), 2, "no source is named", "MIGRATE_SOURCE")


def test_a_file_that_is_no_database(migrate: Command, folder: Path) -> None:
    (folder / "text.db").write_text("this is a text, not a database\n" * 100)
    demand(migrate("plan", "text.db"), 2, "is not a SQLite database")
    assert files(folder) == {"text.db"}


def test_an_empty_database(migrate: Command, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "empty.db")) as connection:
        connection.execute("PRAGMA user_version = 1")
    demand(migrate("plan", "empty.db"), 2, "has no tables")
    assert files(folder) == {"empty.db"}


def test_a_server_that_is_not_there_is_named_without_its_password(migrate: Command) -> None:
    ended = migrate("plan", "oracle://me:secret-word@127.0.0.1/app")
    assert (ended.code, "secret-word" in ended.err) == (2, False)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("-- name: broken\nSELECT FROM WHERE;\n", ("queries.sql:2",)),
        ("-- name: wrong\nSELECT * FROM book\nWHERE titel = :t;\n", ("queries.sql:3", "titel", "title")),
        ("-- name: wrong\nSELECT * FROM books;\n", ("queries.sql:2", "books", "book")),
        ("SELECT 1;\n", ("queries.sql:1",)),
    ],
)
def test_a_mistake_in_the_queries(
    migrate: Command, library: Path, folder: Path, sql: str, words: tuple[str, ...]
) -> None:
    (folder / "queries.sql").write_text(sql)
    demand(migrate("plan", library, "--queries", "queries.sql"), 2, *words)
    assert files(folder) == {"library.db", "queries.sql"}


def test_a_queries_file_that_is_not_there(migrate: Command, library: Path) -> None:
    demand(migrate("plan", library, "--queries", "no.sql"), 2, "there is no queries file no.sql")


def test_a_query_of_an_excluded_table(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "queries.sql").write_text("-- name: loans\nSELECT * FROM loan WHERE book_id = :b;\n")
    (folder / "migrate.toml").write_text("[tables.loan]\nexclude = true\n")
    demand(migrate("plan", library, "--queries", "queries.sql"), 2, "loan is excluded in migrate.toml")


def test_a_table_without_a_key(migrate: Command, library: Path) -> None:
    change(library, "CREATE TABLE log (line TEXT)")
    demand(migrate("plan", library), 4, "table log has no primary key", '[tables."log"] key')


def test_settings_that_name_no_table(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "migrate.toml").write_text("[tables.boek]\nexclude = true\n")
    demand(migrate("plan", library), 2, "migrate.toml", "names no table", "did you mean book?")


def test_settings_that_name_no_column(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "migrate.toml").write_text('[tables.loan]\nttl = "taked"\n')
    demand(migrate("plan", library), 2, "ttl names taked", "did you mean taken?")


def test_settings_that_exclude_everything(migrate: Command, library: Path, folder: Path) -> None:
    named = "".join(f"[tables.{name}]\nexclude = true\n" for name in ("author", "book", "loan"))
    (folder / "migrate.toml").write_text(named)
    demand(migrate("plan", library), 2, "every table is excluded")


def test_an_output_folder_that_cannot_be_written(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "taken").write_text("a file")
    demand(migrate("plan", library, "--out", "taken/plan"), 1, "the folder taken/plan cannot be written to", "--out")
    demand(migrate("plan", library, "--out", "taken"), 1, "the folder taken cannot be written to")
    assert files(folder) == {"library.db", "taken"}


def test_nothing_is_written_when_one_file_cannot_be(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "plan" / "design.md").mkdir(parents=True)
    demand(migrate("plan", library), 1, "design.md cannot be written")
    assert files(folder) == {"library.db", "plan", "plan/design.md"}


def test_a_table_name_that_dynamodb_refuses(migrate: Command, library: Path) -> None:
    demand(migrate("plan", library, "--table-name", "a!"), 2, "--table-name: 'a!'")


def test_a_plan_that_is_not_there(migrate: Command) -> None:
    for command in ("apply", "verify", "drop"):
        demand(migrate(command, "plan"), 2, "there is no plan plan", "migrate plan")


def test_a_plan_that_is_none(migrate: Command, folder: Path) -> None:
    (folder / "plan.json").write_text("[]")
    demand(migrate("apply", "plan.json"), 2, "plan.json is not a plan")


def test_an_edited_plan(migrate: Command, library: Path, folder: Path) -> None:
    migrate("plan", library)
    plan = folder / "plan" / "plan.json"
    plan.write_text(plan.read_text().replace('"deletion_protection": true', '"deletion_protection": false'))
    demand(migrate("apply", "plan"), 4, "was changed after it was written", "migrate.toml")


def test_a_hazard_that_nobody_accepted_stops_apply(migrate: Command, library: Path, folder: Path) -> None:
    change(library, "INSERT INTO book (id, author_id, title) VALUES (999, 999, 'Orphan')")
    planned = migrate("plan", library)
    assert planned.code == 3
    assert '"orphans:BOOK" = ' in planned.out
    demand(migrate("apply", "plan"), 4, "orphans:BOOK", "[accept]", '"orphans:BOOK" = ')
    (folder / "migrate.toml").write_text('[accept]\n"orphans:BOOK" = "they are old"\n')
    assert migrate("plan", library).code == 0


def test_a_refused_query_ends_a_plan_with_3(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "queries.sql").write_text(QUERIES + UNSERVABLE)
    planned = migrate("plan", library, "--queries", "queries.sql")
    assert planned.code == 3
    assert "books_about (refused)" in planned.out
    assert "way out" in planned.out
    (folder / "migrate.toml").write_text('[accept]\nbooks_about = "search engine"\nold_query = "gone"\n')
    accepted = migrate("plan", library, "--queries", "queries.sql")
    assert accepted.code == 0
    assert "accepted: search engine" in accepted.out
    assert "what needs no acceptance: old_query" in accepted.out


def test_an_endpoint_that_does_not_answer(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    ended = migrate("apply", "plan", "--endpoint-url", "http://127.0.0.1:9")
    demand(ended, 1, "no answer from http://127.0.0.1:9", "migrate local")


def test_missing_credentials(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    ended = migrate("apply", "plan", "--endpoint-url", "https://dynamodb.example.invalid", "--region", "us-east-1")
    demand(ended, 1, "no AWS credentials were found", "aws configure")


def test_a_missing_region(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    demand(migrate("apply", "plan"), 2, "no AWS region is set", "--region")


def test_a_dry_run_needs_no_way_to_dynamodb(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    ended = migrate("apply", "plan", "--dry-run", "--endpoint-url", "http://127.0.0.1:9")
    assert ended.code == 0
    assert "nothing was written" in ended.out
    assert "the table was not looked at: no answer from http://127.0.0.1:9" in ended.out


def test_the_argument_parser_speaks_the_same_way(migrate: Command) -> None:
    demand(migrate("plan", "--quick"), 2, "No such option", "`migrate plan --help`")
    demand(migrate("apply"), 2, "Missing argument", "`migrate apply --help`")
    demand(migrate("upload"), 2, "No such command")


def test_a_bug_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise LookupError("postgresql://me:secret-word@host/app is odd")
    except LookupError as error:
        assert report(error, verbose=False) == faults.ERROR
        plain = capsys.readouterr().err
        assert report(error, verbose=True) == faults.ERROR
        told = capsys.readouterr().err
    assert "error: LookupError: postgresql://me:***@host/app is odd" in plain
    assert "this is a bug" in plain
    assert "Traceback" not in plain
    assert "Traceback" in told
    assert "secret-word" not in plain + told


def test_an_interrupt_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KeyboardInterrupt(), verbose=False) == 130
    assert "run the same command again" in capsys.readouterr().err


def test_version_and_help(migrate: Command) -> None:
    assert migrate("--version").out.startswith("migrate ")
    assert "Exit codes" in migrate("--help").out
    assert migrate("apply", "--help").code == 0
    alone = migrate()
    assert (alone.code, "Exit codes" in alone.out) == (2, True)


def test_a_table_that_no_run_has_made_is_not_said_to_go_with_drop(
    migrate: Command, library: Path, at_engine: str, connection: Connection
) -> None:
    migrate("plan", library)
    connection.client.create_table(
        TableName=at_engine,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    stopped = migrate("apply", "plan")
    demand(stopped, 4, "is not as planned", "no run of `migrate` made it, so that `migrate drop` leaves it alone")
    assert migrate("drop", "plan", "--yes-drop", at_engine).code == 4
    connection.client.delete_table(TableName=at_engine)
