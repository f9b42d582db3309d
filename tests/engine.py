"""Connections to the embedded engine for tests, straight or through a proxy that does what networks do."""

from __future__ import annotations

from dataclasses import replace

from migrator.target.connect import Connection, ConnectOptions, connect
from migrator.target.local import LocalEngine

from tests.faults.kinds import Fault, seeded
from tests.faults.proxy import FaultProxy

__all__ = ["Fault", "FaultProxy", "connected", "seeded"]


def connected(engine: LocalEngine | FaultProxy, read_seconds: float | None = None) -> Connection:
    """A connection to the engine, or to a proxy before it. `read_seconds`: how long it waits for an answer."""
    options = ConnectOptions(endpoint_url=engine.endpoint)
    return connect(options if read_seconds is None else replace(options, read_seconds=read_seconds))
