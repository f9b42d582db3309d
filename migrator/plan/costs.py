"""The bill of a plan: a month of its declared queries and storage, and the load once."""

from __future__ import annotations

from migrator.design.data import ITEM_EXTRA, Data
from migrator.design.design import Design
from migrator.design.price import GIB, STORED_OVERHEAD, monthly_reads, monthly_trips, monthly_writes, units_of
from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.plan.naming import Names
from migrator.plan.plan import Cost, PlannedPattern

GUARD_BYTES = 150
BATCH_ACTIONS = 99


def estimate_cost(
    schema: Schema, data: Data, design: Design, settings: Settings, names: Names, patterns: tuple[PlannedPattern, ...]
) -> Cost:
    """Dollars by AWS's on-demand arithmetic over declared rates and measured sizes."""
    prices = settings.prices
    reads = sum(monthly_reads(prices, p.rate, p.read_units) for p in patterns if p.status == "served")
    writes = sum(monthly_writes(prices, p.rate, p.write_units) for p in patterns if p.status == "served")
    trips = sum(monthly_trips(prices, p.rate, p.round_trips) for p in patterns if p.status == "served")
    stored, units, read_back = _stored(schema, data, design)
    storage = stored * prices.storage_gb_month / GIB
    load_usd = units * prices.write_million / 1e6 + read_back * prices.read_million / 1e6
    load_usd += _objects(data, settings) * (prices.s3_put_million + prices.s3_get_million) / 1e6
    return Cost(
        monthly_usd=round(reads + writes + storage, 2),
        reads=round(reads, 2),
        writes=round(writes, 2),
        storage=round(storage, 2),
        load_usd=round(load_usd, 4),
        load_write_units=units,
        apart_usd=round(sum(gathered.saved_usd for read in design.reads for gathered in read.gathered), 2),
        as_well_apart=_as_well_apart(design, names),
        assumptions=(
            f"on-demand prices of {prices.region}: ${prices.read_million} a million read units, "
            f"${prices.write_million} a million write units, ${prices.storage_gb_month} a GB-month",
            "declared average rates, all month; sizes as measured; an index entry is as large as its item",
            f"when designs are compared, round trips beyond the first weigh ${prices.round_trip_million} a million "
            f"(${trips:,.2f} here), an index ${prices.index_month} a month and a kind of counter item "
            f"${prices.item_kind_month} a month; none of these is on AWS's bill",
            "the load writes in transactions (two units a KB in the table, one a KB in each index) and reads all of it "
            "back once",
        ),
    )


def _objects(data: Data, settings: Settings) -> float:
    """The most objects that the load puts to S3 and looks at: a value of an offloaded column for each row."""
    measured = ((data.measured(table), column) for table, column in settings.offloaded())
    return sum(table.rows * (1 - table.column(column).null_share) for table, column in measured)


def _as_well_apart(design: Design, names: Names) -> tuple[str, ...]:
    """Entities that no query reads together with others from one partition."""
    together: set[str] = set()
    for read in design.reads:
        selects = {part.need.number: part.need.select for part in read.served}
        for gathered in read.gathered:
            tables = {selects[number].table(alias) for number, alias in gathered.uses}
            together |= tables if len(tables) > 1 else set()
    return tuple(sorted(names.tags[entity.table] for entity in design.entities if entity.table not in together))


def _stored(schema: Schema, data: Data, design: Design) -> tuple[float, int, float]:
    """Bytes stored (with index entries), write units of the load, read units of reading it back."""
    stored, units, read_back = 0.0, 0, 0.0
    for table in schema.tables:
        measured, kept = data.measured(table.name), design.entity(table.name)
        if kept.within is not None:
            continue
        item = data.item_bytes(table.name) + sum(data.attribute_bytes(table.name, attr) for attr in kept.copies)
        guards = len(kept.guards)
        held = [data.share(table.name, template.where) if template.where else 1.0 for _, template in kept.views]
        entries = sum(held) - 1
        stored += measured.rows * (1 + entries) * (item + STORED_OVERHEAD)
        stored += measured.rows * guards * (GUARD_BYTES + STORED_OVERHEAD)
        for slot, _ in kept.edges:
            only = kept.only(slot)
            own = item if only is None else ITEM_EXTRA + sum(data.attribute_bytes(table.name, attr) for attr in only)
            stored += measured.rows * (own + STORED_OVERHEAD)
            units += measured.rows * units_of(own) * 2
            read_back += measured.rows * max(1, -(-int(own) // 4096))
        units += round(measured.rows * (units_of(item) * (2 + entries) + 2 * guards))
        units += 2 * -(-measured.rows * (1 + guards) // BATCH_ACTIONS)
        read_back += measured.rows * (max(1, -(-int(item) // 4096)) + guards)
    for kept_figures in design.aggregates:
        groups = round(kept_figures.groups)
        stored += groups * (kept_figures.bytes + STORED_OVERHEAD)
        units += 2 * groups + 2 * -(-groups // BATCH_ACTIONS)
        read_back += groups
    return stored, units, read_back
