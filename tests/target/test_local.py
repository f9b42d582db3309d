from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from migrator.model.errors import MigrateError
from migrator.target import local
from migrator.target.local import LocalEngine

from tests.engine import connected


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def is_over(port: int) -> bool:
    """Waits on a connection until the engine closes it; True when it takes none any more."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as held:
            held.recv(1)
    except OSError as error:
        return isinstance(error, ConnectionRefusedError)
    return False


def test_the_engine_is_gone_after_its_block() -> None:
    with LocalEngine() as engine:
        assert connected(engine).client.list_tables()["TableNames"] == []
        process = engine.process_id
        assert process is not None
    assert refuses(engine.port)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_an_engine_that_ends_by_itself_says_how() -> None:
    with LocalEngine() as engine:
        assert engine.ended() is None
        assert engine.process_id is not None
        os.kill(engine.process_id, signal.SIGKILL)
        until = time.monotonic() + 10
        while engine.ended() is None and time.monotonic() < until:
            time.sleep(0.01)
        assert engine.ended() == "exit code -9: no message"
    assert engine.ended() is None


def test_the_engine_does_not_outlive_a_killed_parent() -> None:
    script = "import sys; from migrator.target.local import LocalEngine; e = LocalEngine(); e.start()"
    script += "; print(e.port, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        assert not refuses(port)
        os.kill(parent.pid, signal.SIGKILL)
        assert any(is_over(port) for _ in range(100))


def test_a_missing_engine_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MigrateError) as error, LocalEngine():
        pass
    assert "[local]" in error.value.next_step


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MigrateError, match=f"port {port} is in use"), LocalEngine(port):
            pass


def test_another_engine_on_the_port_is_not_taken_for_the_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two find the same port free: the later one knows that the other answers. It goes elsewhere, or says so."""
    with LocalEngine() as first:
        monkeypatch.setattr(local, "_demand_free", lambda port: None)
        with pytest.raises(MigrateError, match=f"port {first.port} is in use"), LocalEngine(first.port):
            pass
        ports = iter((first.port, local._free_port()))
        monkeypatch.setattr(local, "_free_port", lambda: next(ports))
        with LocalEngine() as second:
            assert second.port != first.port
            connected(second).client.list_tables()
        assert second.ended() is None
        assert connected(first).client.list_tables()["TableNames"] == []
