"""The built wheel, installed in an environment of its own outside of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.commands import ROOT, environment

SECONDS = 300


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel with its local engine."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT, cwd=folder)
    _run(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    commands = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    (wheel,) = (folder / "dist").glob("*.whl")
    limits = ("--constraint", ROOT / "constraints-dev.txt")
    _run(commands / "python", "-m", "pip", "install", "--quiet", *limits, f"{wheel}[local]", cwd=folder)
    return commands


def test_the_demo_runs_from_an_installed_wheel(installed: Path, tmp_path: Path) -> None:
    done = _run(installed / "migrate", "demo", "--directory", "demo", "--scale", "0.05", cwd=tmp_path)
    assert "design.html" in done
    assert (tmp_path / "demo" / "plan" / "design.html").is_file()


def _run(*arguments: str | Path, cwd: Path) -> str:
    kept = environment()
    kept.pop("PYTHONPATH", None)
    done = subprocess.run(
        list(map(str, arguments)), cwd=cwd, env=kept, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
