"""The code that design.md shows for writes of counters does what it says, on the embedded engine."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from migrator.plan.plan import Plan
from migrator.render.documents import render
from migrator.render.samples import Samples
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.target.connect import Connection
from migrator.verify.execute import run_pattern

from tests.acceptance.test_performed import on_engine
from tests.design.world import make_settings, world

DDL = "CREATE TABLE ticket (id TEXT PRIMARY KEY, state TEXT NOT NULL, points INTEGER NOT NULL, title TEXT);"
ROWS = [(f"t{n}", ("open", "closed")[n % 2], n, f"ticket {n}") for n in range(3_000)]
QUERIES = """
-- name: by_state
-- rate: 50
SELECT state, COUNT(*), SUM(points) FROM ticket GROUP BY state;
-- name: restate
UPDATE ticket SET state = :s, points = :p WHERE id = :id;
-- name: close_two
UPDATE ticket SET state = 'closed' WHERE id IN (:id, :id2);
"""


class Shown:
    """design.md's code, run statement after statement with its braces filled."""

    def __init__(self, plan: Plan, connection: Connection) -> None:
        document = render(plan, Samples(()))["design.md"]
        self._blocks = re.findall(r"^```python\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
        self._names: dict[str, Any] = {"client": connection.client}
        (helper,) = (block for block in self._blocks if "def added_up" in block)
        exec(helper, self._names)
        self._plan = plan

    def run(self, pattern: str, values: dict[str, str]) -> None:
        number = [p.name for p in self._plan.access_patterns if p.requests].index(pattern)
        code = [block for block in self._blocks if "def added_up" not in block][number]
        read, write = ast.parse(code).body
        items = self._items(self._evaluate(ast.unparse(read), values))
        written = ast.unparse(write)
        listed = re.search(r"added_up\(\[(.*)\]\)\)$", written, re.DOTALL)
        assert listed is not None
        each = ", ".join(self._filled(listed[1], values, item) for item in items)
        self._evaluate(f"{written[: listed.start(1)]}{each}{written[listed.end(1) :]}", {})

    def _items(self, answer: Any) -> list[dict[str, Any]]:
        return [answer["Item"]] if "Item" in answer else list(answer["Responses"][self._plan.table.name])

    def _filled(self, text: str, values: dict[str, str], item: dict[str, Any]) -> str:
        known = {f":{name}": value for name, value in values.items()}
        known |= {f"0.{name}": next(iter(wire.values())) for name, wire in item.items()}
        return re.sub(r"\{(:\w+|0\.\w+)\}", lambda found: known[found[1]], text)

    def _evaluate(self, text: str, values: dict[str, str]) -> Any:
        return eval(self._filled(text, values, {}), self._names)


@pytest.mark.parametrize(
    ("pattern", "values", "expected"),
    [
        ("restate", {"id": "t4", "s": "open", "p": "104"}, {"open": (1500, 100), "closed": (1500, 0)}),
        ("restate", {"id": "t4", "s": "open", "p": "4"}, {"open": (1500, 0), "closed": (1500, 0)}),
        ("restate", {"id": "t4", "s": "closed", "p": "5"}, {"open": (1499, -4), "closed": (1501, 5)}),
        ("close_two", {"id": "t4", "id2": "t6"}, {"open": (1498, -10), "closed": (1502, 10)}),
        ("close_two", {"id": "t1", "id2": "t3"}, {"open": (1500, 0), "closed": (1500, 0)}),
    ],
)
def test_one_counter_item_is_written_once_by_the_shown_code(
    pattern: str,
    values: dict[str, str],
    expected: dict[str, tuple[int, int]],
    tmp_path: Path,
    connection: Connection,
    table_name: str,
) -> None:
    made = world(tmp_path, DDL, QUERIES, {"ticket": ROWS}, make_settings(table_name=table_name))
    request = made.pattern(pattern).requests[-1]
    assert request.added_up == ("TICKET_TOTALS_BY_STATE",)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        reader, _ = on_engine(connection)(made.plan, snapshot)
    Shown(made.plan, connection).run(pattern, values)
    (answer,) = run_pattern(made.plan, made.pattern("by_state"), {}, reader)
    sums = {state: sum(row[2] for row in ROWS if row[1] == state) for state in ("open", "closed")}
    assert {state: (count, points - sums[state]) for state, count, points in answer.rows} == expected
