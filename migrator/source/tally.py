"""Adds up what a table's rows hold, one batch of rows at a time. Keeps counts and digests, not rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from migrator.model.query import Literal
from migrator.model.statistics import ColumnStatistics
from migrator.plan.sizes import POINTER_BYTES
from migrator.source.open import Row
from migrator.source.sizes import as_text, nearest_rank, value_bytes

_BATCH = 2_000
_TOP = 10
_LONG_BYTES = 64


class ColumnTally:
    """One column: how often each value occurs, and the bytes they take. A value of more than `most` bytes takes those
    of a pointer."""

    def __init__(self, name: str, most: int | None = None) -> None:
        self.name = name
        self._most = most
        self._seen: Counter[Hashable] = Counter()
        self._values = 0
        self._bytes = 0
        self._max_bytes = 0

    def add(self, values: Sequence[Any]) -> list[int]:
        """Counts a batch; returns the bytes of each value."""
        sizes = list(map(value_bytes, values))
        longest = max(sizes, default=0)
        if self._most is not None:
            sizes = [POINTER_BYTES if size > self._most else size for size in sizes]
        present = [value for value in values if value is not None]
        self._seen.update(_countable(present, longest))
        self._values += len(present)
        self._bytes += sum(sizes)
        self._max_bytes = max(self._max_bytes, max(sizes, default=0))
        return sizes

    def statistics(self, read: int, rows: int, literals: Iterable[Literal] = ()) -> ColumnStatistics:
        """From `read` rows, for a table of `rows`; with the share of each of the literals."""
        distinct = self._distinct(read, rows)
        return ColumnStatistics(
            self.name,
            distinct=distinct,
            null_share=(read - self._values) / read if read else 0.0,
            mean_bytes=self._bytes / self._values if self._values else 0.0,
            max_bytes=self._max_bytes,
            top_shares=tuple(self._share(count, distinct, read, rows) for _, count in self._seen.most_common(_TOP)),
            shares=tuple((literal, self._seen[_digest(literal.value)] / read) for literal in literals if read),
        )

    def _share(self, count: int, distinct: int, read: int, rows: int) -> float:
        """A value met once in a sample tells only that it is rare: it gets an average value's share."""
        share = count / read
        return share if count > 1 or read >= rows else min(share, self._values / read / distinct)

    def _distinct(self, read: int, rows: int) -> int:
        """Exact when all rows were read; else the estimator of Haas and Stokes that PostgreSQL's ANALYZE uses,
        with no more than the table's non-NULL values."""
        seen, values = len(self._seen), self._values
        if read >= rows or not values:
            return seen
        population = round(rows * values / read)
        once = sum(1 for count in self._seen.values() if count == 1)
        estimate = values * seen / (values - once + once * values / population)
        return max(seen, min(population, round(estimate)))


class RowTally:
    """All columns of a table, and the bytes of whole rows."""

    def __init__(self, columns: Iterable[str], most: Mapping[str, int | None] | None = None) -> None:
        bounds = most or {}
        self.columns = tuple(ColumnTally(name, bounds.get(name)) for name in columns)
        self.read = 0
        self._sizes: Counter[int] = Counter()

    def add(self, rows: Iterable[Row]) -> None:
        for batch in _batches(iter(rows)):
            self.read += len(batch)
            by_column = zip(*batch, strict=True)
            sizes = [tally.add(values) for tally, values in zip(self.columns, by_column, strict=True)]
            self._sizes.update(map(sum, zip(*sizes, strict=True)))

    @property
    def mean_bytes(self) -> float:
        return sum(size * count for size, count in self._sizes.items()) / self.read if self.read else 0.0

    @property
    def p99_bytes(self) -> int:
        return nearest_rank(sorted(self._sizes.items()), 0.99)

    @property
    def max_bytes(self) -> int:
        return max(self._sizes, default=0)

    def beyond(self, size: int) -> int:
        """Rows of more bytes."""
        return sum(count for bytes_, count in self._sizes.items() if bytes_ > size)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _countable(values: list[Any], longest: int) -> Iterable[Hashable]:
    """The values, with long and unhashable ones replaced by what takes few bytes and tells them apart."""
    if longest <= _LONG_BYTES and not any(isinstance(value, list | dict) for value in values):
        return values
    return map(_digest, values)


def _digest(value: Any) -> Hashable:
    if isinstance(value, list | dict):
        value = as_text(value)
    if not isinstance(value, str | bytes) or len(value) <= _LONG_BYTES:
        return cast("Hashable", value)
    kind, stored = (b"b", value) if isinstance(value, bytes) else (b"t", value.encode(errors="surrogatepass"))
    return hashlib.blake2b(kind + stored, digest_size=16).digest()
