"""The program as its users have it: a process with arguments, an exit code and two streams."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SECONDS = 300
_PROGRAM = (sys.executable, "-c", "import sys; from migrator.cli import main; sys.exit(main())")


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


def command(arguments: Sequence[str | Path]) -> list[str]:
    return [*_PROGRAM, *map(str, arguments)]


def environment() -> dict[str, str]:
    """This process's, without anything that leads to an AWS account or to a person's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MIGRATE_"))}
    return kept | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_COLOR": "1",
    }


def migrate(*arguments: str | Path, cwd: Path) -> Outcome:
    """Runs one command to its end."""
    done = subprocess.run(
        command(arguments), cwd=cwd, env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    """Starts one command and leaves it running."""
    return subprocess.Popen(
        command(arguments), cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
