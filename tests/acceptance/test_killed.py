"""`apply` killed outright in the middle, and run again: nothing is lost and nothing is written twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

from migrator.target.local import LocalEngine

from tests.acceptance.commands import ROOT, migrate, start
from tests.acceptance.sources import make_shop
from tests.engine import FaultProxy

KILLS = 5
PATIENCE_SECONDS = 120


def test_five_kills_at_random_points_lose_no_row_and_write_none_twice(tmp_path: Path, engine: LocalEngine) -> None:
    make_shop(tmp_path / "shop.db", 0.3)
    queries = ROOT / "samples" / "shop" / "queries.sql"
    planned = migrate("plan", "shop.db", "--queries", queries, "--table-name", "killed", cwd=tmp_path)
    assert planned.code in (0, 3), planned.err
    chance = random.Random(7)
    with FaultProxy(engine.endpoint) as proxy:
        arguments = ("apply", "plan/plan.json", "--endpoint-url", proxy.endpoint, "--no-verify")
        killed = sum(_kill(arguments, proxy, chance.randint(1, 900), tmp_path) for _ in range(KILLS))
        assert killed == KILLS
        done = migrate("apply", "plan/plan.json", "--endpoint-url", proxy.endpoint, cwd=tmp_path)
        assert done.code == 0, done.err + done.out
        assert proxy.written_twice() == []
    verified = migrate("verify", "plan/plan.json", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert verified.code == 0, verified.err + verified.out


def _kill(arguments: tuple[str, ...], proxy: FaultProxy, items: int, cwd: Path) -> bool:
    """Starts the load and kills it once it has put that many items more; whether it was still at work."""
    before = proxy.items_written()
    process = start(*arguments, cwd=cwd)
    until = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and proxy.items_written() < before + items and time.monotonic() < until:
        time.sleep(0.005)
    working = process.poll() is None
    process.kill()
    process.wait()
    return working
