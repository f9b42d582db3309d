"""A proxy between boto3 and the engine that does to requests what networks and services do."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.faults.answers import FAILURES, Answer, cancelled, failure
from tests.faults.kinds import Choice, Fault, Repeats, Request, never
from tests.faults.ledger import Ledger, parsed
from tests.faults.shortening import shortened

WRITES = frozenset({"TransactWriteItems", "BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem"})


class FaultProxy:
    """Stands between boto3 and the engine. `choose` says what a request meets; `late` is how many seconds
    "too late" is: more than the client's time-out. `ledger` holds what the engine acknowledged, `faults` what was
    done, `operations` what was asked."""

    def __init__(self, endpoint: str, choose: Choice = never, late: float = 0.6) -> None:
        parts = urlsplit(endpoint)
        self.upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.choose = choose
        self.late = late
        self.ledger = Ledger()
        self.faults: Counter[Fault] = Counter()
        self.operations: Counter[str] = Counter()
        self._repeats = Repeats()
        self._lock = threading.Lock()
        self._strays: list[threading.Timer] = []
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
        self.settle()

    def settle(self) -> None:
        """Returns when every request that is still on its way has arrived."""
        while self._strays:
            self._strays.pop().join()

    def written_twice(self) -> list[tuple[str, str]]:
        """Items, other than the run's bookkeeping, that were written more than once."""
        with self._lock:
            return self.ledger.written_twice()

    def items_written(self) -> int:
        """How many items, other than bookkeeping, have been written."""
        with self._lock:
            return len(self.ledger.own())

    def fault(self, operation: str, body: bytes) -> Fault:
        with self._lock:
            self.operations[operation] += 1
            request = Request(self.operations.total(), operation, body, self._repeats.count(operation, body))
        fault = self.choose(request)
        with self._lock:
            self.faults[fault] += 1
        return fault

    def forward(self, path: str, headers: dict[str, str], operation: str, body: bytes) -> Answer:
        """The engine's answer, noted."""
        call = parsed(body)
        if operation in WRITES and "ReturnConsumedCapacity" not in call:
            body = json.dumps(call | {"ReturnConsumedCapacity": "TOTAL"}).encode()
        sent = {name: value for name, value in headers.items() if name.lower() not in ("connection", "content-length")}
        upstream = http.client.HTTPConnection(*self.upstream, timeout=30)
        try:
            upstream.request("POST", path, body, sent)
            answer = upstream.getresponse()
            told = answer.read()
        finally:
            upstream.close()
        if answer.status == 200 and operation in WRITES:
            with self._lock:
                self.ledger.record(operation, call, parsed(told), time.monotonic())
        return Answer(answer.status, dict(answer.getheaders()), told)

    def forward_later(self, path: str, headers: dict[str, str], operation: str, body: bytes) -> None:
        timer = threading.Timer(self.late, self.forward, (path, headers, operation, body))
        timer.daemon = True
        self._strays.append(timer)
        timer.start()


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = proxy

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: FaultProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        fault = self.served.fault(operation, body)
        if fault in FAILURES:
            self._answer(failure(fault))
        elif fault in (Fault.CANCEL_THROTTLED, Fault.CONFLICT):
            self._answer(cancelled(fault, parsed(body)))
        elif fault in (Fault.RESET, Fault.LOST, Fault.LATE, Fault.DELAYED):
            self._leave_unanswered(fault, operation, body)
        else:
            self._spoil(fault, operation, body)

    def _leave_unanswered(self, fault: Fault, operation: str, body: bytes) -> None:
        if fault is Fault.DELAYED:
            self.served.forward_later(self.path, dict(self.headers), operation, body)
        elif fault is not Fault.RESET:
            self._forward(operation, body)
        if fault in (Fault.LATE, Fault.DELAYED):
            time.sleep(self.served.late)
        self._reset()

    def _spoil(self, fault: Fault, operation: str, body: bytes) -> None:
        """Carries it out; something is wrong with the answer, or with how often it is carried out."""
        match fault:
            case Fault.TWICE:
                self._forward(operation, body)
                self._answer(self._forward(operation, body))
            case Fault.AGAIN:
                self._answer(self._forward(operation, body))
                self.served.forward_later(self.path, dict(self.headers), operation, body)
            case Fault.CUT:
                answer = self._forward(operation, body)
                self._answer(answer, said=len(answer.body) + 10)
                self._reset()
            case Fault.CORRUPT:
                answer = self._forward(operation, body)
                wrong = str(zlib.crc32(answer.body) ^ 1)
                self._answer(Answer(answer.status, {**answer.headers, "x-amz-crc32": wrong}, answer.body))
            case Fault.SOME:
                part, complete = shortened(operation, parsed(body))
                self._answer(complete(self._forward(operation, json.dumps(part).encode())))
            case _:
                self._answer(self._forward(operation, body))

    def _forward(self, operation: str, body: bytes) -> Answer:
        return self.served.forward(self.path, dict(self.headers), operation, body)

    def _answer(self, answer: Answer, said: int | None = None) -> None:
        """`said`: the length to promise, if not the body's own."""
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if said is None else said))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Closes without an answer, at once."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the client has given up already

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        return
