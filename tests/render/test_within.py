"""Shown code of writes of rows within an item: whose keys are names in a path, and which are maps."""

from __future__ import annotations

from pathlib import Path

from migrator.model.settings import TableOverride
from migrator.render.examples import boto3_calls

from tests.design.test_embedding import DDL, PAGE, ROWS
from tests.design.world import make_settings, world

WRITES = """
-- name: put
INSERT INTO line (order_id, no, qty) VALUES (:o, :n, :q);
-- name: clear
DELETE FROM line WHERE order_id = :o;
"""


def test_a_row_within_is_set_under_the_text_of_its_key(tmp_path: Path) -> None:
    settings = make_settings(None, (TableOverride("line", embed=True),))
    plan = world(tmp_path, DDL, PAGE.format(rate=1) + WRITES, ROWS, settings).plan
    put, clear = (boto3_calls(plan, plan.pattern(name)) for name in ("put", "clear"))
    assert 'UpdateExpression="SET #line.#line_key = :line_row"' in put
    assert '"#line": "line"' in put and '"#line_key": "{:n}"' in put
    assert '":line_row": {"M": {**row}}' in put
    assert 'UpdateExpression="SET #line = :empty_map"' in clear and '":empty_map": {"M": {}}' in clear
