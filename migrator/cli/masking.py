"""What of a difference is shown: values of columns that look secret or personal are masked, as in the documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import Entity, Part, Plan, PlannedPattern
from migrator.plan.templates import Placeholder, parse_template
from migrator.ports import Item
from migrator.render.personal import HIDDEN, is_personal, mask
from migrator.render.shown import shown
from migrator.verify.report import PatternReport, QueriesReport, QueryDifference
from migrator.verify.showing import SHOWN, Show

Cells = tuple[Any, ...]


def masking(plan: Plan, show_values: bool) -> Show:
    """How row verification tells an attribute's value: documents as plain JSON."""
    names = {entity.name: _personal_names(plan, entity) for entity in plan.entities}

    literals = sorted(_literals(plan), key=len, reverse=True)

    def strange(text: str) -> dict[str, str]:
        """Keys of an item that is none of the plan's may hold anything: what the plan itself writes is shown."""
        begin = next((literal for literal in literals if text.startswith(literal)), "")
        return dict.fromkeys(plan.table.key_names, begin)

    def show(entity: Entity | None, name: str, item: Item) -> str | None:
        if name not in item:
            return None
        tag = next(iter(item[name]))
        text = shown(item[name], show_values)
        prefixes = names[entity.name] if entity else strange(text)
        if not show_values and (name in prefixes or is_personal(name)):
            text = _masked(name, text, prefixes.get(name))
        return f"{tag} {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}"

    return show


def _literals(plan: Plan) -> set[str]:
    """What keys of the plan begin with before the first value."""
    templates = (text for entity in plan.entities for keys in entity.keys for text in (keys.partition, keys.sort))
    pieces = (parse_template(template)[:1] for template in templates)
    return {first for some in pieces for first in some if isinstance(first, str)}


def _masked(name: str, text: str, prefix: str | None) -> str:
    """Of a key what its template says of it before the first value."""
    if prefix:
        return prefix + HIDDEN if text.startswith(prefix) else HIDDEN
    return mask(name, text) if is_personal(name) else HIDDEN


def _personal_names(plan: Plan, entity: Entity) -> dict[str, str]:
    """Attributes that hold something personal; for a key, what its template begins with."""
    own = {a.name: "" for a in entity.attributes if is_personal(a.name) or is_personal(a.column)}
    found = dict(own)
    for keys in entity.keys:
        names = slot_attribute_names(plan, keys.slot)
        for name, template in zip(names, (keys.partition, keys.sort), strict=True):
            pieces = parse_template(template)
            if any(isinstance(piece, Placeholder) and piece.name in own for piece in pieces):
                found[name] = pieces[0] if isinstance(pieces[0], str) else ""
    return found


def masked_queries(plan: Plan, report: QueriesReport) -> QueriesReport:
    """The report with the parameters and the columns masked that look secret or personal."""
    return replace(report, patterns=tuple(_masked_pattern(plan.pattern(one.name), one) for one in report.patterns))


def _masked_pattern(pattern: PlannedPattern, report: PatternReport) -> PatternReport:
    hidden = {p.use.name for p in pattern.parameters if is_personal(p.use.column or "") or is_personal(p.use.name)}
    return replace(
        report,
        differences=tuple(_masked_difference(pattern.parts[one.statement], hidden, one) for one in report.differences),
    )


def _masked_difference(part: Part, hidden: set[str], difference: QueryDifference) -> QueryDifference:
    names = [output.name for output in part.select.outputs]
    columns = [output.field.column if output.field else "" for output in part.select.outputs]
    personal = [is_personal(name) or is_personal(column) for name, column in zip(names, columns, strict=True)]

    def row(cells: Cells) -> Cells:
        return tuple(
            _cell(name, value) if hides else value for name, value, hides in zip(names, cells, personal, strict=True)
        )

    return replace(
        difference,
        parameters=tuple((n, _cell(n, value) if n in hidden else value) for n, value in difference.parameters),
        only_in_source=tuple(map(row, difference.only_in_source)),
        only_in_table=tuple(map(row, difference.only_in_table)),
    )


def _cell(name: str, value: Any) -> Any:
    return None if value is None else mask(name, str(value)) if is_personal(name) else HIDDEN
