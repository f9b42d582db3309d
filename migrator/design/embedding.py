"""Which tables' rows may live within the item of the row that they refer to, and what stands in the way of the others.

A row that lives so is an entry of a map on its parent's item, under the text of what its key adds to the reference. The
rules keep right what an item of its own would: its key stays unique, every declared write of it is one update of the
parent's item, and the item stays far below 400 KB as measured today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migrator.design.candidates import KEYLESS
from migrator.design.data import ITEM_EXTRA, Data
from migrator.design.design import Embedding
from migrator.design.identity import guarded
from migrator.design.lifetime import expiry_column
from migrator.design.price import WriteRates, monthly_storage, monthly_writes, units_of
from migrator.model.counted import plural
from migrator.model.errors import BlockedError
from migrator.model.query import Change, Comparison, Delete, Insert, Literal, Update, Workload
from migrator.model.schema import ForeignKey, Kind, Schema, Table
from migrator.model.settings import Settings

ENTRY_OVERHEAD = 5
"""Bytes that a map within a map takes beside what it holds: three for itself, one for it and for each of its values."""
ADDED_TO = (Kind.INTEGER, Kind.DECIMAL)
"""Kinds whose values an update expression adds to exactly."""

Keys = Mapping[str, tuple[tuple[str, ...], ...]]


class Unembedded(Exception):
    """Why a table's rows do not live within others; the text is for the plan's reader."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What decides whether rows may be embedded. `keys`: those that may name each table's rows."""

    data: Data
    settings: Settings
    workload: Workload
    keys: Keys

    @property
    def schema(self) -> Schema:
        return self.data.schema


def embeddings(ground: Ground) -> tuple[Embedding, ...]:
    """Every table and reference of it that may be embedded."""
    found = []
    for table in ground.schema.tables:
        chosen = ground.settings.override(table.name)
        if chosen.embed is not False and not chosen.offload and chosen.orphans != "reject":
            found += [made for key in table.foreign_keys if (made := _made(ground, table, key)) is not None]
    return tuple(found)


def _made(ground: Ground, table: Table, key: ForeignKey) -> Embedding | None:
    try:
        return embedding_of(ground, table, key)
    except Unembedded:
        return None


def told_why(ground: Ground, table: Table) -> str:
    """Why none of a table's references can hold its rows."""
    reasons = []
    for key in table.foreign_keys:
        try:
            embedding_of(ground, table, key)
        except Unembedded as error:
            reasons.append(f"in {key.referred_table} by {', '.join(key.columns)}: {error}")
    return "; ".join(reasons) or "it refers to no table"


def embedding_of(ground: Ground, table: Table, key: ForeignKey) -> Embedding:
    """The embedding of a table's rows by one of its references. Unembedded tells why there is none."""
    _demand_shape(ground, table, key)
    _demand_written(ground, table, key)
    _demand_bounded(ground, table, key)
    own = ground.keys[table.name][0]
    return Embedding(table.name, key.referred_table, key.name, tuple(name for name in own if name not in key.columns))


def _demand_shape(ground: Ground, table: Table, key: ForeignKey) -> None:
    own, schema = ground.keys[table.name][0], ground.schema
    if not schema.has_table(key.referred_table) or key.referred_table == table.name:
        raise Unembedded("a row cannot live in one of its own kind")
    if not set(key.columns) < set(own):
        raise Unembedded(
            f"its key ({', '.join(own)}) does not go beyond the reference, so that one item could not keep it unique"
            if set(own) <= set(key.columns)
            else f"its key ({', '.join(own)}) does not hold the reference, so that no one item keeps it unique"
        )
    referring = sorted(t.name for t in schema.tables for k in t.foreign_keys if k.referred_table == table.name)
    if referring:
        raise Unembedded(f"rows of {', '.join(referring)} refer to it, and only what nothing refers to is embedded")
    if any(join.side(table.name) for _, join in schema.joins()):
        raise Unembedded("pairs of its rows with others are stored, and its rows are found by themselves for it")
    if ground.settings.override(table.name).views:
        raise Unembedded("migrate.toml pins views of it, which need items of its own")
    if guarded(table, own):
        raise Unembedded("it has a unique constraint beside its key, which would need items of its own")
    if set(key.referred_columns) not in [set(columns) for columns in ground.keys[key.referred_table]]:
        raise Unembedded(f"the reference is not a key that names rows of {key.referred_table}")
    for name in (table.name, key.referred_table):
        if expiry_column(schema.table(name), ground.settings.override(name)) is not None:
            raise Unembedded(f"rows of {name} expire, and TTL deletes whole items")
    _demand_columns(table, key, own, schema.table(key.referred_table))


def _demand_columns(table: Table, key: ForeignKey, own: tuple[str, ...], parent: Table) -> None:
    columns = [table.column(name) for name in dict.fromkeys((*key.columns, *own))]
    referred = [parent.column(name) for name in key.referred_columns]
    for column in (*columns, *referred):
        if column.kind in KEYLESS or column.collation is not None:
            raise Unembedded(f"{column.name} is not compared byte by byte")
    pairs = zip(key.columns, referred, strict=True)
    if any(table.column(name).kind is not other.kind for name, other in pairs):
        raise Unembedded("the reference and what it refers to are of different types")
    if any(column.nullable for column in columns):
        raise Unembedded("a column of its key or of the reference may be NULL")


def _demand_bounded(ground: Ground, table: Table, key: ForeignKey) -> None:
    data, limits = ground.data, ground.settings.limits
    measured, parent = data.measured(table.name), data.measured(key.referred_table)
    if not measured.rows or measured.sampled:
        raise Unembedded("how many rows one parent has is not measured")
    fan = measured.fan_out(key.name)
    if fan.orphans:
        raise Unembedded(f"{fan.orphans:,} of its rows refer to rows that do not exist")
    if fan.maximum > limits.embedded_items:
        raise Unembedded(
            f"up to {plural(fan.maximum, 'row')} refer to one row of {key.referred_table}; embedded_items is "
            f"{limits.embedded_items:,}"
        )
    names = sum(len(column.name.encode()) + 1 for column in table.columns) + ENTRY_OVERHEAD + measured.max_bytes
    largest = fan.maximum * (2 * measured.max_bytes + names) + parent.max_bytes
    if largest > limits.embedded_bytes:
        raise Unembedded(
            f"an item of {key.referred_table} could have {largest:,} bytes with them; embedded_bytes is "
            f"{limits.embedded_bytes:,}"
        )


def _demand_written(ground: Ground, table: Table, key: ForeignKey) -> None:
    """Unembedded where a declared write is not planned as updates of the parent's item."""
    for pattern in ground.workload.patterns:
        forms = [s.form for s in pattern.statements if isinstance(s.form, Insert | Update | Delete)]
        mine = [form for form in forms if form.table == table.name]
        for form in mine:
            _demand_simple(table, key, ground.keys[table.name][0], form)
        above = [form for form in forms if form.table == key.referred_table]
        for form in above:
            _demand_kept(form)
        _demand_one_item(table, key, mine, above)
    gone = _deleted(ground)
    if key.referred_table in gone and key.on_delete != "cascade":
        raise Unembedded(f"declared queries delete rows of {key.referred_table}, and its rows would go with them")


def _demand_simple(table: Table, key: ForeignKey, own: tuple[str, ...], form: Insert | Update | Delete) -> None:
    if isinstance(form, Insert):
        if form.on_conflict == "update" and not is_replacing(table, own, form):
            raise Unembedded("a declared upsert of it keeps part of the row that is there")
        return
    fixed = [p.field.column for p in form.predicates if isinstance(p, Comparison) and p.op == "="]
    literals = [p.value for p in form.predicates if isinstance(p, Comparison)]
    wanted = (sorted(own), sorted(key.columns)) if isinstance(form, Delete) else (sorted(own),)
    if sorted(fixed) not in wanted or len(form.predicates) != len(fixed) or Literal(None) in literals:
        raise Unembedded("a declared write changes or deletes rows that its key alone does not name")
    if isinstance(form, Update):
        _demand_assignable(table, own, form)


def is_replacing(table: Table, own: tuple[str, ...], form: Insert) -> bool:
    """Whether an upsert leaves the row as it would have inserted it: all columns are given, and set to just that."""
    free = {column.name for column in table.columns} - set(own)
    given = [dict(zip(form.columns, row, strict=True)) for row in form.rows]
    told = dict(form.assignments)
    return set(told) == free and all(set(row) == free | set(own) and _settled(row, told) for row in given)


def _settled(row: Mapping[str, object], told: Mapping[str, object]) -> bool:
    return all(row[name] == value for name, value in told.items())


def _demand_assignable(table: Table, own: tuple[str, ...], form: Update) -> None:
    for name, value in form.assignments:
        column = table.column(name)
        if name in own:
            raise Unembedded(f"a declared UPDATE changes {name}, part of its key")
        if isinstance(value, Change) and (
            value.operator == "||" or value.column != name or column.nullable or column.kind not in ADDED_TO
        ):
            raise Unembedded(f"a declared UPDATE works {name} out from what is there, which no expression says exactly")


def _demand_kept(form: Insert | Update | Delete) -> None:
    if isinstance(form, Insert) and form.on_conflict in ("replace", "update"):
        raise Unembedded(f"a declared INSERT of {form.table} may write over the row that holds them")


Written = list[Insert | Update | Delete]


def _demand_one_item(table: Table, key: ForeignKey, mine: Written, above: Written) -> None:
    """One pattern's writes of rows and of their parent are one action: new rows of one parent, or one change of one,
    with at most one write of that parent."""
    if not mine:
        return
    puts = [form for form in mine if isinstance(form, Insert)]
    ignoring = any(form.on_conflict == "ignore" for form in (*puts, *above) if isinstance(form, Insert))
    changed = [_named(form, key.columns) for form in mine if not isinstance(form, Insert)]
    holders = {*_parents(table, key, mine), *changed}
    for form in above:
        holders |= (
            {_operands(form, row, key.referred_columns) for row in form.rows}
            if isinstance(form, Insert)
            else {_named(form, key.referred_columns)}
        )
    several = len(mine) + len(above) > 1
    if len(holders) > 1 or None in holders or (changed and len(mine) > 1) or len(above) > 1 or (ignoring and several):
        raise Unembedded("a declared query writes it beside other writes of one item")
    if any(isinstance(form, Delete) for form in above):
        raise Unembedded("a declared query writes it and deletes its parent")


def _named(form: Insert | Update | Delete, columns: tuple[str, ...]) -> tuple[object, ...] | None:
    """The values that the conditions of a statement give these columns; None where they do not."""
    if isinstance(form, Insert):
        return None
    told = {p.field.column: p.value for p in form.predicates if isinstance(p, Comparison) and p.op == "="}
    return tuple(told[column] for column in columns) if set(columns) <= set(told) else None


def _parents(table: Table, key: ForeignKey, mine: Written) -> list[tuple[object, ...]]:
    puts = (form for form in mine if isinstance(form, Insert))
    return [_operands(form, row, key.columns) for form in puts for row in form.rows]


def _operands(form: Insert, row: tuple[object, ...], columns: tuple[str, ...]) -> tuple[object, ...]:
    given = dict(zip(form.columns, row, strict=True))
    return tuple(given.get(column, (form.table, column)) for column in columns)


def _deleted(ground: Ground) -> frozenset[str]:
    """Tables of which declared queries delete rows, by ON DELETE too."""
    forms = (s.form for pattern in ground.workload.patterns for s in pattern.statements)
    return ground.schema.deleted_with(form.table for form in forms if isinstance(form, Delete))


def entry_bytes(data: Data, made: Embedding) -> float:
    """Mean bytes that one embedded row adds to its parent's item, under its text in the map."""
    columns = data.schema.table(made.table).columns
    own = data.item_bytes(made.table) - ITEM_EXTRA
    text = sum(data.measured(made.table).column(name).mean_bytes + 1 for name in made.key)
    return own + text + len(columns) + ENTRY_OVERHEAD


def added_bytes(data: Data, made: Embedding) -> float:
    """Mean bytes that the embedded rows add to an item of the parent."""
    return entry_bytes(data, made) * data.rows(made.table) / data.rows(made.parent) + len(made.table.encode()) + 3


def updates(workload: Workload, schema: Schema, made: Embedding) -> float:
    """Updates a second of the parent's items that the declared writes of the embedded rows are: rows of one parent in
    one query are one, and none where the same query writes the parent, too."""
    key = schema.table(made.table).foreign_key(made.reference)
    total = 0.0
    for pattern in workload.patterns:
        forms = [s.form for s in pattern.statements if isinstance(s.form, Insert | Update | Delete)]
        mine = [form for form in forms if form.table == made.table]
        changed = sum(not isinstance(form, Insert) for form in mine)
        puts = [form for form in mine if isinstance(form, Insert)]
        rows = {_operands(form, row, key.columns) for form in puts for row in form.rows}
        written = any(form.table == made.parent for form in forms)
        total += pattern.rate * (0 if written else changed + len(rows))
    return total


def embedded_usd(
    data: Data, settings: Settings, rates: Mapping[str, WriteRates], made: Embedding, often: float
) -> float:
    """Dollars a month that embedding costs more than items of their own, beside reads and index entries: updates of
    whole items (`often` a second) for writes of small ones, wider writes of the parent itself, storage, and the care
    for rows that are written so."""
    prices, mine, above = settings.prices, rates[made.table], rates[made.parent]
    own, extra, holders = data.item_bytes(made.table), added_bytes(data, made), data.rows(made.parent)
    plain, whole = units_of(data.item_bytes(made.parent)), units_of(data.item_bytes(made.parent) + extra)
    apart = monthly_writes(prices, mine.inserts + mine.deletes + mine.changing(), units_of(own))
    apart += monthly_storage(prices, data.rows(made.table), own)
    wider = (above.inserts + above.deletes + above.changing()) * (whole - plain)
    within = monthly_writes(prices, often * whole + wider, 1.0)
    within += monthly_storage(prices, holders, extra) - monthly_storage(prices, holders, 0)
    return within - apart + prices.item_kind_month


def demanded(settings: Settings, schema: Schema) -> Iterator[Table]:
    """Tables that migrate.toml wants embedded."""
    yield from (table for table in schema.tables if settings.override(table.name).embed)


def demand_embedded(ground: Ground) -> None:
    """BlockedError when rows that migrate.toml wants embedded cannot be."""
    able = {made.table for made in embeddings(ground)}
    for table in demanded(ground.settings, ground.schema):
        if table.name not in able:
            raise BlockedError(
                f"rows of {table.name} cannot live within the items of other rows, as migrate.toml wants: "
                f"{told_why(ground, table)}",
                f'take embed = true under [tables."{table.name}"] out of migrate.toml, or mend what is in the way',
            )
