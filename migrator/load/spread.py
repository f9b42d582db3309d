"""Lines in the order of their digests, sorted on disk: neighbours in the source end up far apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO

from migrator.load.digests import LENGTH, digest_of

HEX = 2 * LENGTH
"""Characters of a digest, at the start of each line on disk."""

SORTED_AT_ONCE = 32 * 1024 * 1024
"""Bytes that are sorted in memory; a larger heap is split once more."""


class SpreadFile:
    """Takes lines by name and gives them back sorted by the digests of their names, in any number. Memory does not
    grow with them: they wait in temporary files, a heap for each first byte of a digest."""

    def __init__(self, sorted_at_once: int = SORTED_AT_ONCE) -> None:
        self._most = sorted_at_once

    def __enter__(self) -> SpreadFile:
        self._folder = TemporaryDirectory(prefix="migrate-spread-")
        self._heaps = _Heaps(Path(self._folder.name), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heaps.close()
        self._folder.cleanup()

    def add(self, name: str, line: str) -> None:
        """`line` without line ends."""
        self._heaps.add(f"{digest_of(name).hex()}{line}\n")

    def lines(self) -> Iterator[tuple[str, str]]:
        """Digest and line, in the digests' order; to be called once, after the last `add`."""
        self._heaps.close()
        yield from self._sorted(self._heaps)

    def _sorted(self, heaps: _Heaps) -> Iterator[tuple[str, str]]:
        for file in heaps.files():
            if file.stat().st_size > self._most and heaps.depth < LENGTH - 1:
                yield from self._sorted(_split(file, heaps.depth + 1))
            else:
                with file.open(encoding="utf-8", newline="\n") as heap:
                    yield from ((line[:HEX], line[HEX:-1]) for line in sorted(heap))
            file.unlink()


class _Heaps:
    """Files in a folder, one for each value of the digest's byte at `depth`."""

    def __init__(self, folder: Path, depth: int) -> None:
        self.depth = depth
        self._folder = folder
        self._open: dict[str, IO[str]] = {}

    def add(self, line: str) -> None:
        byte = line[2 * self.depth : 2 * self.depth + 2]
        if byte not in self._open:
            self._open[byte] = (self._folder / byte).open("w", encoding="utf-8", newline="\n")
        self._open[byte].write(line)

    def close(self) -> None:
        for file in self._open.values():
            file.close()

    def files(self) -> Iterable[Path]:
        return [self._folder / byte for byte in sorted(self._open)]


def _split(file: Path, depth: int) -> _Heaps:
    folder = file.with_name(f"{file.name}-split")
    folder.mkdir()
    heaps = _Heaps(folder, depth)
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            heaps.add(line)
    heaps.close()
    return heaps
