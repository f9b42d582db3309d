"""`migrate local`: the embedded engine in the foreground."""

from __future__ import annotations

import time
from contextlib import suppress

from migrator.cli.console import Console
from migrator.target.local import LocalEngine


def serve(port: int | None, console: Console) -> None:
    """Until Ctrl-C or SIGTERM."""
    with suppress(KeyboardInterrupt), LocalEngine(port) as engine:
        console.show(engine.endpoint)
        console.say(f"load into it:  migrate apply plan/plan.json --endpoint-url {engine.endpoint}")
        console.say(f"look into it:  aws dynamodb list-tables --endpoint-url {engine.endpoint}   (Ctrl-C ends it)")
        wait_for_interrupt()


def wait_for_interrupt() -> None:
    """Ends with KeyboardInterrupt."""
    while True:
        time.sleep(3600)
