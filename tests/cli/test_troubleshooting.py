"""Each message that docs/troubleshooting.md shows is the one that a user sees."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from migrator.load.retry import Backoff
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine

from tests.cli.conftest import Command, Ended
from tests.cli.library import change, make_library
from tests.faults.kinds import Fault, always, never
from tests.faults.proxy import FaultProxy

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
TEXT_BLOCK = re.compile(r"^## (?P<title>[^\n]+)\n.*?^```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWERED = ("error:", "next:", "stopped:")


@pytest.fixture
def proxy(engine: LocalEngine, at_engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    monkeypatch.setattr(Backoff, "delay", lambda backoff, attempt, random: 0.0)
    with FaultProxy(engine.endpoint) as started:
        monkeypatch.setenv("MIGRATE_ENDPOINT_URL", started.endpoint)
        yield started


@pytest.fixture
def planned(migrate: Command, folder: Path, proxy: FaultProxy) -> Path:
    path = make_library(folder / "library.db")
    migrate("plan", path)
    return path


def is_documented(title: str, ended: Ended, table: str, proxy: FaultProxy) -> None:
    """The page shows these very words; the table is called app there, and the engine is at port 8000."""
    lines = ended.err.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(ANSWERED))
    said = "\n".join(lines[begin:]).replace(table, "app").replace(proxy.endpoint, "http://127.0.0.1:8000") + "\n"
    page = PAGE.read_text(encoding="utf-8")
    shown = {match["title"]: match for match in TEXT_BLOCK.finditer(page)}
    if os.environ.get("UPDATE_GOLDEN") and shown[title]["text"] != said:
        begin, end = shown[title].span("text")
        PAGE.write_text(page[:begin] + said + page[end:], encoding="utf-8")
        return
    assert said == shown[title]["text"]


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("Throttling", Fault.THROTTLE),
        ("A hot partition", Fault.SLOW_DOWN),
        ("A conflict of transactions", Fault.CONFLICT),
        ("Expired credentials", Fault.EXPIRED),
        ("No answer", Fault.SERVER),
    ],
)
def test_what_the_service_says_for_good_is_documented_and_the_load_goes_on_later(
    title: str, fault: Fault, migrate: Command, planned: Path, proxy: FaultProxy, at_engine: str
) -> None:
    proxy.choose = always(fault, "TransactWriteItems")
    ended = migrate("apply", "plan")
    assert ended.code == 1
    is_documented(title, ended, at_engine, proxy)
    proxy.choose = never
    assert migrate("apply", "plan", "--no-verify").code == 0


def test_a_table_with_another_key_schema(
    migrate: Command, planned: Path, proxy: FaultProxy, connection: Connection, at_engine: str
) -> None:
    connection.client.create_table(
        TableName=at_engine,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    ended = migrate("apply", "plan")
    assert ended.code == 4
    is_documented("ValidationException on the key schema", ended, at_engine, proxy)


def test_an_item_that_is_too_large(migrate: Command, planned: Path, proxy: FaultProxy, at_engine: str) -> None:
    change(planned, "UPDATE book SET cover = zeroblob(500000) WHERE id = 7")
    ended = migrate("apply", "plan")
    assert ended.code == 4
    is_documented("Item size exceeded", ended, at_engine, proxy)
    assert migrate("apply", "plan", "--allow-rejects", "--no-verify").code == 3


def test_an_item_in_the_way_cancels_the_transaction(
    migrate: Command, planned: Path, proxy: FaultProxy, connection: Connection, at_engine: str
) -> None:
    proxy.choose = always(Fault.EXPIRED, "TransactWriteItems")
    migrate("apply", "plan")
    proxy.choose = never
    entities = json.loads((planned.parent / "plan" / "plan.json").read_text())["entities"]
    (author,) = (one for one in entities if one["source_table"] == "author" and one["kind"] == "row")
    key = {name: {"S": re.sub(r"\{id[^}]*\}", "7", author["keys"][name])} for name in ("PK", "SK")}
    connection.client.put_item(TableName=at_engine, Item=key)
    ended = migrate("apply", "plan", "--workers", "1")
    assert ended.code == 4, ended
    is_documented("Transaction cancelled", ended, at_engine, proxy)
    connection.client.delete_item(TableName=at_engine, Key=key)
    assert migrate("apply", "plan", "--no-verify").code == 0


def test_a_source_that_has_changed(
    migrate: Command, planned: Path, folder: Path, proxy: FaultProxy, at_engine: str
) -> None:
    proxy.choose = always(Fault.EXPIRED, "TransactWriteItems")
    migrate("apply", "plan")
    proxy.choose = never
    (copy,) = (folder / "plan" / ".migrate").glob("*.sqlite")
    copy.unlink()
    change(planned, "DELETE FROM loan WHERE book_id = 3")
    ended = migrate("apply", "plan")
    assert ended.code == 4
    is_documented("The source has changed", ended, at_engine, proxy)
    assert migrate("apply", "plan", "--reconcile", "--no-verify").code == 0
