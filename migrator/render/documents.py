"""The plan as files that a team reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import TABLE_SLOT, Entity, Plan
from migrator.plan.words import condition_words
from migrator.render.examples import ADDED_UP, boto3_calls
from migrator.render.mermaid import er_diagram, is_detailed
from migrator.render.page import page_context
from migrator.render.review import (
    accept_toml,
    decisions,
    hazard_status,
    is_refused,
    operations,
    proof,
    query_command,
    refused,
    served_from,
)
from migrator.render.samples import Samples
from migrator.render.templates import environment

DOCUMENTS = ("design.md", "design.html")


def render(plan: Plan, samples: Samples) -> dict[str, str]:
    """File name -> text of each document. The same plan and samples give the same text."""
    templates = environment()
    context = _context(plan, samples)
    return {name: templates.get_template(f"{name}.j2").render(context) for name in DOCUMENTS}


def _context(plan: Plan, samples: Samples) -> Mapping[str, Any]:
    waiting = decisions(plan)
    return {
        "plan": plan,
        "slots": (TABLE_SLOT, *(index.name for index in plan.indexes)),
        "decisions": waiting,
        "accept_toml": accept_toml(waiting),
        "refused": refused(plan),
        "proof": proof(plan),
        "query_command": query_command(plan),
        "er_diagram": er_diagram(plan.source),
        "er_is_detailed": is_detailed(plan.source),
        "is_refused": is_refused,
        "hazard_status": hazard_status,
        "operations": operations,
        "served_from": served_from,
        "boto3_calls": lambda pattern: boto3_calls(plan, pattern),
        "adds_up": any(request.added_up for pattern in plan.access_patterns for request in pattern.requests),
        "added_up_code": ADDED_UP,
        "slot_keys": lambda slot: slot_attribute_names(plan, slot),
        "joined": lambda entity: _joined_tables(plan, entity),
        "is_partial": lambda entity: len(entity.attributes) < len(plan.entities_of(entity.source_table)[0].attributes),
        "only_with": lambda keys: (*keys.requires, *map(condition_words, keys.where)),
        "sample_rows": lambda entity: sample_rows(entity, samples),
        **page_context(plan, samples, lambda slot: slot_attribute_names(plan, slot)),
    }


def sample_rows(entity: Entity, samples: Samples) -> tuple[tuple[str | None, ...], ...]:
    """An entity's sample items as rows of equal length under a header row; what an item lacks is None. No rows
    when there are no samples."""
    items = [dict(item) for item in samples.of(entity.name)]
    header = tuple(dict.fromkeys(name for item in items for name in item))
    return (header, *(tuple(item.get(name) for name in header) for item in items)) if header else ()


def _joined_tables(plan: Plan, entity: Entity) -> tuple[str, ...]:
    """The two tables whose pairs a stored join holds."""
    join = dict(plan.joins())[entity.source_table]
    return join.left, join.right
