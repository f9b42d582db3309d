"""The embedded engine: a DynamoDB on this machine, for as long as a block runs."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from migrator.model.errors import MigrateError

START_SECONDS = 30.0
STOP_SECONDS = 5.0
HOST = "127.0.0.1"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens URLs past any proxy: the engine is on this machine."""


class LocalEngine:
    """`with LocalEngine() as engine:` serves at `engine.endpoint`, empty at first. Only this machine reaches
    it. A Ctrl-C meant for this process does not reach it either: a load can drain. MigrateError when it is
    not installed or does not start."""

    def __init__(self, port: int | None = None, services: tuple[str, ...] = ("dynamodb", "s3")) -> None:
        self.port = port or 0
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
        self.port = self.port or _free_port()
        _demand_free(self.port)
        self._directory = tempfile.TemporaryDirectory(prefix="migrate-engine-", ignore_cleanup_errors=True)
        directory = Path(self._directory.name)
        with (directory / "engine.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "migrator.target.embedded"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(self.port, directory, self._services),
                start_new_session=True,
            )
        try:
            _wait(self._process, self.endpoint, directory / "engine.log")
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


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MigrateError(f"the local engine ended at once: {_last_words(log)}", "try another port")
        if _answers(f"{endpoint}/_ministack/health"):
            return
        time.sleep(0.05)
    raise MigrateError(f"no answer from the local engine after {START_SECONDS:.0f} s: {_last_words(log)}", "try again")


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "no message")


def _answers(url: str) -> bool:
    try:
        with _DIRECT.open(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _demand_free(port: int) -> None:
    """MigrateError when something listens there already: it, not this engine, would answer."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if probe.connect_ex((HOST, port)) == 0:
            raise MigrateError(f"port {port} is in use on this machine", "give another --port, or none for a free one")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(port: int, directory: Path, services: tuple[str, ...]) -> dict[str, str]:
    """The parent's environment, but nothing that points to an AWS account, a Docker daemon or a state to
    restore."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
    return {
        **kept,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": ",".join(services),
        "PERSIST_STATE": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "USE_SSL": "0",
        "DOCKER_HOST": f"unix://{directory / 'none.sock'}",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(directory),
    }
