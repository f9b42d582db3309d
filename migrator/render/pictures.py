"""The pictures of a plan: what is drawn of it, and in which words."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.counted import plural
from migrator.model.quotas import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS
from migrator.plan.partitions import PartitionSize
from migrator.plan.plan import Heat, Plan
from migrator.plan.sizes import MAX_ITEM
from migrator.plan.weights import SizeBar
from migrator.render.charts import Amount, Chart, bar_chart, column_chart, curve
from migrator.render.er_layout import short_name
from migrator.render.figures import count, share, size, usd

MOST_BARS = 10
_LABEL = 36


def heat_charts(plan: Plan) -> tuple[Chart, ...]:
    """The busiest values of partitions against what one value has: reads, then writes."""
    reads = [Amount(_place(heat), heat.read_units, f"{count(heat.read_units)}/s") for heat in _hot(plan, "read_units")]
    writes = [
        Amount(_place(heat), heat.write_units, f"{count(heat.write_units)}/s") for heat in _hot(plan, "write_units")
    ]
    charts = (
        ("Read units a second on the busiest value", reads, PARTITION_READ_UNITS),
        ("Write units a second on the busiest value", writes, PARTITION_WRITE_UNITS),
    )
    return tuple(
        bar_chart(title, amounts, (f"{limit:,} a second", limit)) for title, amounts, limit in charts if amounts
    )


def partition_chart(sizes: Sequence[PartitionSize]) -> Chart | None:
    """The largest item collection of each kind of partition."""
    amounts = [
        Amount(
            _label(one.slot, one.partition),
            one.most_bytes,
            f"{size(one.most_bytes)}, {plural(round(one.most), 'item')}",
        )
        for one in sizes[:MOST_BARS]
    ]
    return bar_chart("Largest item collections", amounts) if amounts else None


def size_chart(bars: Sequence[SizeBar]) -> Chart | None:
    """The spread of item sizes, with DynamoDB's limit."""
    amounts = [Amount(_short_size(bar.upto), bar.share, share(bar.share), bar.upto >= MAX_ITEM) for bar in bars]
    return column_chart("Item sizes", amounts, "400 KB") if amounts else None


def cost_charts(plan: Plan) -> tuple[Chart, ...]:
    """What the month's dollars pay for, and which queries take most of them."""
    cost = plan.cost
    parts = [
        Amount(name, dollars, usd(dollars))
        for name, dollars in (("Reads", cost.reads), ("Writes", cost.writes), ("Storage", cost.storage))
    ]
    served = [pattern for pattern in plan.access_patterns if pattern.status == "served" and pattern.monthly_usd]
    dearest = sorted(served, key=lambda pattern: (-pattern.monthly_usd, pattern.name))[:MOST_BARS]
    queries = [
        Amount(short_name(pattern.name, _LABEL), pattern.monthly_usd, usd(pattern.monthly_usd)) for pattern in dearest
    ]
    charts = (("Dollars a month by kind", parts), ("The dearest queries, dollars a month", queries))
    return tuple(bar_chart(title, amounts) for title, amounts in charts if amounts)


def frontier_chart(plan: Plan) -> Chart | None:
    """Dollars a month of the best design for each number of indexes."""
    amounts = [
        Amount(
            str(point.indexes),
            point.monthly_usd,
            usd(point.monthly_usd) + (f", {point.refused} refused" if point.refused else ""),
            point.indexes == len(plan.indexes),
        )
        for point in plan.optimality.alternatives
    ]
    return curve("Dollars a month by the number of indexes", amounts) if len(amounts) > 1 else None


def _hot(plan: Plan, units: str) -> list[Heat]:
    warm = [heat for heat in plan.heat if getattr(heat, units) > 0]
    return sorted(warm, key=lambda heat: (-getattr(heat, units), heat.slot, heat.partition))[:MOST_BARS]


def _place(heat: Heat) -> str:
    return _label(heat.slot, heat.partition)


def _label(slot: str, partition: str) -> str:
    return short_name(f"{slot}: {partition}", _LABEL)


def _short_size(upto: int) -> str:
    return f"{upto} B" if upto < 1024 else f"{upto // 1024} K"
