"""What things cost a month: AWS's on-demand arithmetic, with the prices of one file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from migrator.model.query import Literal
from migrator.model.settings import Prices

SECONDS_A_MONTH = 2_628_000
"""365 days / 12."""
STORED_OVERHEAD = 100
"""Bytes that storage adds to each item and index entry."""
GIB = 1024**3


def monthly_reads(prices: Prices, rate: float, units: float) -> float:
    """Dollars a month of `rate` calls a second that take `units` read units each."""
    return rate * SECONDS_A_MONTH * units * prices.read_million / 1e6


def monthly_writes(prices: Prices, rate: float, units: float) -> float:
    return rate * SECONDS_A_MONTH * units * prices.write_million / 1e6


def monthly_trips(prices: Prices, rate: float, round_trips: int) -> float:
    """The price set on waiting: sequential round trips beyond the first."""
    return rate * SECONDS_A_MONTH * max(0, round_trips - 1) * prices.round_trip_million / 1e6


def monthly_requests(prices: Prices, rate: float, requests: float) -> float:
    """The price set on requests beside the first, sent at the same time."""
    return rate * SECONDS_A_MONTH * requests * prices.request_million / 1e6


def monthly_storage(prices: Prices, items: float, item_bytes: float) -> float:
    return items * (item_bytes + STORED_OVERHEAD) * prices.storage_gb_month / GIB


def units_of(item_bytes: float) -> int:
    """Write units of one item.

    >>> units_of(100), units_of(1_024), units_of(1_025)
    (1, 1, 2)
    """
    return max(1, math.ceil(item_bytes / 1024))


@dataclass(frozen=True, slots=True)
class Told:
    """What a declared write says of the rows that it writes, `rate` of them a second: the columns that it sets, and
    those of them that it sets to literals. `new`: it inserts them."""

    new: bool
    columns: frozenset[str]
    values: tuple[tuple[str, Literal], ...]
    rate: float


@dataclass(frozen=True, slots=True)
class WriteRates:
    """Declared writes of one table, a second. `changes`: for each declared UPDATE or upsert the columns that it
    sets, and its rate. `carries`: whether its items may carry copies, which writes would have to keep. `told`: the same
    inserts and changes with what they say of their rows."""

    inserts: float = 0.0
    deletes: float = 0.0
    changes: tuple[tuple[frozenset[str], float], ...] = ()
    carries: bool = True
    told: tuple[Told, ...] = ()

    def with_change(self, columns: frozenset[str], rate: float) -> WriteRates:
        """These writes, and so many changes of the columns besides."""
        changes = (*self.changes, (columns, rate))
        return replace(self, changes=changes, told=(*self.told, Told(False, columns, (), rate)))

    @property
    def columns(self) -> frozenset[str]:
        """The columns that any declared write sets in place."""
        return frozenset[str]().union(*(columns for columns, _ in self.changes))

    def entries(self, keyed: frozenset[str], held: frozenset[str] | None = None) -> float:
        """Writes a second to an index whose keys hold these columns: an entry that moves is deleted and put anew, and
        a change of a column that entries do not hold (`held`; None: they hold all) writes nothing.

        >>> rates = WriteRates(1.0, 2.0, ((frozenset("a"), 4.0), (frozenset("b"), 8.0)))
        >>> rates.entries(frozenset("ac")), rates.entries(frozenset("ac"), frozenset("d"))
        (19.0, 11.0)
        """
        moved = sum(rate for columns, rate in self.changes if columns & keyed)
        return self.inserts + self.deletes + moved + self.changing(None if held is None else held | keyed)

    def changing(self, columns: frozenset[str] | None = None) -> float:
        """Changes a second of any of these columns (None: of any column at all)."""
        return sum(rate for changed, rate in self.changes if columns is None or changed & columns)
