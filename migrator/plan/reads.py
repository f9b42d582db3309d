"""Read patterns of the plan: requests, where each part's rows come from, and the words for reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.design.design import TABLE, Gathered, ReadDesign, Served
from migrator.model.query import AccessPattern, ParameterUse, Refusal, Related, Select, Statement
from migrator.model.schema import Kind, Schema
from migrator.model.settings import Settings
from migrator.plan.aggregates import aggregate_requests
from migrator.plan.bundles import Group, merge_requests
from migrator.plan.plan import (
    Entity,
    Part,
    PatternParameter,
    PlannedPattern,
    RejectedPath,
    Request,
    Resolution,
)
from migrator.plan.requests import RequestWriter


def plan_read(
    schema: Schema,
    settings: Settings,
    pattern: AccessPattern,
    read: ReadDesign,
    requests: RequestWriter,
    entities: tuple[Entity, ...],
) -> PlannedPattern:
    """The plan's entry for a read: served with requests, or refused with the reason and the way out."""
    if read.refusal is not None:
        return refused(schema, settings, pattern, read.refusal)
    drafted: list[Request] = []
    holders: dict[tuple[int, str], tuple[int, ...]] = {}
    parts = [_draft(part, pattern.statements[part.need.number], requests, drafted, holders) for part in read.served]
    groups = [_group(gathered, holders, read, requests) for gathered in read.gathered]
    merged, places = merge_requests(tuple(drafted), groups, entities, requests.writer.names.type_attribute)
    parts = [_completed(part, served, read) for part, served in zip(parts, read.served, strict=True)]
    final = tuple(_moved_part(part, places) for part in parts)
    return PlannedPattern(
        pattern.name,
        pattern.sql,
        "read",
        pattern.rate,
        pattern.peak,
        "served",
        consistency=pattern.consistency,
        requests=merged,
        parts=final,
        parameters=parameters(schema, pattern),
        assemble=_assembly(read.served, final, requests),
        round_trips=max(part.round_trips for part in read.served),
        read_units=round(read.read_units, 4),
        monthly_usd=round(read.monthly_usd, 4),
        rejected=tuple(
            RejectedPath(r.path, r.why, r.monthly_usd, r.round_trips) for part in read.served for r in part.rejected
        ),
        notes=pattern.assumptions,
    )


def refused(schema: Schema, settings: Settings, pattern: AccessPattern, refusal: Refusal) -> PlannedPattern:
    """A pattern that the table does not serve."""
    return PlannedPattern(
        pattern.name,
        pattern.sql,
        pattern.kind,
        pattern.rate,
        pattern.peak,
        "refused",
        refusal.reason,
        refusal.way_out,
        settings.accepted(pattern.name),
        pattern.consistency,
        parameters=parameters(schema, pattern),
        notes=pattern.assumptions,
    )


def parameters(schema: Schema, pattern: AccessPattern) -> tuple[PatternParameter, ...]:
    """Each parameter's uses, with the kind of the column it meets (an integer for limits)."""
    uses = dict.fromkeys(use for statement in pattern.statements for use in statement.parameters)
    return tuple(PatternParameter(use, _kind(schema, use)) for use in uses)


def _kind(schema: Schema, use: ParameterUse) -> Kind:
    if use.table is None or use.column is None or not schema.has_table(use.table):
        return Kind.INTEGER if use.role in ("limit", "offset", "figure") else Kind.TEXT
    return schema.table(use.table).column(use.column).kind


def _group(
    gathered: Gathered, holders: Mapping[tuple[int, str], tuple[int, ...]], read: ReadDesign, requests: RequestWriter
) -> Group:
    """The requests, as they are drafted, that the design gathers into one."""
    numbers = tuple(sorted({number for use in gathered.uses for number in holders[use]}))
    limited = None
    if gathered.limited is not None:
        limited = next(holders[use][0] for use in gathered.uses if use[0] == gathered.limited)
    driven = (part for part in read.served if (part.need.number, part.need.select.driver) in gathered.uses)
    path = requests.path_text(next(driven), gathered.depth) if gathered.depth else ""
    return Group(gathered.slot, numbers, limited, gathered.singles, gathered.forward, path, gathered.depth)


def _completed(part: Part, served: Served, read: ReadDesign) -> Part:
    """The part, told when a gathered request gives all of its rows whatever its own limit is."""
    use = (served.need.number, served.need.select.driver)
    whole = any(use in gathered.uses and gathered.limited != use[0] for gathered in read.gathered)
    return replace(part, complete=part.complete or whole)


def _draft(
    part: Served,
    statement: Statement,
    writer: RequestWriter,
    drafted: list[Request],
    given: dict[tuple[int, str], tuple[int, ...]],
) -> Part:
    first = len(drafted)
    made = part.path.view.aggregate
    drafted += aggregate_requests(writer, part, made) if made else writer.drive(part, first)
    driving = tuple(range(first, len(drafted)))
    answering = driving[-1:] if part.path.via_guard or part.path.hydrated else driving
    holders = {part.need.select.driver: answering}
    resolutions = []
    names = writer.writer.names
    for step in part.steps:
        own = _driver(part, writer) if step.how == "copy" else names.tags[step.table]
        if step.how == "within":
            resolutions.append(Resolution(step.alias, "item", own, answering))
            holders[step.alias] = answering
            continue
        if step.how == "copy":
            resolutions.append(Resolution(step.alias, "copy", own))
            holders[step.alias] = answering
            continue
        start = len(drafted)
        drafted += writer.join(part, step, holders[step.after or part.need.select.driver])
        holders[step.alias] = tuple(range(start, len(drafted)))
        resolutions.append(Resolution(step.alias, "item", own, holders[step.alias]))
    select = statement.form
    if not isinstance(select, Select):
        raise TypeError(statement.sql)
    given |= {(part.need.number, alias): numbers for alias, numbers in holders.items()}
    complete = not part.path.limited or part.through is not None
    return Part(
        statement.sql,
        select,
        _driver(part, writer),
        answering,
        tuple(resolutions),
        complete,
        statement.made_of is not None,
        statement.united,
    )


def _driver(part: Served, writer: RequestWriter) -> str:
    """The entity whose items are the statement's own rows."""
    names = writer.writer.names
    if part.path.view.aggregate:
        return names.aggregates[part.path.view.aggregate]
    if part.through is not None:
        return names.tags[part.need.table]
    if part.path.hydrated or not part.path.view.edge:
        return names.tags[part.need.table]
    return names.entity(part.need.table, slot_of(part, writer))


def _moved_part(part: Part, places: list[int]) -> Part:
    def moved(numbers: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(places[number] for number in numbers))

    resolutions = tuple(replace(r, requests=moved(r.requests)) for r in part.resolutions)
    return replace(part, requests=moved(part.requests), resolutions=resolutions)


def _assembly(served: tuple[Served, ...], parts: tuple[Part, ...], writer: RequestWriter) -> str:
    """How the requests' items become the statement's rows, in words."""
    sentences = []
    for number, (part, planned) in enumerate(zip(served, parts, strict=True), start=1):
        are = "hold the figures of its groups" if part.path.view.aggregate else "are the rows"
        told = f"the items {planned.entity} of request {_numbers(planned.requests)} {are}"
        if part.through is not None:
            within = writer.writer.names.held[part.need.table]
            told = f"the entries of {within} on each item of request {_numbers(planned.requests)} are the rows"
        words = [told if len(parts) == 1 else f"statement {number}: {told}"]
        words += [_joined_words(step.alias, step.how, planned) for step in part.steps]
        words += [_related_words(p) for p in part.need.select.predicates if isinstance(p, Related)]
        if any(not isinstance(predicate, Related) for predicate in writer.loose(part)) and not _all_said(part):
            words.append("rows that fail the remaining conditions are dropped")
        if part.need.thins:
            words.append("rows whose joined rows are missing or fail the conditions are dropped")
        if part.path.view.aggregate:
            words.append("groups with a count of 0 are left out, the others' figures are added up")
        elif part.need.gathers:
            words.append(_gathered_words(part.need.select))
        sorts = part.need.order or part.need.sorted_here
        if planned.complete and sorts and (part.through is not None or _needs_sort(part)):
            words.append("they are sorted here")
        if planned.complete and part.need.limit is not None:
            words.append("the limit is taken here")
        if part.need.offset is not None:
            words.append("the rows that OFFSET leaves out are dropped here")
        sentences.append("; ".join(words))
    return ". ".join(sentences) + "."


def _all_said(part: Served) -> bool:
    """Whether the requests for the rows that hold a statement's own say all of its conditions."""
    return part.through is not None and not part.path.over_reads


def _related_words(related: Related) -> str:
    names = ", ".join(field.column for field in related.fields)
    told = f" with their {names}" if names else ""
    return (
        f"those are kept for which statement {related.statement + 1} gives {'no' if related.negated else 'a'} row{told}"
    )


def _gathered_words(select: Select) -> str:
    words = ["rows that many children bring count once"] if select.distinct_on else []
    if select.distinct or select.grouped:
        words.append("the aggregate is computed from them")
    if select.having:
        words.append("groups that fail HAVING are dropped")
    return "; ".join(words)


def _needs_sort(part: Served) -> bool:
    return part.path.fan > 1 or part.path.items > 1


def _joined_words(alias: str, how: str, planned: Part) -> str:
    if how == "copy":
        return f"the columns of {alias} stand on each item as copies"
    resolution = next(r for r in planned.resolutions if r.alias == alias)
    return f"the columns of {alias} come from request {_numbers(resolution.requests)}"


def _numbers(numbers: tuple[int, ...]) -> str:
    return " and ".join(map(str, numbers))


def slot_of(part: Served, requests: RequestWriter) -> str:
    """The slot that a served part reads its rows from."""
    kept = requests.design.entity(part.asked.table)
    return TABLE if part.path.via_guard else kept.slot_of(part.path.view)
