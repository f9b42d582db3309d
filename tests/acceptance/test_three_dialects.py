"""The sample in three dialects from one generator: the plans are the same up to types, and the loads verify clean."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from migrator.cli import main
from migrator.target.local import LocalEngine
from sqlalchemy.engine import make_url

from tests.acceptance.commands import ROOT
from tests.servers import SERVERS, command, own_database

SCALE = 0.03


def sample() -> Any:
    """The sample's generator."""
    spec = importlib.util.spec_from_file_location("shop_of_three", ROOT / "samples" / "shop" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def planned(folder: Path, source: str, dialect: str) -> dict[str, Any]:
    """The plan that the command line makes of the shop's own settings."""
    folder.mkdir()
    (folder / "queries.sql").write_text(sample().queries(dialect), encoding="utf-8")
    (folder / "migrate.toml").write_bytes((ROOT / "samples" / "shop" / "migrate.toml").read_bytes())
    assert main(["plan", source, "--config", str(folder / "migrate.toml"), "--out", str(folder / "plan"), "-q"]) == 0
    plan: dict[str, Any] = json.loads((folder / "plan" / "plan.json").read_text())
    return plan


@pytest.fixture(scope="module")
def of_sqlite(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("three")
    sample().generate(folder / "shop.db", SCALE)
    return planned(folder / "sqlite", str(folder / "shop.db"), "sqlite")


@pytest.mark.parametrize("kind", SERVERS)
def test_the_sample_is_planned_as_from_sqlite_and_its_load_verifies_clean(
    kind: str,
    of_sqlite: dict[str, Any],
    tmp_path: Path,
    engine: LocalEngine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MIGRATE_TABLE_NAME", f"shop-{kind.lower()}")
    with own_database(kind) as url:
        if kind == "MYSQL":
            command(url, f"ALTER DATABASE {make_url(url).database} COLLATE utf8mb4_bin")
        sample().generate_on(url, SCALE)
        plan = planned(tmp_path / kind, url, kind.lower())
        assert shape(plan) == shape(of_sqlite)
        code = main(["apply", str(tmp_path / kind / "plan"), "--endpoint-url", engine.endpoint, "-q"])
        assert code == 0, "".join(capsys.readouterr())


def shape(plan: dict[str, Any]) -> dict[str, Any]:
    """What of a plan does not hang on types: entities and their keys, indexes, and what each query asks."""
    return {
        "indexes": [index["name"] for index in plan["indexes"]],
        "entities": {
            entity["name"]: [
                {name: untyped(text) for name, text in entity["keys"].items()},
                [attribute["name"] for attribute in entity["attributes"]],
            ]
            for entity in plan["entities"]
        },
        "patterns": {one["name"]: [one["status"], [asked(r) for r in one["requests"]]] for one in told(plan)},
    }


def told(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [pattern for pattern in plan["access_patterns"] if pattern["kind"] == "read"]


def asked(request: dict[str, Any]) -> list[Any]:
    """A request without the encodings of what it compares."""
    told = [request[name] for name in ("operation", "index", "entities", "forward")]
    return [*told, untyped(request["partition"])]


def untyped(text: str | None) -> str | None:
    """A template without the encodings of its parts, and without the mark that ends a text of any length: SQLite keeps
    dates as such."""
    return None if text is None else re.sub(r"(?<=[a-z_]):[a-z0-9]+(?=})", "", text).replace("\t", "#")
