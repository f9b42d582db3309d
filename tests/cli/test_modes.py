"""`--mode batch` over several processes, through the real command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.library import QUERIES


@pytest.mark.parametrize("mode", ["batch", "transact"])
def test_processes_load_what_one_does_and_it_is_verified(
    mode: str, migrate: Command, library: Path, folder: Path, at_engine: str
) -> None:
    (folder / "queries.sql").write_text(QUERIES)
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    assert migrate("apply", "plan", "--mode", mode, "--workers", "2").code == 0
    assert migrate("verify", "plan", "--allow-scan").code == 0
