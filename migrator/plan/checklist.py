"""The production checklist: each point ticked from the plan, or open with the reason."""

from __future__ import annotations

from migrator.design.lifetime import sounds_ephemeral
from migrator.model.schema import Schema
from migrator.plan.plan import ChecklistItem, Entity, Hazard, PlannedPattern, TableSettings


def production_checklist(
    schema: Schema,
    table: TableSettings,
    entities: tuple[Entity, ...],
    patterns: tuple[PlannedPattern, ...],
    hazards: tuple[Hazard, ...],
) -> tuple[ChecklistItem, ...]:
    """Access patterns, Scan, TTL, capacity, recovery, protection, hazards: in the order people ask."""
    return (
        _documented(patterns),
        ChecklistItem("no Scan in a served pattern", True, "every request is a Get, a Query or a write by key"),
        _lifetimes(schema, table, entities),
        ChecklistItem("capacity mode", True, f"{table.billing_mode}: declared rates are averages, peaks come and go"),
        ChecklistItem(
            "point-in-time recovery",
            table.point_in_time_recovery,
            "set when the table is created" if table.point_in_time_recovery else "switched off in migrate.toml",
        ),
        ChecklistItem(
            "deletion protection",
            table.deletion_protection,
            "set when the table is created" if table.deletion_protection else "switched off in migrate.toml",
        ),
        _open_hazards(hazards),
    )


def _documented(patterns: tuple[PlannedPattern, ...]) -> ChecklistItem:
    waiting = [p.name for p in patterns if p.status == "refused" and p.accepted is None]
    if waiting:
        return ChecklistItem("access patterns documented", False, f"refused and not accepted: {', '.join(waiting)}")
    return ChecklistItem(
        "access patterns documented", True, f"{len(patterns)} declared, each with its requests or reason"
    )


def _lifetimes(schema: Schema, table: TableSettings, entities: tuple[Entity, ...]) -> ChecklistItem:
    expiring = sorted({entity.source_table for entity in entities if entity.expires})
    open_ended = [t.name for t in schema.tables if sounds_ephemeral(t) and t.name not in expiring]
    if open_ended:
        return ChecklistItem("TTL on ephemeral data", False, f"no expiry column known for {', '.join(open_ended)}")
    if expiring:
        where = f"{', '.join(expiring)} by attribute {table.ttl_attribute}, switched on once the load is verified"
        return ChecklistItem("TTL on ephemeral data", True, where)
    return ChecklistItem("TTL on ephemeral data", True, "no table has rows that expire")


def _open_hazards(hazards: tuple[Hazard, ...]) -> ChecklistItem:
    waiting = sorted({h.approve_with for h in hazards if h.approve_with and h.accepted is None})
    if waiting:
        return ChecklistItem("hazards decided", False, f"waiting in [accept]: {', '.join(waiting)}")
    return ChecklistItem("hazards decided", True, "none waits for a decision")
