"""What a reviewer should know before anything is created. The ones that lose or change data stop apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.design.attributes import steps
from migrator.design.data import Data
from migrator.design.design import Design
from migrator.design.identity import unwritable
from migrator.design.lifetime import sounds_ephemeral
from migrator.design.meeting import pair_rates, pairing, pairs_usd
from migrator.design.rates import write_rates
from migrator.model.counted import plural
from migrator.model.query import AccessPattern, Insert, Update, Workload
from migrator.model.quotas import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS
from migrator.model.schema import ForeignKey, Kind, Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import TableStatistics
from migrator.model.stored_join import SIDES, other
from migrator.plan.heat import too_hot
from migrator.plan.naming import Names
from migrator.plan.offloading import offloaded_columns
from migrator.plan.orders import differing_orders
from migrator.plan.plan import Hazard, Heat
from migrator.plan.sizes import MAX_ACTIONS, MAX_ITEM

SEPARATOR = "\x1f"
"""Between the short name of a hazard and what tells it from another one."""
BUSY = 10
"""Transactions a second on one item above which conflicts are common, about."""
MOST = 500
"""Transactional updates a second of one small item: half of a partition's 1,000 write units."""


def find_hazards(
    schema: Schema,
    data: Data,
    workload: Workload,
    design: Design,
    settings: Settings,
    names: Names,
    heat: tuple[Heat, ...],
) -> tuple[Hazard, ...]:
    """Every hazard, sorted, with the acceptance that migrate.toml gives."""
    found = [
        *_large_items(schema, data, names),
        *_orphans(schema, data, settings, names),
        *_unknown_types(schema, names),
        *_collations(schema, names),
        *_rowids(schema, names),
        *differing_orders(schema, workload, names, lambda table, name: data.measured(table).column(name).null_share),
        *_ephemeral(schema, design, names),
        *_hot_partitions(heat),
        *_copies(schema, workload, design, names),
        *_counters(design, names),
        *_second_items(design, names),
        *_stored_joins(data, workload, settings, names),
        *_embedded(data, design, settings, names),
        *offloaded_columns(workload, settings, names),
        *_unenforced(schema, names),
    ]
    accepted = (_accepted(hazard, settings) for hazard in _told_apart(found))
    return tuple(sorted(accepted, key=lambda h: (h.code, h.entity, h.message)))


def _accepted(hazard: Hazard, settings: Settings) -> Hazard:
    reason = settings.accepted(hazard.approve_with) if hazard.approve_with else None
    return Hazard(hazard.code, hazard.entity, hazard.message, hazard.approve_with, reason)


def _stops(code: str, entity: str, message: str, about: str = "") -> Hazard:
    """A hazard that waits for a decision. `about`: which of several of its kind it is."""
    return Hazard(code, entity, message, f"{code}:{entity}{SEPARATOR}{about}")


def _told_apart(found: Sequence[Hazard]) -> Iterator[Hazard]:
    """Each under a name of its own: its kind and entity, and what it is about where that is not enough."""
    shared = Counter((hazard.approve_with or "").partition(SEPARATOR)[0] for hazard in found)
    for hazard in found:
        short, _, about = (hazard.approve_with or "").partition(SEPARATOR)
        name = f"{short}:{about}" if about and shared[short] > 1 else short
        yield replace(hazard, approve_with=name or None)


def _large_items(schema: Schema, data: Data, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        measured = data.measured(table.name)
        if measured.large:
            about = "about " if measured.sampled else ""
            yield _stops(
                "item-too-large",
                names.tags[table.name],
                f"{about}{plural(measured.large, 'row')} of {table.name} {'is' if measured.large == 1 else 'are'} "
                f"too large for an item, which holds {MAX_ITEM:,} bytes; the largest measures {measured.max_bytes:,}, "
                f"{_large_columns(table, measured)}. They go to "
                f'the reject file: keep the column in S3 with a pointer ([tables."{table.name}"] offload = ["..."]), '
                'leave it out (exclude = ["..."]), or compress or split it in the source',
            )


def _large_columns(table: Table, measured: TableStatistics) -> str:
    """The columns that alone take the most."""
    largest = sorted(((measured.column(column.name).max_bytes, column.name) for column in table.columns), reverse=True)
    return "most of it in " + ", ".join(f"{name} (up to {size:,} bytes)" for size, name in largest[:2])


def _orphans(schema: Schema, data: Data, settings: Settings, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        for key in table.foreign_keys:
            orphans = data.orphans(table.name, (key.name,))
            chosen = settings.override(table.name).orphans
            if orphans:
                told = f"{_orphaned(orphans, table.name, key)}; {_ORPHANS[chosen]}"
                entity = names.tags[table.name]
                stops = _stops("orphans", entity, told, ",".join(key.columns))
                yield stops if chosen is None else Hazard("orphans", entity, told)


_ORPHANS = {
    None: 'such rows are migrated as they are, or say orphans = "keep" or "reject" under their table',
    "keep": "such rows are migrated as they are",
    "reject": "such rows go to the reject file, by their keys",
}
"""What becomes of rows that refer to no row, by what migrate.toml says."""


def _orphaned(orphans: int, table: str, key: ForeignKey) -> str:
    by = f"by {', '.join(key.columns)} to"
    if orphans == 1:
        return f"1 row of {table} refers {by} a row of {key.referred_table} that does not exist"
    return f"{orphans:,} rows of {table} refer {by} rows of {key.referred_table} that do not exist"


def _unknown_types(schema: Schema, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        unknown = [column for column in table.columns if column.kind is Kind.UNKNOWN]
        for column in unknown:
            shown = column.sql_type or "no declared type"
            yield Hazard(
                "unknown-type",
                names.tags[table.name],
                f"{table.name}.{column.name} has {shown}: each value is stored by its own type",
            )


def _collations(schema: Schema, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        for column in table.columns:
            if column.collation is None:
                continue
            kept = (
                "keys fold ASCII case as the source does" if column.collation == "NOCASE" else "it is kept out of keys"
            )
            yield Hazard(
                "collation",
                names.tags[table.name],
                f"{table.name}.{column.name} compares with {column.collation}: {kept}; filters in the table compare "
                "exactly",
            )


def _rowids(schema: Schema, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        for column in (column for column in table.columns if column in table.hidden):
            yield Hazard(
                "rowid-key",
                names.tags[table.name],
                f"rows of {table.name} are named by SQLite's {column.name}, which VACUUM may change and no column "
                "holds: it is kept as an attribute, and the application makes it for new rows",
            )


def _ephemeral(schema: Schema, design: Design, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        if sounds_ephemeral(table) and design.entity(table.name).expires is None:
            yield Hazard(
                "no-expiry",
                names.tags[table.name],
                f"{table.name} sounds ephemeral and has no column that says when a row expires: name one in "
                f'migrate.toml ([tables."{table.name}"] ttl = "column")',
            )


def _hot_partitions(heat: tuple[Heat, ...]) -> Iterator[Hazard]:
    for hot in too_hot(heat).values():
        yield _stops(
            "hot-partition",
            hot.entities[0],
            f"the busiest value of {hot.partition} in {hot.slot} may take {plural(hot.read_units, 'read unit')} and "
            f"{plural(hot.write_units, 'write unit')} a second at the peak, by {', '.join(hot.patterns)}; one value "
            f"has {PARTITION_READ_UNITS:,} and {PARTITION_WRITE_UNITS:,}: cache its reads (DAX), spread "
            "its writes over several keys, or lower the peak",
            f"{hot.slot}:{hot.partition}",
        )


def _changes(pattern: AccessPattern, table: str, column: str) -> bool:
    """Whether a declared write sets a column of a table in place."""
    forms = [statement.form for statement in pattern.statements]
    return any(
        isinstance(form, Update | Insert) and form.table == table and column in dict(form.assignments) for form in forms
    )


def _copies(schema: Schema, workload: Workload, design: Design, names: Names) -> Iterator[Hazard]:
    for entity in design.entities:
        for attr in entity.copies:
            owner = steps(schema, entity.table, attr.path)[-1][1].referred_table
            changing = sorted(p.name for p in workload.patterns if _changes(p, owner, attr.column))
            what = f"{owner}.{attr.column} is copied onto items of {entity.table}"
            how = (
                f"{', '.join(changing)} writes it anew on each of them, and between the transactions of one change old "
                "and new stand side by side"
                if changing
                else "no declared query changes it. If the application does, declare the UPDATE and plan again"
            )
            yield Hazard("copied-attribute", names.tags[entity.table], f"{what}; {how}")


def _counters(design: Design, names: Names) -> Iterator[Hazard]:
    for kept in design.aggregates:
        name, table = names.aggregates[kept.aggregate], kept.aggregate.table
        yield Hazard(
            "kept-figures",
            name,
            f"{name} is right as long as every write of {table} changes it in the same transaction. The load counts "
            "all rows of the source, those in the reject file too: take them off the figures, or put them later "
            "without counting them again",
        )
        if kept.updates > BUSY:
            yield Hazard(
                "busy-counter",
                name,
                f"one item of {name} may be written {plural(kept.updates, 'time')} a second at the peak: transactions "
                f"on one item conflict above about {BUSY} a second and must be repeated, and {MOST:,} is the most that "
                "an item takes. Repeat them with a wait, or count in a Lambda on the stream",
            )


def _stored_joins(data: Data, workload: Workload, settings: Settings, names: Names) -> Iterator[Hazard]:
    """What each write of either side writes besides."""
    rates = {table.name: write_rates(workload, table.name) for table in data.schema.tables}
    peaks = {table.name: write_rates(workload, table.name, at_peak=True) for table in data.schema.tables}
    for name, join in data.schema.joins():
        kept, peak = pair_rates(data, rates, join), pair_rates(data, peaks, join)
        usd = pairs_usd(data, settings.prices, {**rates, name: kept}, name, join)
        fans = []
        for side in SIDES:
            found = pairing(data, join, other(side))
            fans.append(f"of {join.table(side)} {found.mean:,.0f} of them, at most {found.maximum:,.0f}")
        yield Hazard(
            "stored-join",
            names.tags[name],
            f"{names.tags[name]} holds a copy for each pair of rows of {join.left} and {join.right}: a write of a row "
            f"{', '.join(fans)}; that is {peak.inserts + peak.deletes + peak.changing():,.0f} writes a second at the "
            f"peak, and ${usd:,.2f} a month with their storage. It is right as long as every write of either table "
            f"carries it: where more than {MAX_ACTIONS} actions come together they are several requests, between which "
            "pairs are old or missing, and two rows that pair and are written at the same moment do not see each other",
        )


def _second_items(design: Design, names: Names) -> Iterator[Hazard]:
    for entity in design.entities:
        for slot, usd in entity.edge_usd:
            needs = [
                part.need
                for read in design.reads
                for part in read.served
                if part.need.table == entity.table and part.path.view.edge and entity.slot_of(part.path.view) == slot
            ]
            strong = sorted({need.pattern for need in needs if need.strong})
            why = (
                f"{', '.join(strong)} asks for strong consistency, which no index gives; with `consistency: eventual` "
                "an index may serve it"
                if strong
                else "migrate.toml allows fewer indexes than its queries need"
            )
            yield Hazard(
                "second-item",
                names.edges[(entity.table, slot)],
                f"each row of {entity.table} has a second item, which costs ${usd:,.2f} a month to write and store: "
                f"{why}",
            )


def _embedded(data: Data, design: Design, settings: Settings, names: Names) -> Iterator[Hazard]:
    for made in (entity.within for entity in design.entities if entity.within is not None):
        most = data.measured(made.table).fan_out(made.reference).maximum
        yield Hazard(
            "embedded-rows",
            names.tags[made.parent],
            f"rows of {made.table} live within items of {made.parent}, at most {most:,} in one today "
            f"(embedded_items {settings.limits.embedded_items:,}, embedded_bytes {settings.limits.embedded_bytes:,}). "
            "Nothing but that measurement bounds the list: an item takes 409,600 bytes, and a write of one row pays "
            "for the whole item. Watch its size, or say "
            f'embed = false under [tables."{made.table}"] where it may grow',
        )


def _unenforced(schema: Schema, names: Names) -> Iterator[Hazard]:
    for table in schema.tables:
        for unique in (unique for unique in table.uniques if unwritable(table, unique.columns)):
            yield Hazard(
                "unique-not-enforced",
                names.tags[table.name],
                f"UNIQUE ({', '.join(unique.columns)}) of {table.name} holds a document, which no key can: it is the "
                "application's to keep",
            )
        for check in table.checks:
            yield Hazard(
                "check-not-enforced",
                names.tags[table.name],
                f"CHECK {check.sql} of {table.name} is the application's to keep: DynamoDB enforces none",
            )
