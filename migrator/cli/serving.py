"""`migrate local`: the embedded engine in the foreground."""

from __future__ import annotations

import time

from migrator.cli.console import Console
from migrator.cli.interrupts import terminable
from migrator.target.local import LocalEngine


def serve(port: int | None, console: Console) -> None:
    """Until Ctrl-C or SIGTERM."""
    with terminable(), LocalEngine(port) as engine:
        console.show(engine.endpoint)
        console.say(f"load into it:  migrate apply plan/plan.json --endpoint-url {engine.endpoint}")
        console.say(f"look into it:  aws dynamodb list-tables --endpoint-url {engine.endpoint}   (Ctrl-C ends it)")
        wait()


def wait() -> None:
    """Until Ctrl-C."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
