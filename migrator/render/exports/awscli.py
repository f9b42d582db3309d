"""The AWS CLI: commands that create the table, and those of each access pattern."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.plan.definition import define_table
from migrator.plan.plan import Plan, PlannedPattern
from migrator.render.examples import Call, calls
from migrator.render.pythonic import Literal, Spread

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PAGED = {"Limit": ("max-items", "page-size")}
"""Parameters that the command line pages by itself, and the options that stand for them."""


def create_script(plan: Plan) -> str:
    """A shell script that creates the table as the plan has it."""
    name = shlex.quote(plan.table.name)
    lines = ["#!/bin/sh", "set -eu", "", command("CreateTable", define_table(plan))]
    lines += ["", f"aws dynamodb wait table-exists --table-name {name}"]
    if plan.table.point_in_time_recovery:
        recovery = {"PointInTimeRecoveryEnabled": True}
        settings = {"TableName": plan.table.name, "PointInTimeRecoverySpecification": recovery}
        lines += ["", command("UpdateContinuousBackups", settings)]
    if plan.table.ttl_attribute is not None:
        ttl = {"Enabled": True, "AttributeName": plan.table.ttl_attribute}
        lines += ["", command("UpdateTimeToLive", {"TableName": plan.table.name, "TimeToLiveSpecification": ttl})]
    return "\n".join(lines) + "\n"


def patterns_script(plan: Plan) -> str:
    """Every served pattern's requests as commands; braces stand where a call's values go."""
    head = (
        "# Requests of each access pattern. Put values in place of the braces; docs/keys.md says how keys are encoded."
    )
    served = (pattern for pattern in plan.access_patterns if pattern.status == "served")
    return "\n\n".join([head, *(pattern_commands(plan, pattern) for pattern in served)]) + "\n"


def pattern_commands(plan: Plan, pattern: PlannedPattern) -> str:
    """A pattern's requests as commands, each under a comment that says when it is sent."""
    told = [f"# {_one_line(pattern.name)}", *(cli_call(call) for call in calls(plan, pattern))]
    return "\n".join(told)


def cli_call(call: Call) -> str:
    """One request as a command under its comment."""
    attributes = "; with the row's other attributes" if _has_spread(call.arguments) else ""
    checked = "".join(f"\n# {_one_line(text)}" for text in call.checks)
    return f"# {call.when}{attributes}{checked}\n{command(call.operation, _paged(call))}"


def _paged(call: Call) -> Mapping[str, Any]:
    """The arguments; where the caller drops items itself, a limit is the size of a page and no more."""
    if not call.checks:
        return call.arguments
    return {"PageSize" if name == "Limit" else name: value for name, value in call.arguments.items()}


def command(operation: str, arguments: Mapping[str, Any]) -> str:
    """`aws dynamodb ...`, one option a line.

    >>> print(command("GetItem", {"TableName": "app", "ConsistentRead": True}))
    aws dynamodb get-item \\
      --table-name app \\
      --consistent-read
    """
    options = [option for name, value in arguments.items() for option in _options(name, value)]
    return " \\\n  ".join([f"aws dynamodb {kebab(operation)}", *options])


def kebab(name: str) -> str:
    """A name of the service's as the command line spells it.

    >>> kebab("TransactWriteItems"), kebab("SSESpecification"), kebab("IndexName")
    ('transact-write-items', 'sse-specification', 'index-name')
    """
    return _CAPITAL.sub("-", name).lower()


def _options(name: str, value: Any) -> Iterator[str]:
    for option in _PAGED.get(name, (kebab(name),)):
        if isinstance(value, bool):
            yield f"--{option}" if value else f"--no-{option}"
        elif isinstance(value, (dict, list)):
            yield f"--{option} {shlex.quote(json.dumps(_plain(value), ensure_ascii=False))}"
        else:
            yield f"--{option} {shlex.quote(str(value))}"


def _plain(value: Any) -> Any:
    """Without what only a program can put in."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if not isinstance(inner, Spread)}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _has_spread(value: Literal) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, Spread) or any(map(_has_spread, inner))


def _one_line(text: str) -> str:
    return " ".join(text.split())
