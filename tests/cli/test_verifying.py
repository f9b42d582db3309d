"""`migrate verify` through the real command: what it finds, what it keeps, and what it says when it cannot finish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from migrator.target import reader
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine
from migrator.verify import rows as rows_module

from tests.cli.conftest import Command, Ended
from tests.cli.failing import RESET, failing
from tests.cli.library import QUERIES, change


@pytest.fixture
def loaded(migrate: Command, library: Path, folder: Path, at_engine: str) -> str:
    """The library, loaded and verified: the table's name."""
    (folder / "queries.sql").write_text(QUERIES)
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    assert migrate("apply", "plan").code == 0
    return at_engine


def an_item(connection: Connection, table: str, entity: str) -> dict[str, Any]:
    """One item of that type."""
    items = connection.client.scan(TableName=table)["Items"]
    return min((item for item in items if item["type"]["S"] == entity), key=lambda item: sorted(map(str, item.items())))


def put(connection: Connection, table: str, item: Mapping[str, Any]) -> None:
    connection.client.put_item(TableName=table, Item=item)


def test_a_table_as_loaded_is_equal(migrate: Command, loaded: str) -> None:
    ended = migrate("verify", "plan", "--allow-scan", "--json")
    assert ended.code == 0, ended
    told = ended.json()
    assert (told["clean"], told["rows"]["extra"], told["verified_before"]) == (True, 0, True)
    assert "reading the whole table once: at most about" in ended.err


def test_what_differs_is_named_and_ends_with_3(migrate: Command, loaded: str, connection: Connection) -> None:
    item = an_item(connection, loaded, "BOOK")
    put(connection, loaded, {**item, "title": {"S": "Another"}})
    put(connection, loaded, {**item, "PK": {"S": "STRAY"}})
    ended = migrate("verify", "plan", "--allow-scan")
    assert ended.code == 3
    number = item["id"]["N"]
    assert f"different: book (id={number}), BOOK.title: expected S Title {number}, found S Another" in ended.out
    assert "extra: book (PK=S STRAY, SK=S " in ended.out
    assert "differences are its changes, not faults" in ended.out
    assert "next: " not in ended.out


def test_values_that_look_personal_are_masked_unless_asked_for(
    migrate: Command, loaded: str, connection: Connection
) -> None:
    put(connection, loaded, {**an_item(connection, loaded, "AUTHOR"), "email": {"S": "intruder@y.org"}})
    masked, told = migrate("verify", "plan"), migrate("verify", "plan", "--json")
    assert (masked.code, told.code) == (3, 3)
    assert "AUTHOR.email: expected S a•••, found S i•••" in masked.out
    assert "intruder" not in masked.out + told.out
    assert "found S intruder@y.org" in migrate("verify", "plan", "--show-values").out


def test_what_stands_in_the_key_of_an_item_of_unknown_type_is_masked(
    migrate: Command, loaded: str, connection: Connection
) -> None:
    for number, key in enumerate(("AUTHOR#eve@y.org", "eve@y.org")):
        stray = {"PK": {"S": key}, "SK": {"S": f"eve@y.org{number}"}, "type": {"S": "VISITOR"}}
        put(connection, loaded, stray)
    masked, told = migrate("verify", "plan", "--allow-scan"), migrate("verify", "plan", "--allow-scan", "--json")
    assert "extra: no table (PK=S AUTHOR#•••, SK=S •••), VISITOR" in masked.out
    assert "extra: no table (PK=S •••, SK=S •••), VISITOR" in masked.out
    assert "eve@" not in masked.out + told.out
    assert "PK=S AUTHOR#eve@y.org" in migrate("verify", "plan", "--allow-scan", "--show-values").out


def test_documents_are_shown_as_plain_json(migrate: Command, loaded: str, connection: Connection) -> None:
    item = an_item(connection, loaded, "BOOK")
    document = {"M": {"pages": {"N": "12"}, "tags": {"L": [{"S": "a"}, {"NULL": True}]}}}
    put(connection, loaded, {**item, "title": document})
    shown = migrate("verify", "plan", "--show-values")
    assert 'found M {"pages": 12, "tags": ["a", null]}' in shown.out
    assert "{'" not in shown.out and '{"N"' not in shown.out
    cells = shown.out.split("only in the table: ")[1].splitlines()[0]
    assert '{"pages": 12, "tags": ["a", null]}' in cells


def test_a_set_of_parameters_is_tried_and_told_once(migrate: Command, loaded: str, connection: Connection) -> None:
    for item in connection.client.scan(TableName=loaded)["Items"]:
        if item["type"]["S"] == "BOOK":
            put(connection, loaded, {**item, "title": {"S": "X"}})
    ended = migrate("verify", "plan", "--json")
    for pattern in ended.json()["queries"]["patterns"]:
        given = [str(sorted(one["parameters"].items())) + str(one["statement"]) for one in pattern["differences"]]
        assert len(given) == len(set(given)), pattern["name"]
    few = migrate("verify", "plan", "--samples", "500", "--json").json()["queries"]["patterns"]
    by_name = {pattern["name"]: pattern["compared"] for pattern in few}
    assert 10 <= by_name["author_by_email"] <= 100, "ten authors, and addresses made of theirs"


def test_the_report_is_a_page_too(migrate: Command, loaded: str, connection: Connection, folder: Path) -> None:
    assert migrate("verify", "plan", "--report", "proof.md").code == 0
    page = (folder / "proof.md").read_text()
    assert "**Every row and every answer is equal.**" in page
    assert "were not looked for (`--allow-scan`)" in page
    put(connection, loaded, {**an_item(connection, loaded, "BOOK"), "title": {"S": "a|b `c`"}})
    assert migrate("verify", "plan", "--report", "proof.md", "--allow-scan").code == 3
    page = (folder / "proof.md").read_text()
    assert "There are differences: 0 items missing, 1 item different, 0 items that no row makes" in page
    assert "| different | `book` |" in page
    cells = next(line for line in page.splitlines() if line.startswith("| different |")).split(" | ")
    assert len(cells) == 7, "a value's own bars do not make cells"


def test_a_report_that_cannot_be_written_is_told_before_any_work(migrate: Command, loaded: str) -> None:
    ended = migrate("verify", "plan", "--report", "nowhere/proof.md")
    assert (ended.code, "is in a folder that is not there" in ended.err) == (2, True)


def test_an_empty_table_has_nothing_to_draw_from_and_that_is_said(
    migrate: Command, library: Path, folder: Path, at_engine: str
) -> None:
    change(library, "DELETE FROM loan; DELETE FROM book;")
    (folder / "queries.sql").write_text(QUERIES)
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    ended = migrate("apply", "plan")
    assert ended.code == 0
    assert "nothing to draw from: table book is empty (author_with_books, some_books)" in ended.out


def unfinished(ended: Ended, *words: str) -> None:
    """The command says that it could not finish, and nothing that reads as success."""
    assert ended.code in (1, 4), ended
    for word in words:
        assert word in ended.err
    assert "error: " in ended.err and "next: " in ended.err
    assert ended.out == ""


FAILURES = {
    "throttled out": ("ProvisionedThroughputExceededException", ("verifying table", "run the same command again")),
    "table deleted": ("ResourceNotFoundException", ("verifying table", "`migrate apply` creates the table")),
    "credentials expired": ("ExpiredTokenException", ("verifying table", "check credentials")),
    "not allowed": ("AccessDeniedException", ("verifying table", "check credentials")),
    "endpoint gone": (RESET, ("verifying table", "check endpoint and network")),
    "refused": ("ValidationException", ("verifying table",)),
}


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query", "Scan"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_verification_that_cannot_finish_never_reads_as_success(
    failure: str,
    operation: str,
    migrate: Command,
    loaded: str,
    engine: LocalEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "BASE_SECONDS", 0.001)
    how, words = FAILURES[failure]
    with failing(engine.endpoint, operation, how, after=0 if operation == "Scan" else 1) as endpoint:
        unfinished(migrate("verify", "plan", "--endpoint-url", endpoint, "--allow-scan"), *words)
        told = migrate("verify", "plan", "--endpoint-url", endpoint, "--allow-scan", "--json")
        unfinished(told, *words)


def test_an_apply_whose_verification_cannot_finish_does_not_mark_the_load(
    migrate: Command,
    library: Path,
    folder: Path,
    at_engine: str,
    engine: LocalEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "BASE_SECONDS", 0.001)
    (folder / "queries.sql").write_text(QUERIES)
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    with failing(engine.endpoint, "Query", RESET, after=5) as endpoint:
        unfinished(migrate("apply", "plan", "--endpoint-url", endpoint), "verifying table")
    assert migrate("verify", "plan", "--json").json()["state"] == "loaded"
    assert migrate("apply", "plan", "--json").json()["state"] == "verified"


def went_on(ended: Ended) -> int:
    """How many rows a verification says that it knew from before it was cut off."""
    said = re.search(r"going on: (\d+) rows were compared before it was cut off", ended.err)
    return int(said[1]) if said else 0


def test_a_verification_that_was_cut_off_goes_on_where_it_was(
    migrate: Command,
    loaded: str,
    folder: Path,
    engine: LocalEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "BASE_SECONDS", 0.001)
    monkeypatch.setattr(rows_module, "CHUNK_ROWS", 5)
    with failing(engine.endpoint, "BatchGetItem", "ExpiredTokenException", after=6, times=1) as endpoint:
        unfinished(migrate("verify", "plan", "--endpoint-url", endpoint), "check credentials")
        (kept,) = (folder / "plan" / ".migrate").iterdir()
        assert "N3" not in kept.read_text(), "no value of a row stands beside the plan"
        ended = migrate("verify", "plan", "--endpoint-url", endpoint, "--json")
    assert ended.code == 0
    assert ended.json()["rows"]["checked"] == 90
    assert 0 < went_on(ended) < 90
    assert not kept.exists()


def test_what_differed_before_it_was_cut_off_is_compared_again(
    migrate: Command,
    loaded: str,
    engine: LocalEngine,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows_module, "CHUNK_ROWS", 5)
    right = an_item(connection, loaded, "AUTHOR")
    put(connection, loaded, {**right, "name": {"S": "Another"}})
    with failing(engine.endpoint, "BatchGetItem", "ExpiredTokenException", after=6, times=1) as endpoint:
        unfinished(migrate("verify", "plan", "--endpoint-url", endpoint))
        put(connection, loaded, right)
        ended = migrate("verify", "plan", "--endpoint-url", endpoint)
    assert ended.code == 0
    assert 0 < went_on(ended) < 90


def test_what_was_compared_before_is_told_and_can_be_compared_again(
    migrate: Command, loaded: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "CHUNK_ROWS", 5)
    with monkeypatch.context() as patch:
        patch.setattr("migrator.cli.checking.verify_queries", interrupted)
        assert migrate("verify", "plan").code == 130
        again = migrate("verify", "plan")
        assert (again.code, "going on: 90 rows were compared" in again.err) == (130, True)
        assert "going on" not in migrate("verify", "plan", "--restart").err
    ended = migrate("verify", "plan")
    assert (ended.code, "90 compared, 0 missing" in ended.out) == (0, True)
    assert not (folder / "plan" / ".migrate").exists()


def interrupted(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_source_that_changes_meanwhile_proves_nothing(
    migrate: Command, loaded: str, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(*_: Any, **__: Any) -> None:
        change(library, "UPDATE book SET title = 'later' WHERE id = 1")

    monkeypatch.setattr("migrator.cli.checking._check_queries", changing)
    ended = migrate("verify", "plan")
    unfinished(ended, "the source was changed while it was compared")
    assert ended.code == 4


def test_a_source_that_has_changed_since_the_load_is_said(migrate: Command, loaded: str, library: Path) -> None:
    change(library, "UPDATE book SET title = 'later' WHERE id = 1")
    ended = migrate("verify", "plan")
    assert ended.code == 3
    assert "the source has changed since it was loaded: differences may be later changes" in ended.out
