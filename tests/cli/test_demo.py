"""`migrate demo` and `migrate local`: everything without an account."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from migrator.cli.demo import sample_folder

from tests.cli.conftest import Command
from tests.cli.test_interrupts import RUN


def test_the_demo_ends_verified_and_runs_again(migrate: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATE_TABLE_NAME", "not-this")
    for _ in range(2):
        ended = migrate("demo", "--scale", "0.02")
        assert ended.code == 0, ended
        assert "table    shop:" in ended.out
        assert "0 missing, 0 different" in ended.out
        assert "the design: demo/plan/design.html" in ended.out
    assert {file.name for file in (folder / "demo").iterdir()} >= {"shop.db", "queries.sql", "migrate.toml", "plan"}


def test_the_demo_keeps_off_what_is_not_its_own(migrate: Command, folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "migrate.toml").write_text("")
    ended = migrate("demo", "--directory", "mine")
    assert ended.code == 2
    assert "not a demo's" in ended.err
    assert (folder / "mine" / "migrate.toml").read_text() == ""


def test_a_scale_must_make_sense(migrate: Command) -> None:
    assert migrate("demo", "--scale", "0").code == 2


def test_the_sample_is_found() -> None:
    assert (sample_folder() / "queries.sql").is_file()


def test_local_serves_until_interrupted(folder: Path) -> None:
    process = subprocess.Popen(
        [*RUN, "local"], cwd=folder, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    endpoint = process.stdout.readline().strip()
    assert endpoint.startswith("http://127.0.0.1:")
    assert f"migrate apply plan/plan.json --endpoint-url {endpoint}" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("module", ["sqlalchemy", "boto3", "sqlglot", "jinja2", "migrator.plan.build"])
def test_help_imports_nothing_heavy(module: str) -> None:
    script = f"import sys; from migrator.cli import main; main(['--help']); sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0
