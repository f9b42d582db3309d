"""`migrate query`: one declared query against the table, its rows as JSON."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from migrator.cli.folder import StoredPlan, read_plan
from migrator.cli.following import Said
from migrator.cli.said import TargetOptions
from migrator.cli.sections import nearest
from migrator.cli.settings import read_config
from migrator.cli.targets import demand_loaded, open_target, whole_values
from migrator.model.errors import MigrateError, UsageError
from migrator.plan.answer import Answer
from migrator.plan.plan import PlannedPattern
from migrator.plan.united import declared_answers
from migrator.plan.values import Unstorable, read_parameter
from migrator.ports import StoreFault, explain
from migrator.render.review import operations
from migrator.verify.execute import run_pattern


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What the command line says; `parameters` are texts of the form name=value."""

    plan: Path
    name: str
    parameters: tuple[str, ...] = ()
    config: Path | None = None
    target: TargetOptions = field(default_factory=TargetOptions)


class RefusedQuery(MigrateError):
    """The plan serves no such query: something to look at, with the reason."""

    exit_code = 3


def run_query(options: QueryOptions, environment: dict[str, str] | None = None) -> str:
    """The rows as JSON: a list of objects, or such a list for each statement."""
    stored = read_plan(options.plan)
    pattern = _readable(stored, options.name)
    parameters = _parameters(pattern, options.parameters)
    config = read_config(options.config, dict(os.environ) if environment is None else environment)
    target = open_target(options.target, config.cli, stored.plan)
    demand_loaded(stored, target, Said(None, options.config, options.target).command("apply", stored.file))
    try:
        reader = whole_values(target, stored.plan, target.reader)
        answers = run_pattern(stored.plan, pattern, parameters, reader)
    except StoreFault as fault:
        raise explain(fault, f"running {pattern.name} on table {target.table}") from fault
    return answers_json(declared_answers(stored.plan, pattern.parts, answers))


def _readable(stored: StoredPlan, name: str) -> PlannedPattern:
    """The pattern of that name, if it is one that can be asked."""
    patterns = {pattern.name: pattern for pattern in stored.plan.access_patterns}
    if name not in patterns:
        raise UsageError(f"the plan has no query {name}", nearest(name, patterns))
    pattern = patterns[name]
    if pattern.status == "refused":
        raise RefusedQuery(f"{name} is refused: {pattern.reason}", pattern.way_out or "change the query")
    if pattern.kind == "write":
        raise UsageError(
            f"{name} writes, and is shown only:\n{_indented(pattern)}",
            "the application makes these requests; design.md shows them in full",
        )
    return pattern


def _indented(pattern: PlannedPattern) -> str:
    lines = [*pattern.sql.splitlines(), f"-> {', '.join(operations(pattern))}: {pattern.assemble}"]
    return "\n".join(f"  {line}" for line in lines)


def _parameters(pattern: PlannedPattern, given: Sequence[str]) -> dict[str, str]:
    wanted = tuple(dict.fromkeys(parameter.use.name for parameter in pattern.parameters))
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--param {text} is not of the form name=value", _takes(pattern, wanted))
        if name not in wanted:
            raise UsageError(f"{pattern.name} has no parameter {name}", _takes(pattern, wanted))
        if name in found:
            raise UsageError(f"--param {name} is given twice", _takes(pattern, wanted))
        found[name] = value
    if missing := [name for name in wanted if name not in found]:
        raise UsageError(f"{pattern.name} needs a value for {', '.join(missing)}", _takes(pattern, wanted))
    _check_limits(pattern, found)
    _check_values(pattern, found)
    return found


def _takes(pattern: PlannedPattern, wanted: Sequence[str]) -> str:
    if not wanted:
        return f"{pattern.name} takes no parameters"
    return f"{pattern.name} takes " + " ".join(f"--param {name}=..." for name in wanted)


def _check_limits(pattern: PlannedPattern, given: Mapping[str, str]) -> None:
    limits = {parameter.use.name for parameter in pattern.parameters if parameter.use.role in ("limit", "offset")}
    for name in sorted(limits & given.keys()):
        if not given[name].isdecimal():
            raise UsageError(f"--param {name}={given[name]} is no limit", "give a whole number, 0 or more")


def _check_values(pattern: PlannedPattern, given: Mapping[str, str]) -> None:
    """UsageError for a text that the column it meets cannot be asked for: a number, a boolean, bytes."""
    for parameter in pattern.parameters:
        use = parameter.use
        if use.role not in ("equality", "range"):
            continue
        try:
            read_parameter(parameter.kind, given[use.name])
        except Unstorable as error:
            raise UsageError(
                f"--param {use.name}: {error.reason}", f"{use.table}.{use.column} holds {parameter.kind.value} values"
            ) from None


def answers_json(answers: Sequence[Answer]) -> str:
    """One statement: a list of rows. Several: a list of {"statement": 1, "rows": [...]}."""
    bodies = [_rows(answer) for answer in answers]
    whole: Any = bodies[0]
    if len(bodies) != 1:
        whole = [{"statement": number, "rows": rows} for number, rows in enumerate(bodies, 1)]
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _rows(answer: Answer) -> list[dict[str, Any]]:
    names = _distinct(answer.columns)
    return [dict(zip(names, map(plain, row), strict=True)) for row in answer.rows]


def _distinct(columns: Sequence[str]) -> list[str]:
    """Names of columns; the second `id` of an answer is `id_2`."""
    names: list[str] = []
    for column in columns:
        name, number = column, 2
        while name in names:
            name, number = f"{column}_{number}", number + 1
        names.append(name)
    return names


def plain(value: Any) -> Any:
    """The value in JSON. A number that a float does not hold exactly, and every kind JSON lacks, is text;
    bytes are base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else str(value)
        case Decimal():
            return _number(value)
        case bytes() | bytearray():
            return b64encode(value).decode()
        case Mapping():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case set() | frozenset():
            return sorted(map(plain, value), key=str)
        case _:
            return str(value)


def _number(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and value.adjusted() < 40:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)
