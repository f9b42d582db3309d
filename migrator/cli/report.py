"""What apply and verify tell at their end: counts and differences for a person, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from migrator.cli.applying import Applied
from migrator.cli.checking import Checked
from migrator.cli.columns import aligned
from migrator.cli.console import one_line
from migrator.cli.faults import DONE, LOOK
from migrator.cli.mending import mended_text
from migrator.load.run_record import RunRecord
from migrator.load.tally import LoadReport, TableReport
from migrator.model.counted import plural
from migrator.plan.plan import Plan
from migrator.render.figures import size, usd
from migrator.verify.report import PatternReport, QueriesReport, QueryDifference, RowDifference, RowsReport

SHOWN = 20
"""Differences told in full."""
AFTER_CUT_OVER = (
    "this load was verified before: once an application writes to the table, differences are its changes, not faults"
)
NOTHING = "nothing"
"""An attribute that is not there."""
VALUE_SHOWN = 80
"""Characters of a value in a difference."""


def apply_exit_code(applied: Applied) -> int:
    """Something to look at: rejected rows that nobody accepted, and differences."""
    if applied.checked is not None and not applied.checked.clean:
        return LOOK
    return LOOK if rejected(applied) and applied.rejects_accepted is None else DONE


def rejected(applied: Applied) -> int:
    """Rows that were, or in a dry run would be, left out."""
    if applied.mended is not None:
        return applied.mended.left
    if applied.loaded is not None:
        return applied.loaded.rejected
    if applied.found is not None:
        return applied.found.rejected
    record = applied.target.record if applied.target is not None else None
    return record.rejected if record is not None else 0


def apply_text(applied: Applied) -> str:
    target = applied.target
    place = target.place if target is not None else applied.stored.plan.table.name
    notes = [f"note: {note}" for note in applied.notes]
    if applied.already:
        lines = [f"table {place} is loaded and verified already: nothing was written"]
        lines += [_tables(_record_rows(target.record))] if target is not None and target.record is not None else []
        return "\n".join([*lines, *notes])
    if applied.dry_run:
        following = f"next: `{applied.again}`, which writes"
        return "\n".join([*_would(applied, place), *notes, following])
    return "\n\n".join([*_did(applied, place), *notes])


def _would(applied: Applied, place: str) -> Iterator[str]:
    plan, target, found = applied.stored.plan, applied.target, applied.found
    yield "dry run: nothing was written"
    if target is None or target.absent:
        yield f"would create table {place} with {plural(len(plan.indexes), 'index')}"
    elif target.record is not None and applied.anew:
        yield f"would drop table {place}, which this plan has begun to load, and begin anew"
    elif target.record is not None:
        yield f"would go on with the run that stands in table {place} ({target.record.state.value})"
    else:
        yield f"would use the empty table {place}"
    if found is not None and applied.bill is not None:
        yield (
            f"would load {plural(found.rows, 'row')} as {plural(found.items, 'item')} "
            f"and reject {plural(found.rejected, 'row')}"
        )
        if found.objects:
            yield f"would put {plural(found.objects, 'object')} of {found.object_bytes:,} bytes in all to S3"
        yield f"would take {applied.bill.effort}: {usd(applied.bill.usd)} with reading it back once"
        yield from (f"  reject {bad.table} ({bad.key_text}): {bad.reason}" for bad in found.first)


def _did(applied: Applied, place: str) -> Iterator[str]:
    loaded, checked = applied.loaded, applied.checked
    if applied.mended is not None:
        yield mended_text(applied.mended)
    if loaded is not None:
        yield f"table {place}: {_how(loaded)}"
        yield _tables([(t.name, t.rows, t.items, t.rejected, t.seconds) for t in loaded.tables])
        if loaded.rejected:
            yield f"rejected rows are named in {applied.stored.rejects}"
            yield from _counted_all_the_same(applied.stored.plan, loaded.tables)
    if checked is not None:
        yield checked_text(applied.stored.plan, checked, rejected(applied))
    else:
        yield (f"not verified: `{applied.again}` verifies it, switches on time-to-live and takes the private copy away")


def _how(loaded: LoadReport) -> str:
    if loaded.already:
        return "was loaded already"
    if loaded.imported:
        return f"imported in {loaded.seconds:.1f} s from {size(loaded.imported)} in S3"
    resumed = " (resumed)" if loaded.resumed else ""
    return f"loaded in {loaded.seconds:.1f} s with {plural(loaded.write_units, 'write unit')}{resumed}"


def _record_rows(record: RunRecord) -> list[tuple[str, int, int, int, float]]:
    return [(table.name, table.rows, table.items, table.rejected, 0.0) for table in record.tables]


def _tables(rows: list[tuple[str, int, int, int, float]]) -> str:
    cells = [(name, f"{r:,}", f"{i:,}", f"{bad:,}", f"{seconds:.1f}") for name, r, i, bad, seconds in rows]
    sums = (sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows))
    total = ("total", *(f"{number:,}" for number in sums), "")
    return aligned([("table", "rows", "items", "rejected", "seconds"), *cells, total], right=(1, 2, 3, 4))


def _counted_all_the_same(plan: Plan, tables: Iterable[TableReport]) -> Iterator[str]:
    """Aggregates hold the figures of the source's rows, whether each could be loaded or not."""
    for table in tables:
        names = [entity.name for entity in plan.aggregates_of(table.name)]
        if table.rejected and names:
            bad = plural(table.rejected, "rejected row")
            yield f"counted in {', '.join(names)} all the same: {bad} of {table.name}"


def checked_text(plan: Plan, checked: Checked, rejects: int = 0) -> str:
    """Counts of both verifications, then the first differences by name."""
    rows, queries = checked.rows, checked.queries
    reads = [pattern for pattern in plan.access_patterns if pattern.kind == "read"]
    refused = sum(pattern.status == "refused" for pattern in reads)
    compared = sum(pattern.compared for pattern in queries.patterns)
    extra = "" if rows.extra is None else f"; {plural(rows.extra, 'item')} that no row makes"
    lines = [
        f"rows     {rows.checked:,} compared, {rows.missing:,} missing, {rows.different:,} different, "
        f"{rows.rejected:,} rejected{extra}",
        f"queries  {plural(len(reads) - refused, 'read')} served, {refused} refused, {queries.equal} equal on both "
        f"sides ({plural(compared, 'comparison')}, seed {queries.seed})",
        *undrawn(queries),
        *_first_differences(rows),
        *(line for pattern in queries.patterns if not pattern.clean for line in _query_differences(pattern)),
    ]
    if not checked.clean:
        lines += list(caveats(checked, rejects))
    return "\n".join(lines)


def undrawn(queries: QueriesReport) -> Iterator[str]:
    """What a person should know of comparisons that could not say much."""
    for table in dict.fromkeys(table for pattern in queries.patterns for table in pattern.empty):
        names = ", ".join(pattern.name for pattern in queries.patterns if table in pattern.empty)
        yield f"  nothing to draw from: table {table} is empty ({names})"
    told = [p.name for p in queries.patterns if p.compared and not p.with_rows and not p.empty]
    if told:
        yield f"  without a row on either side for any parameters: {', '.join(told)}"


def _first_differences(rows: RowsReport) -> Iterator[str]:
    """The first by name, some of each kind; how many more there are."""
    for kind, count in (("missing", rows.missing), ("different", rows.different), ("extra", rows.extra or 0)):
        named = [found for found in rows.differences if found.kind == kind][:SHOWN]
        yield from map(_row_difference, named)
        items = len({(found.table, found.key, found.entity) for found in named})
        if items < count:
            yield f"  {kind}: {plural(count - items, 'item')} more"


def _row_difference(found: RowDifference) -> str:
    where = f"  {found.kind}: {found.table} ({found.key}), {found.entity}"
    if found.attribute is None:
        return one_line(where)
    return one_line(f"{where}.{found.attribute}: expected {found.expected or NOTHING}, found {found.found or NOTHING}")


def _query_differences(pattern: PatternReport) -> Iterator[str]:
    if not pattern.compared:
        yield f"  query {pattern.name}: could not be compared"
    else:
        verb = "differs" if pattern.different == 1 else "differ"
        yield f"  query {pattern.name}: {pattern.different} of {plural(pattern.compared, 'answer')} {verb}"
    for found in pattern.differences:
        yield f"    {parameters_text(found)}: {found.what}"
        yield from (f"      only in the source: {row_text(row)}" for row in found.only_in_source)
        yield from (f"      only in the table: {row_text(row)}" for row in found.only_in_table)


def parameters_text(found: QueryDifference) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in found.parameters) or "no parameters"


def caveats(checked: Checked, rejects: int) -> Iterator[str]:
    if not checked.same_moment:
        yield "the source has changed since it was loaded: differences may be later changes"
    if rejects or checked.rows.rejected:
        yield "rejected rows are in the source only: answers that hold them differ"


def row_text(row: tuple[Any, ...]) -> str:
    """A row on one line, long values cut."""
    texts = (str(value) if isinstance(value, Decimal) else repr(value) for value in row)
    return "(" + ", ".join(text if len(text) <= VALUE_SHOWN else f"{text[: VALUE_SHOWN - 1]}…" for text in texts) + ")"
