"""The commands of docs/servers.md, on the servers that the environment names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from migrator.target.local import LocalEngine
from sqlalchemy.engine import make_url

from tests.acceptance.commands import ROOT
from tests.acceptance.test_three_dialects import sample
from tests.docs.test_pages import _run, blocks
from tests.servers import SERVERS, own_database

PAGE = ROOT / "docs" / "servers.md"
SHOWN = re.compile(r"(postgresql|mysql)://reader@db\.example/shop")


@pytest.mark.parametrize("kind", SERVERS)
def test_the_commands_of_the_page_run_as_they_stand(kind: str, tmp_path: Path, engine: LocalEngine) -> None:
    (script,) = (block for block in blocks(PAGE, "sh") if f"{kind.lower()}://" in block)
    with own_database(kind) as url:
        sample().generate_on(url, 0.01)
        given = make_url(url).render_as_string(hide_password=False)
        _run(SHOWN.sub(given, script).replace("http://127.0.0.1:8000", engine.endpoint), tmp_path)
    assert list(tmp_path.glob("plan*/plan.json"))
