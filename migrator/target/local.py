"""The embedded engine: a DynamoDB on this machine, for as long as a block runs."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType

from migrator.model.errors import MigrateError

START_SECONDS = 30.0
STOP_SECONDS = 5.0
STARTS = 5
"""How often a start is tried, each on another free port: between finding one and listening, others may take it."""
HOST = "127.0.0.1"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens URLs past any proxy: the engine is on this machine."""


class LocalEngine:
    """`with LocalEngine() as engine:` serves at `engine.endpoint`, empty at first. Only this machine reaches
    it. A Ctrl-C meant for this process does not reach it either: a load can drain. Without a port it takes a
    free one. MigrateError when it is not installed or does not start."""

    def __init__(self, port: int | None = None, services: tuple[str, ...] = ("dynamodb", "s3")) -> None:
        self.port = port or 0
        self._given = bool(port)
        self._services = services
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def process_id(self) -> int | None:
        return None if self._process is None else self._process.pid

    def ended(self) -> str | None:
        """How the engine ended by itself, with its last words; None while it runs, and after it was stopped."""
        code = self._process.poll() if self._process is not None else None
        if code is None or self._directory is None:
            return None
        return f"exit code {code}: {_last_words(Path(self._directory.name) / 'engine.log')}"

    def __enter__(self) -> LocalEngine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the engine answers."""
        if importlib.util.find_spec("ministack") is None:
            raise MigrateError("the local engine is not installed", 'pip install "migrate-to-dynamodb[local]"')
        for left in range(STARTS, 0, -1):
            if not self._given:
                self.port = _free_port()
            try:
                self._start()
                return
            except _PortTaken:
                if self._given or left == 1:
                    raise

    def _start(self) -> None:
        """Starts it once. _PortTaken when something else listens on the port, before or meanwhile."""
        _demand_free(self.port)
        self._directory = tempfile.TemporaryDirectory(prefix="migrate-engine-", ignore_cleanup_errors=True)
        directory = Path(self._directory.name)
        mark = secrets.token_hex(16)
        with (directory / "engine.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "migrator.target.embedded"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(self.port, directory, self._services, mark),
                start_new_session=True,
            )
        try:
            _wait(self._process, self.port, mark, directory / "engine.log")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the process for sure; safe to repeat."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)
            if process.stdin is not None:
                process.stdin.close()
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None


class _PortTaken(MigrateError):
    """Something else listens on the port: it, not this engine, would answer."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use on this machine", "give another --port, or none for a free one")


def _wait(process: subprocess.Popen[bytes], port: int, mark: str, log: Path) -> None:
    """Returns when the engine that was started with this mark answers. _PortTaken when it has ended because
    something else has the port, MigrateError when it has ended for another reason or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            if _listens(port) or "already in use" in log.read_text(errors="replace").lower():
                raise _PortTaken(port)
            raise MigrateError(f"the local engine ended at once: {_last_words(log)}", "try another port")
        if _mark(f"http://{HOST}:{port}/_ministack/health") == mark:
            return
        time.sleep(0.05)
    raise MigrateError(f"no answer from the local engine after {START_SECONDS:.0f} s: {_last_words(log)}", "try again")


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "no message")


def _mark(url: str) -> str | None:
    """The mark of the engine that answers there: two that race for a port are told apart by it."""
    try:
        with _DIRECT.open(url, timeout=1) as answer:
            return str(json.load(answer)["edition"])
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None


def _demand_free(port: int) -> None:
    if _listens(port):
        raise _PortTaken(port)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(port: int, directory: Path, services: tuple[str, ...], mark: str) -> dict[str, str]:
    """The parent's environment, but nothing that points to an AWS account, a Docker daemon or a state to
    restore. The engine says the mark as its edition when it is asked for its health."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
    return {
        **kept,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": ",".join(services),
        "MINISTACK_EDITION": mark,
        "PERSIST_STATE": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "USE_SSL": "0",
        "DOCKER_HOST": f"unix://{directory / 'none.sock'}",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(directory),
    }
