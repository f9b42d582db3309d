"""A verification as a page of Markdown, to be kept beside the plan and signed off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from migrator.cli.checking import Checked
from migrator.cli.folder import StoredPlan, write_files
from migrator.cli.report import AFTER_CUT_OVER, caveats, parameters_text, row_text, undrawn
from migrator.cli.targets import Target
from migrator.load.run_record import RunRecord, State
from migrator.model.counted import plural
from migrator.model.errors import UsageError
from migrator.render.markdown import code, prose
from migrator.verify.report import PatternReport, RowsReport


def demand_writable(file: Path) -> None:
    """UsageError, before any work, when the page could not be written."""
    if file.is_dir() or not file.absolute().parent.is_dir():
        what = "is a folder" if file.is_dir() else "is in a folder that is not there"
        raise UsageError(f"--report {file} {what}", "name a file in a folder that is there")


def write_page(file: Path, page: str) -> None:
    """The whole page or none."""
    write_files(file.absolute().parent, {file.name: page.encode()})


def verification_page(stored: StoredPlan, target: Target, record: RunRecord, checked: Checked) -> str:
    """What was compared with what, the verdict, and every difference that was kept."""
    return "\n".join(_lines(stored, target, record, checked)) + "\n"


def _lines(stored: StoredPlan, target: Target, record: RunRecord, checked: Checked) -> Iterator[str]:
    yield f"# Verification of table {prose(target.table)}"
    yield ""
    yield f"**{_verdict(checked)}**"
    yield ""
    yield f"- plan {code(stored.digest)}"
    yield f"- table {code(target.place)}, run {code(record.run_id)}, {record.state.value}"
    yield f"- source {'as it was loaded' if checked.same_moment else 'as it is now: it has changed since the load'}"
    yield f"- parameters drawn with seed {checked.queries.seed}"
    if not checked.clean:
        yield from (f"- {prose(line)}" for line in caveats(checked, record.rejected))
        if record.state is State.VERIFIED:
            yield f"- {AFTER_CUT_OVER}"
    yield from _rows(checked.rows)
    yield from _queries(checked)


def _verdict(checked: Checked) -> str:
    if checked.clean:
        return "Every row and every answer is equal."
    rows, queries = checked.rows, checked.queries
    counts = [
        f"{plural(rows.missing, 'item')} missing",
        f"{plural(rows.different, 'item')} different",
        *([] if rows.extra is None else [f"{plural(rows.extra, 'item')} that no row makes"]),
        f"{len(queries.patterns) - queries.equal:,} of {plural(len(queries.patterns), 'query')} unequal",
    ]
    return f"There are differences: {', '.join(counts)}."


def _rows(rows: RowsReport) -> Iterator[str]:
    yield from ("", "## Rows", "")
    yield "| table | rows | items | missing | different | rejected | expired |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for table in rows.tables:
        counts = (table.rows, table.items, table.missing, table.different, table.rejected, table.expired)
        yield f"| {code(table.table)} | {' | '.join(f'{count:,}' for count in counts)} |"
    told = "were not looked for (`--allow-scan`)" if rows.extra is None else f"{rows.extra:,}"
    yield from ("", f"Items that no row makes: {told}.")
    if rows.differences:
        yield from ("", "| what | table | row | item | attribute | expected | found |", "|---|---|---|---|---|---|---|")
    for found in rows.differences:
        cells = (found.table, found.key, found.entity, found.attribute, found.expected, found.found)
        yield f"| {found.kind} | {' | '.join(map(code, cells))} |"


def _queries(checked: Checked) -> Iterator[str]:
    yield from ("", "## Queries", "", "| query | comparisons | with rows | different |", "|---|--:|--:|--:|")
    for pattern in checked.queries.patterns:
        yield f"| {code(pattern.name)} | {pattern.compared:,} | {pattern.with_rows:,} | {pattern.different:,} |"
    notes = list(undrawn(checked.queries))
    yield from ("", *(f"- {prose(note)}" for note in notes)) if notes else ()
    for pattern in checked.queries.patterns:
        yield from _differences(pattern)


def _differences(pattern: PatternReport) -> Iterator[str]:
    if pattern.differences:
        yield from ("", f"### {prose(pattern.name)}", "")
    for found in pattern.differences:
        yield f"- {code(parameters_text(found))}: {prose(found.what)}"
        yield from (f"  - only in the source: {code(row_text(row))}" for row in found.only_in_source)
        yield from (f"  - only in the table: {code(row_text(row))}" for row in found.only_in_table)
