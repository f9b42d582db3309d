"""What a database or a table holds is shown, and never obeyed by the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.cli.console import Console, harmless, one_line
from migrator.cli.faults import report
from migrator.model.errors import BlockedError
from migrator.target.connect import Connection

from tests.cli.conftest import Command


def test_control_characters_are_written_by_their_numbers() -> None:
    assert harmless("a\x1b[31m\x07\x9b\r\x7f b\tc\nd") == "a\\x1b[31m\\x07\\x9b\\x0d\\x7f b\tc\nd"
    assert one_line("a\nb é😀") == "a\\x0ab é😀"


def test_every_way_to_the_terminal_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(verbose=True)
    for way in (console.show, console.say, console.detail, console.warn):
        way("\x1b[2J")
    report(BlockedError("book (id='\x1b[2J')", "look"), verbose=False)
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert (said.out + said.err).count("\\x1b[2J") == 5


def test_a_strange_value_in_the_table_stays_on_its_line(
    migrate: Command, library: Path, at_engine: str, connection: Connection
) -> None:
    migrate("plan", library)
    assert migrate("apply", "plan").code == 0
    item = {"PK": {"S": "x\x1b[2J"}, "SK": {"S": "y\n  missing: book (id=1), BOOK"}}
    connection.client.put_item(TableName=at_engine, Item=item)
    told = migrate("verify", "plan", "--allow-scan", "--show-values")
    assert told.code == 3
    assert "PK=S x\\x1b[2J, SK=S y\\x0a  missing: book" in told.out
    assert not any(line.startswith("  missing") for line in told.out.splitlines())
    migrate("drop", "plan", "--yes-drop", at_engine)
