"""The generated pages: the command line reference, made from the commands themselves, and the type policy."""

from __future__ import annotations

import os
import re
from pathlib import Path

from migrator.cli.app import app
from migrator.plan.type_policy import type_policy
from migrator.source.type_table import declared_types
from typer.main import get_command
from typer.testing import CliRunner

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
TYPES = PAGE.with_name("types.md")
HEAD = """# Command line

This page is generated from the program (`make docs`); a test keeps it so.
"""


def command_names() -> tuple[str, ...]:
    group = get_command(app)
    return tuple(getattr(group, "commands", {}))


def reference() -> str:
    """The whole page."""
    parts = [HEAD, _help(())]
    parts += [f"## migrate {name}\n\n{_help((name,))}" for name in command_names()]
    return "\n".join(parts)


def types() -> str:
    """The page of types: what becomes of values, then which kind each declared type is."""
    return type_policy() + declared_types()


def _help(words: tuple[str, ...]) -> str:
    runner = CliRunner(env={"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", **_quiet()})
    shown = runner.invoke(app, [*words, "--help"], prog_name="migrate", terminal_width=100).stdout
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).strip().splitlines()]
    return "```text\n" + "\n".join(lines) + "\n```\n"


def _quiet() -> dict[str, str]:
    return {name: "" for name in os.environ if name.startswith("MIGRATE_")}


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    TYPES.write_text(types(), encoding="utf-8")
