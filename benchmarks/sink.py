"""A DynamoDB that takes everything and keeps nothing, so that what is measured is the client.

A process of its own: `python -m benchmarks.sink TABLE.json LATENCY_MS` prints its port, and answers until its input
ends. Its last line counts requests and items by operation. TABLE.json is what DescribeTable answers, and its Tags.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import cast

ITEM_MARKS = {"TransactWriteItems": b'"Put":', "BatchWriteItem": b'"PutRequest":'}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection. Requests come one after another; each is answered `latency` seconds after its last byte."""

    def __init__(self, answers: dict[str, bytes], latency: float, counts: Counter[str]) -> None:
        self._answers = answers
        self._latency = latency
        self._counts = counts
        self._held = bytearray()
        self._wanted = 0
        self._operation = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._wanted:
            end = self._held.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._held[:end]).decode("latin-1").lower().split("\r\n")
            fields = dict(line.split(": ", 1) for line in head[1:])
            self._wanted = end + 4 + int(fields.get("content-length", "0"))
            self._operation = fields.get("x-amz-target", ".").split(".")[-1]
        if len(self._held) >= self._wanted:
            self._answer()

    def _answer(self) -> None:
        self._counts[f"{self._operation} requests"] += 1
        for name, mark in ITEM_MARKS.items():
            if name.lower() == self._operation:
                self._counts["items"] += self._held.count(mark)
                self._counts["bytes"] += len(self._held)
        self._held.clear()
        self._wanted = 0
        body = self._answers.get(self._operation, b"{}")
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n" % len(
            body
        )
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer + body)
        else:
            self._transport.write(answer + body)


async def serve(table: dict[str, object], latency: float) -> Counter[str]:
    """Until the input ends."""
    answers = {
        "describetable": json.dumps({"Table": table}).encode(),
        "listtagsofresource": json.dumps({"Tags": table.get("Tags", [])}).encode(),
        "scan": b'{"Items":[],"Count":0}',
        "listtables": b'{"TableNames":[]}',
        "batchwriteitem": b'{"UnprocessedItems":{}}',
    }
    counts: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(answers, latency, counts), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return counts


def main() -> None:
    table = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    counts = asyncio.run(serve(table, float(sys.argv[2]) / 1000))
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
