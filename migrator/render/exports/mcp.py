"""`dynamodb_data_model.json` of the AWS DynamoDB MCP server: tables, items and access patterns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from migrator.plan.definition import define_table
from migrator.plan.plan import Plan, PlannedPattern
from migrator.render.examples import calls
from migrator.render.exports.awscli import cli_call
from migrator.render.exports.sample_items import sample_items
from migrator.render.samples import Samples

SCHEMA = ("AttributeDefinitions", "TableName", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
"""What the server's own table definitions hold."""


def mcp(plan: Plan, samples: Samples) -> str:
    """The model as JSON. Commands carry the plan's placeholders."""
    table = define_table(plan)
    items = [item for entity in plan.entities for item in sample_items(plan, entity, samples)]
    model = {
        "tables": [{name: table[name] for name in SCHEMA if name in table}],
        "items": {plan.table.name: [{"PutRequest": {"Item": item}} for item in items]},
        "access_patterns": [entry for pattern in plan.access_patterns for entry in _entries(plan, pattern)],
    }
    return json.dumps(model, indent=2, ensure_ascii=False) + "\n"


def _entries(plan: Plan, pattern: PlannedPattern) -> Iterator[dict[str, Any]]:
    """An entry for each request; one with the reason for a pattern that is refused."""
    told = {"pattern": pattern.name, "description": " ".join(pattern.sql.split())}
    if pattern.status != "served":
        yield told | {"reason": f"{pattern.reason} Way out: {pattern.way_out}"}
        return
    for call, request in zip(calls(plan, pattern), pattern.requests, strict=True):
        where = {"table": plan.table.name} | ({"index": request.index} if request.index else {})
        yield told | where | {"dynamodb_operation": call.operation, "implementation": cli_call(call).split("\n", 1)[1]}
