"""Requests as the documents show them, for boto3 and for the AWS CLI, give what the query gives."""

from __future__ import annotations

import ast
import base64
import importlib.util
import json
import os
import re
import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from migrator.plan.plan import Plan, PlannedPattern, Request
from migrator.ports import Item, ItemReader
from migrator.render.examples import boto3_calls
from migrator.render.exports.awscli import pattern_commands
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.target.connect import Connection
from migrator.verify.execute import Execution, run_pattern

from tests.acceptance.sources import make_shop
from tests.acceptance.test_performed import on_engine
from tests.design.world import make_settings, planned
from tests.samples.test_shop import SHOP, TYPICAL

KEYS = re.compile(r"[Kk]ey(?:s|-condition|Condition)?|:pk|:sk[12]")


@dataclass(frozen=True, slots=True)
class Told:
    """A shown request as data: the client's method and its arguments, braces and all."""

    method: str
    arguments: dict[str, Any]


class ByShownRequests(Execution):
    """A call of a pattern that sends what is shown instead of what the program sends."""

    def __init__(self, told: Sequence[Told], send: Any, *known: Any) -> None:
        super().__init__(*known)
        self._told = told
        self._send = send

    def _query(self, number: int, request: Request) -> list[Item]:
        return [
            item
            for shard in range(request.shards or 1)
            for item in self._items(self._filled(self._told[number].arguments, None, shard), self._told[number].method)
        ]

    def _get(self, request: Request, earlier: Sequence[Sequence[Item]]) -> list[Item]:
        told = self._told[self._pattern.requests.index(request)]
        found: dict[str, Item] = {}
        for given in self._given(request, earlier):
            for item in self._items(self._filled(told.arguments, given, 0), told.method):
                found[json.dumps([item[name] for name in self._plan.table.key_names])] = item
        return list(found.values())

    def _given(self, request: Request, earlier: Sequence[Sequence[Item]]) -> Sequence[Item | None]:
        """The items that the request's braces speak of, each in turn."""
        texts = "".join(pair.partition + pair.sort for pair in request.keys)
        spoken = re.search(r"\{(\d+)\.", texts)
        return earlier[int(spoken[1])] if spoken else [None]

    def _items(self, arguments: dict[str, Any], method: str) -> Iterator[Item]:
        answer = self._send(method, arguments)
        if "Item" in answer:
            yield answer["Item"]
        yield from answer.get("Items", ())
        for items in answer.get("Responses", {}).values():
            yield from items

    def _filled(self, value: Any, item: Item | None, shard: int, key: bool = False) -> Any:
        if isinstance(value, dict):
            return {
                name: self._filled(inner, item, shard, key or KEYS.fullmatch(name) is not None)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._filled(inner, item, shard, key) for inner in value]
        if not isinstance(value, str) or "{" not in value:
            return value
        return self._text(value, item, shard) if key else self._plain(value)

    def _plain(self, text: str) -> Any:
        """Outside of keys a value stands as it is."""
        filled = re.sub(r"\{:(\w+)\}", lambda found: str(self._parameters[found[1]]), text)
        return int(filled) if filled.isdecimal() and text.startswith("{:") and "limit" in text else filled


def shown_boto3(plan: Plan, pattern: PlannedPattern) -> list[Told]:
    """The shown Python, read as Python."""
    calls = [node.value for node in ast.parse(boto3_calls(plan, pattern)).body if isinstance(node, ast.Expr)]
    told = []
    for call in calls:
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        arguments = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
        told.append(Told(call.func.attr, arguments))
    return told


def shown_commands(plan: Plan, pattern: PlannedPattern) -> list[Told]:
    """The shown commands, split as a shell does: options with JSON as data, others as text."""
    script = re.sub(r"^#.*$", "", pattern_commands(plan, pattern), flags=re.MULTILINE)
    told = []
    for command in re.split(r"^(?=aws )", script, flags=re.MULTILINE)[1:]:
        words = shlex.split(command.replace("\\\n", " "))
        assert words[:2] == ["aws", "dynamodb"]
        arguments: dict[str, Any] = {}
        for place, word in enumerate(words[3:], 3):
            if word.startswith("--"):
                value = words[place + 1] if place + 1 < len(words) and not words[place + 1].startswith("--") else None
                arguments[word[2:]] = json.loads(value) if value and value[0] in "{[" and value[1] == '"' else value
        told.append(Told(words[2], arguments))
    return told


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shown") / "shop.db"
    make_shop(path, 0.05)
    return path


@pytest.fixture(scope="module")
def loaded(shop: Path, connection: Connection) -> tuple[Plan, ItemReader]:
    plan = planned(shop, (SHOP / "queries.sql").read_text(), make_settings(table_name="shown-requests")).plan
    with open_source(parse_location(str(shop))) as source, take_snapshot(source, None) as snapshot:
        reader, _ = on_engine(connection)(plan, snapshot)
    return plan, reader


def reads(plan: Plan) -> list[PlannedPattern]:
    return [one for one in plan.access_patterns if one.kind == "read" and one.status == "served"]


def parameters(shop: Path, name: str) -> dict[str, Any]:
    with closing(sqlite3.connect(shop)) as database:
        database.row_factory = sqlite3.Row
        return dict(database.execute(TYPICAL[name]).fetchone())


def test_every_read_shown_for_boto3_gives_what_the_query_gives(
    shop: Path, loaded: tuple[Plan, ItemReader], connection: Connection
) -> None:
    plan, reader = loaded

    def send(method: str, arguments: dict[str, Any]) -> Any:
        pages = [getattr(connection.client, method)(**arguments)]
        while start := pages[-1].get("LastEvaluatedKey"):
            pages.append(connection.client.query(**arguments, ExclusiveStartKey=start))
        return pages[0] | {"Items": [item for page in pages for item in page.get("Items", ())]}

    assert len(reads(plan)) > 15
    for pattern in reads(plan):
        known = (plan, pattern, parameters(shop, pattern.name), reader)
        answers = ByShownRequests(shown_boto3(plan, pattern), send, *known).run()
        assert answers == run_pattern(*known), pattern.name
        assert any(answer.rows for answer in answers), pattern.name


def test_every_read_shown_for_the_aws_cli_gives_what_the_query_gives(
    shop: Path,
    loaded: tuple[Plan, ItemReader],
    connection: Connection,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if importlib.util.find_spec("awscli") is None:
        pytest.skip("the AWS CLI is not installed: pip install --group exports")
    from awscli.clidriver import create_clidriver

    for name, value in (("ACCESS_KEY_ID", "local"), ("SECRET_ACCESS_KEY", "local"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    driver = create_clidriver()

    def send(method: str, arguments: dict[str, Any]) -> Any:
        words = ["dynamodb", method, "--endpoint-url", connection.endpoint, "--output", "json"]
        for option, value in arguments.items():
            words.append(f"--{option}")
            if value is not None:
                words.append(json.dumps(value) if isinstance(value, (dict, list)) else str(value))
        assert driver.main(words) == 0, (words, capsys.readouterr().err)
        return json.loads(capsys.readouterr().out or "{}", object_hook=_bytes)

    plan, reader = loaded
    for pattern in reads(plan):
        known = (plan, pattern, parameters(shop, pattern.name), reader)
        assert len(pattern.requests) == len(shown_commands(plan, pattern))
        answers = ByShownRequests(shown_commands(plan, pattern), send, *known).run()
        assert answers == run_pattern(*known), pattern.name


def _bytes(value: dict[str, Any]) -> dict[str, Any]:
    """The command line prints bytes in base64."""
    return {"B": base64.b64decode(value["B"])} if isinstance(value.get("B"), str) and len(value) == 1 else value
