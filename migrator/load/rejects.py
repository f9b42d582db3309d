"""Rows that are not loaded, by name: one JSON line each, on disk before the load goes past them."""

from __future__ import annotations

import json
import os
import threading
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from migrator.load.exact import encode_values
from migrator.model.errors import MigrateError
from migrator.model.unit import RowValue


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be loaded. `key_text` is its key for messages, `key` the exact form of the same,
    `row` its columns."""

    table: str
    key: str
    key_text: str
    reason: str
    row: tuple[tuple[str, RowValue], ...] = ()

    def line(self) -> str:
        """The reject file's line, without its end."""
        body = {
            "table": self.table,
            "key": self.key_text,
            "reason": self.reason,
            "row": {name: _readable(value) for name, value in self.row},
            "position": json.loads(self.key),
        }
        return json.dumps(body, ensure_ascii=True, allow_nan=False)


class RejectSink(Protocol):
    """Takes rejects durably; a reject that it already holds (same table and key) is dropped."""

    def write(self, rejects: Iterable[Reject]) -> int:
        """How many were new."""
        ...

    def start_over(self) -> None:
        """Forgets what an earlier run left: called when a run begins, not when it resumes."""
        ...

    def __len__(self) -> int: ...


class RejectFile:
    """NDJSON at `path`, appended to and kept over resumed runs. Its keys are held in memory: as many as the
    bad rows that the run allows. The file appears with the first reject."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known = _read_names(path)

    def __len__(self) -> int:
        return len(self._known)

    def start_over(self) -> None:
        """Puts an earlier run's file aside as `<name>.old`."""
        with self._lock:
            if self.path.exists():
                self.path.replace(self.path.with_name(self.path.name + ".old"))
            self._known.clear()

    def write(self, rejects: Iterable[Reject]) -> int:
        """Appends the new ones and returns when they are on disk."""
        with self._lock:
            new = {(reject.table, reject.key): reject for reject in rejects}
            new = {name: reject for name, reject in new.items() if name not in self._known}
            if new:
                self._append("".join(reject.line() + "\n" for reject in new.values()))
                self._known.update(new)
            return len(new)

    def _append(self, text: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise MigrateError(
                f"cannot write the reject file {self.path}: {error.strerror}", "make room or name another file"
            ) from None


class RejectMemory:
    """Holds rejects in memory: for a run without a file, and for tests."""

    def __init__(self) -> None:
        self.rejects: dict[tuple[str, str], Reject] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.rejects)

    def start_over(self) -> None:
        self.rejects.clear()

    def write(self, rejects: Iterable[Reject]) -> int:
        with self._lock:
            before = len(self.rejects)
            for reject in rejects:
                self.rejects.setdefault((reject.table, reject.key), reject)
            return len(self.rejects) - before


def position_text(key: tuple[RowValue, ...]) -> str:
    """A row's key as exact JSON: what names a reject."""
    return encode_values(key)


def _read_names(path: Path) -> set[tuple[str, str]]:
    """What an earlier run wrote. A last line that a crash cut short is taken off: its row comes again."""
    if not path.exists():
        return set()
    text = path.read_text(encoding="ascii")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="ascii")
    lines = (json.loads(line) for line in whole.splitlines())
    return {(line["table"], json.dumps(line["position"], separators=(",", ":"))) for line in lines}


def _readable(value: Any) -> Any:
    """JSON that a person reads; the kinds JSON lacks as text, bytes as base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case bytes():
            return {"base64": b64encode(value).decode()}
        case list():
            return [_readable(inner) for inner in value]
        case dict():
            return {str(name): _readable(inner) for name, inner in value.items()}
        case _:
            return str(value)
