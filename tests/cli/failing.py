"""An endpoint before the engine that begins to fail: after some requests of one operation."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

RESET = "reset"
"""Closes without an answer; any other word is an error code of the service."""


@contextmanager
def failing(endpoint: str, operation: str, how: str, after: int = 0, times: int = 1_000_000) -> Iterator[str]:
    """The endpoint's address: `operation` works that often, then fails so many times."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), _handler(endpoint, operation, how, range(after + 1, after + times + 1))
    )
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(endpoint: str, operation: str, how: str, fails: range) -> type[BaseHTTPRequestHandler]:
    parts = urlsplit(endpoint)
    asked = [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            mine = self.headers.get("X-Amz-Target", "").rpartition(".")[2] == operation
            asked[0] += mine
            if not mine or asked[0] not in fails:
                self._answer(*self._forward(body))
            elif how == RESET:
                self.close_connection = True
            else:
                told = {"__type": f"com.amazonaws.dynamodb.v20120810#{how}", "message": "told to"}
                self._answer(400, json.dumps(told).encode())

        def _forward(self, body: bytes) -> tuple[int, bytes]:
            upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
            kept = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            try:
                upstream.request("POST", self.path, body, kept)
                answer = upstream.getresponse()
                return answer.status, answer.read()
            finally:
                upstream.close()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler
