"""A second opinion: the same load on DynamoDB Local, where it can be had, holds the same items.

Set MIGRATE_DYNAMODB_LOCAL to the folder that holds DynamoDBLocal.jar and DynamoDBLocal_lib.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from migrator.plan.values import canonical
from migrator.target.connect import ConnectOptions, connect
from migrator.target.local import LocalEngine
from migrator.target.reader import DynamoReader

from tests.acceptance.commands import ROOT, migrate
from tests.acceptance.sources import make_shop

FOLDER = os.environ.get("MIGRATE_DYNAMODB_LOCAL", "")
START_SECONDS = 60

pytestmark = pytest.mark.skipif(
    not (FOLDER and shutil.which("java") and (Path(FOLDER) / "DynamoDBLocal.jar").is_file()),
    reason="DynamoDB Local is not here (MIGRATE_DYNAMODB_LOCAL)",
)


@pytest.fixture(scope="module")
def dynamodb_local() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb")
    process = subprocess.Popen(
        ["java", *options, "-port", str(port)], cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_both_engines_hold_the_same_items_and_give_the_same_answers(
    tmp_path: Path, engine: LocalEngine, dynamodb_local: str
) -> None:
    make_shop(tmp_path / "shop.db", 0.1)
    queries = ROOT / "samples" / "shop" / "queries.sql"
    planned = migrate("plan", "shop.db", "--queries", queries, "--table-name", "both", cwd=tmp_path)
    assert planned.code in (0, 3), planned.err
    for endpoint in (engine.endpoint, dynamodb_local):
        done = migrate("apply", "plan/plan.json", "--endpoint-url", endpoint, cwd=tmp_path)
        assert done.code == 0, done.err + done.out
    assert _items(engine.endpoint) == _items(dynamodb_local)


def _items(endpoint: str) -> dict[tuple[str, str], Any]:
    """All items but those whose time has run out: each engine takes them away when it pleases."""
    reader = DynamoReader(connect(ConnectOptions(endpoint_url=endpoint)), "both")
    return {
        (item["PK"]["S"], item["SK"]["S"]): {name: canonical(wire) for name, wire in item.items()}
        for page in reader.scan()
        for item in page
        if not item["PK"]["S"].startswith("MIGRATE#") and not _has_expired(item)
    }


def _has_expired(item: Mapping[str, Any]) -> bool:
    return "ttl" in item and int(item["ttl"]["N"]) <= time.time()
