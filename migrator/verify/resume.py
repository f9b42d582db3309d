"""A ledger in a file: one that finds itself cut off, even killed, goes on where it was.

Only chunks without a difference are noted, so that what was mended meanwhile is read again, and no value of a row
stands in the file. The first line names what is compared with what; a file of another moment is begun anew.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from migrator.model.unit import Chunk
from migrator.verify.ledger import ChunkRows
from migrator.verify.report import TableRows

FORMAT = 1


class ResumeFile:
    """`moment` names the plan, the table's run and the contents of the source. Without the right to write there,
    nothing is kept and everything is compared. `rows` is how many the file knew when it was opened."""

    def __init__(self, file: Path, moment: str) -> None:
        self._file = file
        self._head = json.dumps({"format": FORMAT, "moment": moment})
        self._known = self._read()
        self.rows = sum(found.tally.rows for found in self._known.values())

    def known(self, chunk: Chunk) -> ChunkRows | None:
        return self._known.get(_name(chunk))

    def note(self, chunk: Chunk, found: ChunkRows) -> None:
        if found.differences:
            return
        line = json.dumps([_name(chunk), astuple(found.tally), [*map(astuple, found.within)]])
        with suppress(OSError):
            self._begin()
            with self._file.open("a", encoding="ascii") as file:
                file.write(f"{line}\n")

    def start_over(self) -> None:
        """Forgets what it knows."""
        self._known, self.rows = {}, 0
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is left to go on with."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
            self._file.parent.rmdir()

    def _begin(self) -> None:
        if not self._file.exists():
            self._file.parent.mkdir(exist_ok=True)
            self._file.write_text(f"{self._head}\n", encoding="ascii")

    def _read(self) -> dict[str, ChunkRows]:
        """What the file knows; it goes when it is not of this moment. A line that was cut off counts for nothing."""
        try:
            head, *lines = self._file.read_text(encoding="ascii").splitlines(keepends=True)
        except (OSError, ValueError):
            head, lines = "", []
        if head.rstrip("\n") != self._head:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)
            return {}
        whole = (json.loads(line) for line in lines if line.endswith("]\n"))
        return {
            name: ChunkRows(TableRows(*tally), (), tuple(TableRows(*held) for held in within))
            for name, tally, within in whole
        }


def _name(chunk: Chunk) -> str:
    bounds = hashlib.blake2b(repr((chunk.after, chunk.until)).encode(), digest_size=16).hexdigest()
    return f"{chunk.number} {bounds} {chunk.table}"
