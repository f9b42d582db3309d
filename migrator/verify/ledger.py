"""What of a row verification is done, chunk by chunk, so that one that was cut off goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from migrator.model.unit import Chunk
from migrator.verify.report import RowDifference, TableRows


@dataclass(frozen=True, slots=True)
class ChunkRows:
    """How a chunk's rows fared, and their first differences. `within`: how those that live within them did."""

    tally: TableRows
    differences: tuple[RowDifference, ...]
    within: tuple[TableRows, ...] = ()


class Ledger(Protocol):
    """Knows chunks by their table, number and bounds."""

    def known(self, chunk: Chunk) -> ChunkRows | None:
        """What was found in the chunk; None when it is still to be compared."""
        ...

    def note(self, chunk: Chunk, found: ChunkRows) -> None:
        """The chunk has been compared to its end."""
        ...


class Forgetful:
    """Knows nothing: everything is compared."""

    def known(self, chunk: Chunk) -> ChunkRows | None:
        return None

    def note(self, chunk: Chunk, found: ChunkRows) -> None:
        return
