"""What `migrate plan` tells: a short summary, or the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migrator.cli.faults import DONE, LOOK
from migrator.cli.planning import Planned
from migrator.model.counted import plural
from migrator.plan.difference import Difference
from migrator.plan.plan import Plan, PlannedPattern
from migrator.render.changes import CHANGES_FILE, changes_text
from migrator.render.figures import usd
from migrator.render.review import Decision, accept_toml, decisions, proof, refused


def exit_code(planned: Planned) -> int:
    """Something to look at as long as a refusal or a hazard waits for a decision."""
    return LOOK if decisions(planned.plan) else DONE


def summary(planned: Planned) -> str:
    """A screenful: what the plan is, and what waits for a decision."""
    plan = planned.plan
    waiting = decisions(plan)
    paragraphs = [
        "\n".join(_figures(planned)),
        *_since(planned),
        *map(_refusal, refused(plan)),
        *(_hazard(decision) for decision in waiting if decision.way_out is None),
    ]
    if waiting:
        paragraphs.append(f"To accept these, write in migrate.toml and plan again:\n{_indented(accept_toml(waiting))}")
    if planned.stale:
        paragraphs.append(f"note: [accept] names what needs no acceptance: {', '.join(planned.stale)}")
    return "\n\n".join(paragraphs)


def _figures(planned: Planned) -> Iterator[str]:
    plan = planned.plan
    rows = sum(table.rows for table in plan.source.tables if table.joined is None)
    patterns = plan.access_patterns
    served = sum(pattern.status == "served" for pattern in patterns)
    yield f"plan     {planned.file} ({planned.digest[:12]}){_news(planned)}"
    tables = len(plan.source.tables) - len(plan.joins())
    yield f"source   {plural(tables, 'table')}, {plural(rows, 'row')}{_left_out(plan)}"
    yield (
        f"table    {plan.table.name}: {plural(len(plan.entities), 'entity')}, "
        f"{plural(len(plan.indexes), 'index')} ({proof(plan)})"
    )
    yield f"queries  {served} served, {len(patterns) - served} refused{_assumed(planned)}"
    yield f"cost     {usd(plan.cost.monthly_usd)} a month; loading once {usd(plan.cost.load_usd)}"
    yield f"hazards  {len(plan.hazards)}, of which {len(_waiting_hazards(plan))} wait for a decision"


def _waiting_hazards(plan: Plan) -> list[str]:
    return [hazard.code for hazard in plan.hazards if hazard.approve_with and hazard.accepted is None]


def _news(planned: Planned) -> str:
    if planned.unchanged:
        return ": nothing changed since the plan that was there"
    if planned.before is None:
        return ""
    return ": the design is the one that was there" if planned.since is None else ": replaces the plan that was there"


def _since(planned: Planned) -> Iterator[str]:
    if planned.since is not None:
        yield changes_text(planned.since, str(planned.folder / CHANGES_FILE))


def _left_out(plan: Plan) -> str:
    names = [left_out.name for left_out in plan.source.excluded]
    return f"; left out: {', '.join(names)}" if names else ""


def _assumed(planned: Planned) -> str:
    if not planned.plan.access_patterns:
        return f"; {planned.queries.file} declares none, so that keys are made for no question"
    if not planned.queries.assumed:
        return ""
    if planned.queries.unread is not None:
        unread = planned.queries.unread
        return f"; {unread} in this folder was not read: name it with --queries; so every key and index is served"
    return f"; none were declared, so every key and index is served: edit {planned.queries.file}"


def _refusal(pattern: PlannedPattern) -> str:
    state = "refused" if pattern.accepted is None else f"refused, accepted: {pattern.accepted}"
    lines = [f"{pattern.name} ({state})"]
    if pattern.accepted is None:
        lines += [f"  why      {pattern.reason}", f"  way out  {pattern.way_out}"]
    return "\n".join(lines)


def _hazard(decision: Decision) -> str:
    return f"{decision.name} ({decision.about})\n  {decision.message}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def next_step(planned: Planned) -> str:
    """What to do now."""
    hazards = any(decision.about.startswith("hazard") for decision in decisions(planned.plan))
    first = ", accept its hazards" if hazards else ""
    return f"next: review {planned.folder / 'design.html'}{first}, then `{planned.said.command('apply', planned.file)}`"


def summary_json(planned: Planned) -> dict[str, Any]:
    """The same for scripts."""
    plan = planned.plan
    return {
        "plan": str(planned.file),
        "digest": planned.digest,
        "changed": not planned.unchanged,
        "changes": _changes_json(planned.since),
        "files": [str(planned.folder / name) for name in planned.files],
        "table": plan.table.name,
        "source_tables": len(plan.source.tables) - len(plan.joins()),
        "entities": len(plan.entities),
        "indexes": [index.name for index in plan.indexes],
        "queries_assumed": planned.queries.assumed,
        "served": [pattern.name for pattern in plan.access_patterns if pattern.status == "served"],
        "refused": [_refusal_json(pattern) for pattern in refused(plan)],
        "hazards": [
            {
                "code": h.code,
                "entity": h.entity,
                "message": h.message,
                "approve_with": h.approve_with,
                "accepted": h.accepted,
            }
            for h in plan.hazards
        ],
        "decisions": [decision.name for decision in decisions(plan)],
        "monthly_usd": plan.cost.monthly_usd,
        "load_usd": plan.cost.load_usd,
        "load_write_units": plan.cost.load_write_units,
        "exit_code": exit_code(planned),
    }


def _refusal_json(pattern: PlannedPattern) -> dict[str, Any]:
    return {
        "name": pattern.name,
        "reason": pattern.reason,
        "way_out": pattern.way_out,
        "accepted": pattern.accepted,
    }


def _changes_json(since: Difference | None) -> dict[str, Any] | None:
    if since is None:
        return None
    return {
        "asks_for": since.effort.name.lower(),
        "rewritten": list(since.rewritten),
        "rows": since.rows,
        "monthly_usd_before": since.monthly_before,
        "monthly_usd_after": since.monthly_after,
        "changes": [{"subject": c.subject, "what": c.what, "asks_for": c.effort.name.lower()} for c in since.changes],
    }
