"""`migrate workload` as a command: what it writes, refuses and says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

TRACE = "".join(
    f'{{"sql": "SELECT title FROM book WHERE author_id = ?", "time": {1795514400 + n}}}\n' for n in range(121)
)


@pytest.fixture
def trace(folder: Path) -> Path:
    path = folder / "trace.jsonl"
    path.write_text(TRACE, encoding="utf-8")
    return path


def test_a_trace_becomes_a_queries_file_that_plan_reads(migrate: Command, library: Path, trace: Path) -> None:
    ended = migrate("workload", library, "--log", trace, "--json")
    assert ended.code == 0
    (query,) = ended.json()["queries"]
    assert (query["name"], query["calls"], query["peak"]) == ("book_by_author_id", 121, 1)
    assert query["rate"] == pytest.approx(121 / 120)
    assert "measured over" not in ended.err
    planned = migrate("plan", library, "--queries", "queries.sql", "--json")
    assert (planned.code, planned.err) == (0, planned.err)
    assert "-- name: book_by_author_id\n-- rate: 1.008\n" in (library.parent / "queries.sql").read_text(
        encoding="utf-8"
    )


def test_a_file_that_is_there_is_overwritten_only_when_told(migrate: Command, library: Path, trace: Path) -> None:
    (library.parent / "queries.sql").write_text("mine", encoding="utf-8")
    ended = migrate("workload", library, "--log", trace)
    assert ended.code == 2
    assert "--force" in ended.err
    assert (library.parent / "queries.sql").read_text(encoding="utf-8") == "mine"
    assert migrate("workload", library, "--log", trace, "--force").code == 0


def test_what_could_not_be_read_ends_with_3_and_stands_in_the_file(
    migrate: Command, library: Path, trace: Path
) -> None:
    trace.write_text(TRACE + '{"sql": "SELEC title FROM book", "time": 1795514400}\n', encoding="utf-8")
    ended = migrate("workload", library, "--log", trace)
    assert ended.code == 3
    assert "not read: trace.jsonl:122: " in ended.out
    assert "trace.jsonl:122: " in (library.parent / "queries.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "SQLite counts no statements"),
        (("--log", "none.log"), "there is no log none.log"),
        (("--log", "library.db"), "is no log that is known"),
        (("--log", "trace.jsonl", "--format", "csv"), "csv is no kind of log"),
        (("--log", "trace.jsonl", "--watch", "5"), "say one of them"),
        (("--log", "trace.jsonl", "--period", "soon"), "'soon' is no period"),
        (("--format", "json"), "no --log is named"),
    ],
)
def test_a_mistake_of_the_user_ends_with_2(
    migrate: Command, library: Path, trace: Path, arguments: tuple[str, ...], told: str
) -> None:
    ended = migrate("workload", library, *arguments)
    assert (ended.code, told in ended.err) == (2, True), ended.err
    assert "next: " in ended.err
    assert not (library.parent / "queries.sql").exists()


def test_a_log_without_times_wants_a_period(migrate: Command, library: Path, trace: Path) -> None:
    trace.write_text('{"sql": "SELECT title FROM book WHERE author_id = 5", "count": 60}\n', encoding="utf-8")
    ended = migrate("workload", library, "--log", trace)
    assert (ended.code, "--period" in ended.err) == (2, True)
    assert migrate("workload", library, "--log", trace, "--period", "1min", "--json").json()["queries"][0]["rate"] == 1


def test_a_log_of_another_database_ends_with_1(migrate: Command, library: Path, trace: Path) -> None:
    trace.write_text('{"sql": "SELECT x FROM elsewhere"}\n', encoding="utf-8")
    ended = migrate("workload", library, "--log", trace)
    assert ended.code == 1
    assert "there is no table elsewhere" in ended.err
