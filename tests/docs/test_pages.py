"""Every command of the documentation is run, page by page, in the order in which a reader meets it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from migrator.cli.settings import read_config
from migrator.target.local import LocalEngine

from tests.acceptance.commands import ROOT, environment
from tests.acceptance.sources import make_shop
from tests.adversarial.test_adversarial import differences
from tests.design.world import planned

PAGES = sorted((ROOT / "docs").glob("*.md"))
ON_SERVERS = ROOT / "docs" / "servers.md"
"""Its commands are run by test_servers_page.py."""
WITH_COMMANDS = [
    page
    for page in (ROOT / "README.md", *PAGES)
    if "```sh\n" in page.read_text(encoding="utf-8") and page != ON_SERVERS
]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
SCALE = 0.05
SECONDS = 280


def blocks(page: Path, language: str) -> list[str]:
    """The page's fenced blocks in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a database `shop.db`, as the pages have it."""
    make_shop(tmp_path / "shop.db", SCALE)
    yield tmp_path


def _script(page: Path, port: int) -> str:
    """The page's commands. Docker is not run: an engine listens where its container would."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    kept = [line for line in lines if not line.startswith("docker ")]
    if shutil.which("aws") is None:
        kept = [line for line in kept if not line.startswith("aws ")]
    return (
        "\n".join(_waiting(line, port) for line in kept)
        .replace(":8000", f":{port}")
        .replace("--port 8000", f"--port {port}")
    )


def _waiting(line: str, port: int) -> str:
    """A command that is put into the background is given the time to listen."""
    if not re.search(r"&(\s+#.*)?$", line):
        return line
    probe = f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.1; done"
    return f"{line}\n{probe}"


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_run_as_they_stand(page: Path, folder: Path, port: int) -> None:
    script = _script(page, port)
    _prepare(page, folder)
    if re.search(r"migrate local .*&", script):
        _run(script, folder)
        return
    with LocalEngine(port):
        _run(script, folder)


def _prepare(page: Path, folder: Path) -> None:
    """What earlier pages have left: settings, queries and a plan."""
    if page.name == "README.md":
        return
    _run("migrate init shop.db\nmigrate plan", folder)
    for name, language in (("queries.sql", "sql"), ("migrate.toml", "toml")):
        shown = blocks(page, language)
        if shown and (page.name == "configuration.md" or name == "queries.sql"):
            (folder / name).write_text(shown[0], encoding="utf-8")
    if page.name == "configuration.md":
        (folder / "queries.sql").write_text(_queries_without("ticket_message"), encoding="utf-8")


def _queries_without(table: str) -> str:
    """The sample's queries, but for those that read a table which the page's settings leave out."""
    text = (ROOT / "samples" / "shop" / "queries.sql").read_text(encoding="utf-8")
    first, *others = re.split(r"^(?=-- name:)", text, flags=re.MULTILINE)
    return first + "".join(block for block in others if table not in block)


def _run(script: str, folder: Path) -> None:
    """Runs the lines until one fails, and ends whatever they left in the background."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-e", "-u", "-c", script],
        cwd=folder,
        env=environment() | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    out = _finish(process)
    assert process.returncode == 0, f"{script}\n---\n{out}"


def _finish(process: subprocess.Popen[str]) -> str:
    """What a script printed, once its shell has ended; its group is ended with it."""
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    return process.communicate(timeout=30)[0]


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CHANGELOG.md", *PAGES], ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"


@pytest.mark.parametrize("number", range(2))
def test_the_queries_shown_are_served_as_the_source_answers(number: int, folder: Path) -> None:
    shown = [block for block in blocks(ROOT / "docs" / "queries.md", "sql") if "-- name:" in block]
    made = planned(folder / "shop.db", shown[number])
    assert [(p.name, p.reason) for p in made.plan.access_patterns if p.status != "served"] == []
    assert differences(made) == []


def test_the_settings_shown_are_settings_that_exist(tmp_path: Path) -> None:
    for page in PAGES:
        for number, block in enumerate(blocks(page, "toml")):
            tomllib.loads(block)
            path = tmp_path / f"{page.stem}-{number}.toml"
            path.write_text(block, encoding="utf-8")
            read_config(path, {}, tmp_path)


def test_the_readme_shows_the_two_commands_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = re.findall(r"^    make (\w+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert shown == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in shown)
