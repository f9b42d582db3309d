"""What was measured in the source's data. Counts and sizes only: no value of any row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """`distinct` counts non-NULL values; `top_shares` are the shares of rows that hold the commonest
    non-NULL values, largest first, at most ten; sizes are UTF-8 bytes of non-NULL values."""

    name: str
    distinct: int
    null_share: float
    mean_bytes: float
    max_bytes: int
    top_shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FanOut:
    """Rows of the owning table for one referred row that has any: mean, 99th percentile and maximum.
    `orphans` counts rows whose key refers to no row."""

    foreign_key: str
    mean: float
    p99: int
    maximum: int
    orphans: int = 0


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """`rows` is exact unless `sampled`; sizes are bytes of a row's values, without attribute names. `large`: rows whose
    values leave no room in an item for the rest of it."""

    name: str
    rows: int
    mean_bytes: float
    p99_bytes: int
    max_bytes: int
    columns: tuple[ColumnStatistics, ...]
    fan_outs: tuple[FanOut, ...] = ()
    sampled: bool = False
    large: int = 0

    @property
    def bytes(self) -> int:
        return round(self.rows * self.mean_bytes)

    def column(self, name: str) -> ColumnStatistics:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    def fan_out(self, foreign_key: str) -> FanOut:
        for fan_out in self.fan_outs:
            if fan_out.foreign_key == foreign_key:
                return fan_out
        raise KeyError(f"{self.name}: {foreign_key}")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Measurements of every table of a schema, sorted by name."""

    tables: tuple[TableStatistics, ...]

    def table(self, name: str) -> TableStatistics:
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
