"""The table of faults in docs/verification.md, made by putting each into a loaded table."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.verify.archive import archive
from tests.verify.harmed_worlds import APART, FAULTS, Harmed, shop

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
BEGIN, END = "<!-- the faults, written by `make docs` -->\n", "<!-- the end of the faults -->\n"
HEAD = "| fault in the table | rows | `--allow-scan` | queries |\n|---|---|---|---|\n"
SEEDS = 4
"""Places in the table that each fault is put into; the whole table is read for half of them."""


@dataclass(frozen=True, slots=True)
class Catch:
    """Which check saw a fault: the rows and the reading of the whole table each time, the queries at least once."""

    rows: bool
    extras: bool
    queries: bool

    def cells(self) -> tuple[str, str, str]:
        return (
            "caught" if self.rows else "not seen",
            "caught" if self.extras else "not seen",
            "caught when a drawn query shows it" if self.queries else "not seen",
        )


def caught(there: Harmed, fault: str) -> Catch:
    """Puts the fault into several places, one after the other."""
    rows, extras, queries = [], [], False
    for seed in range(SEEDS):
        with there.with_fault(fault, seed) as done:
            assert done is not None, f"{fault} has no place in this table"
            if seed < SEEDS // 2:
                report = there.rows(allow_scan=True)
                rows.append(bool(report.missing or report.different))
                extras.append(bool(report.extra))
            queries = queries or not there.queries().clean
    return Catch(all(rows), all(extras), queries)


def line(fault: str, catch: Catch) -> str:
    return f"| {' | '.join((fault, *catch.cells()))} |\n"


def lines() -> dict[str, str]:
    """The page's lines by their fault."""
    body = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    found = [one for one in body.splitlines(keepends=True) if one.startswith("| ")][1:]
    return {one.split(" | ")[0].removeprefix("| "): one for one in found}


@contextmanager
def somewhere() -> Iterator[tuple[Harmed, Harmed]]:
    """The shop, and the archive."""
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        shop(Path(one)) as there,
        archive(Path(other)) as papers,
    ):
        yield there, papers


def rewrite() -> None:
    with somewhere() as (there, papers):
        table = HEAD + "".join(line(fault, caught(there, fault)) for fault in FAULTS)
        table += "".join(line(fault, caught(papers, fault)) for fault in APART)
    text = PAGE.read_text(encoding="utf-8")
    written = re.sub(f"{BEGIN}.*?{END}", lambda _: BEGIN + table + END, text, flags=re.DOTALL)
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
