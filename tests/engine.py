"""The embedded engine for tests, and a proxy that does to requests what networks and services do."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from migrator.target.connect import Connection, ConnectOptions, connect
from migrator.target.local import LocalEngine


class Fault(Enum):
    """What happens to a request."""

    NONE = "none"
    THROTTLE = "throttle"
    SERVER = "server"
    RESET = "reset"
    LOST = "lost"
    TWICE = "twice"


Choice = Callable[[int, str], Fault]
"""From a request's number (from 1) and its operation to its fault."""


def seeded(seed: int, share: float = 0.3, operations: tuple[str, ...] = ("TransactWriteItems",)) -> Choice:
    """Every kind of fault at random, for that share of the requests of these operations."""
    random = Random(seed)
    lock = threading.Lock()
    kinds = [fault for fault in Fault if fault is not Fault.NONE]

    def choose(number: int, operation: str) -> Fault:
        with lock:
            strikes, kind = random.random() < share, random.choice(kinds)
        return kind if strikes and operation in operations else Fault.NONE

    return choose


def never(number: int, operation: str) -> Fault:
    return Fault.NONE


class FaultProxy:
    """Stands between boto3 and the engine. `commits` holds, for each item key, the tokens of the acknowledged
    transactions that put it: more than one means that it was written twice. `faults` counts what was done."""

    def __init__(self, endpoint: str, choose: Choice = never) -> None:
        parts = urlsplit(endpoint)
        self.upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.choose = choose
        self.commits: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.faults: Counter[Fault] = Counter()
        self.operations: Counter[str] = Counter()
        self._requests = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, operation: str) -> Fault:
        with self._lock:
            self._requests += 1
            number = self._requests
        fault = self.choose(number, operation)
        with self._lock:
            self.faults[fault] += 1
            self.operations[operation] += 1
        return fault

    def record(self, operation: str, status: int, body: bytes) -> None:
        """Notes what the engine acknowledged."""
        if operation != "TransactWriteItems" or status != 200:
            return
        call: dict[str, Any] = json.loads(body)
        with self._lock:
            for action in call["TransactItems"]:
                item = action["Put"]["Item"]
                self.commits[item["PK"]["S"], item["SK"]["S"]].add(call["ClientRequestToken"])

    def written_twice(self) -> list[tuple[str, str]]:
        """Keys, other than the run's bookkeeping, that more than one transaction wrote."""
        return [name for name, tokens in self.commits.items() if len(tokens) > 1 and not name[0].startswith("MIGRATE#")]


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            match proxy.fault(operation):
                case Fault.THROTTLE:
                    self._say(400, "ProvisionedThroughputExceededException")
                case Fault.SERVER:
                    self._say(500, "InternalServerError")
                case Fault.RESET:
                    self._reset()
                case Fault.LOST:
                    self._forward(operation, body)
                    self._reset()
                case Fault.TWICE:
                    self._forward(operation, body)
                    self._answer(*self._forward(operation, body))
                case Fault.NONE:
                    self._answer(*self._forward(operation, body))

        def _forward(self, operation: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            upstream = http.client.HTTPConnection(*proxy.upstream, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            try:
                upstream.request("POST", self.path, body, headers)
                answer = upstream.getresponse()
                told = answer.read()
            finally:
                upstream.close()
            proxy.record(operation, answer.status, body)
            return answer.status, dict(answer.getheaders()), told

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _say(self, status: int, code: str) -> None:
            body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "told to"}).encode()
            self._answer(status, {"Content-Type": "application/x-amz-json-1.0"}, body)

        def _reset(self) -> None:
            """Closes without an answer, at once."""
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


def connected(engine: LocalEngine | FaultProxy) -> Connection:
    """A connection to the engine, or to a proxy before it."""
    return connect(ConnectOptions(endpoint_url=engine.endpoint))
