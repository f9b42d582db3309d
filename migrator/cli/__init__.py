"""The command line: arguments in, exit code out. It wires the rooms and holds no logic of theirs."""

from migrator.cli.app import main

__all__ = ["main"]
