"""Joins of two lists, such as the posts of all whom somebody follows: no row of either gives at most one of the answer,
so that they are read only from a stored join, one item for each pair of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from migrator.model.paired import paired_table
from migrator.model.query import (
    AccessPattern,
    Change,
    Comparison,
    Delete,
    Field,
    FieldComparison,
    Insert,
    Membership,
    OrderTerm,
    Select,
    Statement,
    TableRef,
    Update,
    Workload,
)
from migrator.model.schema import Kind, Schema
from migrator.model.stored_join import SIDES, JoinedColumn, StoredJoin
from migrator.workload.refusals import stored_join_refusal

EXACT = (Kind.INTEGER, Kind.TEXT, Kind.UUID, Kind.ENUM)
"""Kinds whose equal values are written alike."""
KEYABLE = (*EXACT, Kind.DECIMAL, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP, Kind.BOOLEAN)
"""Kinds that may stand before both keys in a pair's key."""


class Unstorable(Exception):
    """Why the pairs of a join cannot be kept; the text completes "because"."""


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """Two tables, and the columns by which their rows pair (left, right)."""

    left: str
    right: str
    pairs: tuple[tuple[str, str], ...]


def with_stored_joins(schema: Schema, workload: Workload) -> tuple[Schema, Workload]:
    """The schema with a table for the pairs of each join of two lists that is declared, and the workload whose
    statements read these; refusals say why of joins whose pairs cannot be kept."""
    asked: dict[Meeting, list[Select]] = {}
    for select in _paired(workload):
        meeting = _meeting(select)
        if meeting is not None:
            asked.setdefault(meeting, []).append(select)
    named, refused = dict[Meeting, str](), dict[Meeting, str]()
    whole = schema
    for meeting, selects in sorted(asked.items(), key=lambda pair: pair[0]):
        try:
            _demand_keepable(schema, workload, meeting)
        except Unstorable as error:
            refused[meeting] = str(error)
            continue
        join = _join(schema, meeting, selects)
        fault = _set_null_fault(schema, workload, join)
        if fault is not None:
            refused[meeting] = fault
            continue
        named[meeting] = _name(whole, meeting)
        bare = paired_table(schema, named[meeting], join)
        worked = _worked_out(workload)
        keys = dict.fromkeys(key for select in selects for key in _keys(schema, join, bare.primary_key, select, worked))
        whole = whole.adding(paired_table(schema, named[meeting], join, keys))
    patterns = tuple(_rewritten(whole, pattern, named, refused) for pattern in workload.patterns)
    return whole, replace(workload, patterns=patterns)


def without_join(schema: Schema, workload: Workload, name: str, why: str) -> tuple[Schema, Workload]:
    """Without the pairs of that name: what reads them is refused."""

    def refused(statement: Statement) -> Statement:
        reads = isinstance(statement.form, Select) and any(ref.table == name for ref in statement.form.tables)
        return replace(statement, form=None, refusal=stored_join_refusal(why)) if reads else statement

    patterns = tuple(replace(p, statements=tuple(map(refused, p.statements))) for p in workload.patterns)
    left = tuple(table for table in schema.tables if table.name != name)
    return replace(schema, tables=left), replace(workload, patterns=patterns)


def _paired(workload: Workload) -> Iterator[Select]:
    for pattern in workload.patterns:
        yield from (s.paired for s in pattern.statements if s.paired is not None and s.refusal is not None)


def _meeting(select: Select) -> Meeting | None:
    """Which rows pair; None for a table with itself, or where nothing but a comparison pairs them."""
    left, right = sorted(select.tables, key=lambda ref: ref.table)
    pairs = set()
    for predicate in select.predicates:
        match predicate:
            case FieldComparison(one, "=", two) if one.alias != two.alias:
                pairs.add((one.column, two.column) if one.alias == left.alias else (two.column, one.column))
    if left.table == right.table or not pairs:
        return None
    return Meeting(left.table, right.table, tuple(sorted(pairs)))


def _demand_keepable(schema: Schema, workload: Workload, meeting: Meeting) -> None:
    for columns, name in zip(zip(*meeting.pairs, strict=True), (meeting.left, meeting.right), strict=True):
        table = schema.table(name)
        key = next(table.row_keys(), None)
        if key is None:
            raise Unstorable(f"{name} has no key that could name its rows")
        if len(set(columns)) < len(columns):
            raise Unstorable(f"one column of {name} is compared with two")
        for column in dict.fromkeys((*columns, *key)):
            found = table.column(column)
            if found.nullable and column not in table.primary_key:
                raise Unstorable(f"{name}.{column} may be NULL")
            if found.kind not in EXACT or _compares_loosely(schema, name, column):
                raise Unstorable(f"equal values of {name}.{column} are not one text in a key")
    for left, right in meeting.pairs:
        kinds = schema.table(meeting.left).column(left).kind, schema.table(meeting.right).column(right).kind
        if kinds[0] is not kinds[1]:
            raise Unstorable(f"{meeting.left}.{left} and {meeting.right}.{right} are of different types")
    met = {(meeting.left, left) for left, _ in meeting.pairs} | {(meeting.right, right) for _, right in meeting.pairs}
    for name, column in sorted(met & _worked_out(workload)):
        raise Unstorable(f"a declared UPDATE changes {name}.{column} by arithmetic")
    for pattern in workload.patterns:
        _demand_followable(pattern, meeting)


def _compares_loosely(schema: Schema, table: str, column: str) -> bool:
    found = schema.table(table).column(column)
    return found.collation is not None or (found.kind in (Kind.TEXT, Kind.ENUM) and schema.collation is not None)


def _demand_followable(pattern: AccessPattern, meeting: Meeting) -> None:
    """Unstorable where a declared write does not tell what becomes of the pairs."""
    forms = [s.form for s in pattern.statements if isinstance(s.form, Insert | Update | Delete)]
    written = [form.table for form in forms if form.table in (meeting.left, meeting.right)]
    if len(written) > 1 and len(forms) > 1:
        raise Unstorable(f"{pattern.name} writes rows of both or several of one in one transaction")
    for form in forms:
        if isinstance(form, Insert) and form.table in written and form.on_conflict != "fail":
            raise Unstorable(
                f"{pattern.name} may find the row of {form.table} there already, and then the pairs would not follow "
                "from what it says"
            )


def _set_null_fault(schema: Schema, workload: Workload, join: StoredJoin) -> str | None:
    """ON DELETE SET NULL changes columns that are kept, which no declared write of the side says."""
    deleted = {s.form.table for p in workload.patterns for s in p.statements if isinstance(s.form, Delete)}
    for side in SIDES:
        table = schema.table(join.table(side))
        for key in table.foreign_keys:
            sets = key.on_delete in ("set null", "set default")
            if sets and deleted and any(join.named(side, column) for column in key.columns):
                return f"ON DELETE {(key.on_delete or '').upper()} changes {', '.join(key.columns)} of {table.name}"
    return None


def _join(schema: Schema, meeting: Meeting, selects: Iterable[Select]) -> StoredJoin:
    """The join with the columns that name a pair, and those that the statements look at."""
    wanted: dict[tuple[str, str], None] = {}
    for side, name in zip(SIDES, (meeting.left, meeting.right), strict=True):
        wanted |= dict.fromkeys((side, column) for column in next(schema.table(name).row_keys()))
    wanted |= dict.fromkeys(("left", left) for left, _ in meeting.pairs)
    for select in selects:
        tables = {ref.alias: ref.table for ref in select.tables}
        used = {(_side(meeting, tables[field.alias]), field.column) for field in select.fields()}
        wanted |= dict.fromkeys(sorted(used))
    equal = {("right", right) for _, right in meeting.pairs}
    kept = [one for one in wanted if one not in equal]
    both = [column for _, column in kept]
    columns = tuple(
        JoinedColumn(column if both.count(column) == 1 else _long(meeting, side, column, both), side, column)
        for side, column in kept
    )
    return StoredJoin(meeting.left, meeting.right, meeting.pairs, columns)


def _side(meeting: Meeting, table: str) -> str:
    return "left" if table == meeting.left else "right"


def _long(meeting: Meeting, side: str, column: str, taken: list[str]) -> str:
    name = f"{meeting.left if side == 'left' else meeting.right}_{column}"
    while name in taken:
        name += "_"
    return name


def _name(schema: Schema, meeting: Meeting) -> str:
    name = f"{meeting.left}_{meeting.right}"
    while any(table.name.lower() == name.lower() for table in schema.tables):
        name += "_"
    return name


def _worked_out(workload: Workload) -> frozenset[tuple[str, str]]:
    """Columns that some declared UPDATE changes by arithmetic: their new value is not known before it is done."""
    updates = (s.form for p in workload.patterns for s in p.statements if isinstance(s.form, Update))
    return frozenset((one.table, column) for one in updates for column, v in one.assignments if isinstance(v, Change))


def _keys(
    schema: Schema,
    join: StoredJoin,
    primary: tuple[str, ...],
    select: Select,
    worked: frozenset[tuple[str, str]],
) -> Iterator[tuple[str, ...]]:
    """The key that a statement would have pairs stored by: what it fixes, what it orders by (else where it ranges),
    both keys. Columns that are NULL in some rows, that no key orders, or that are `worked` out are left to an index."""
    tables = {ref.alias: ref.table for ref in select.tables}

    def name(field: Field) -> str | None:
        table = tables[field.alias]
        column = schema.table(table).column(field.column)
        keyable = column.kind in KEYABLE and not column.nullable and (table, column.name) not in worked
        keyable = keyable and not _compares_loosely(schema, table, column.name)
        side = join.side(table)
        return join.named(side, field.column) if keyable and side is not None else None

    fixed = [name(p.field) for p in select.predicates if _fixes(p)]  # type: ignore[union-attr]
    ordered = [name(field) for term in select.order if (field := _ordered(select, term)) is not None]
    ranged = [name(p.field) for p in select.predicates if isinstance(p, Comparison) and not _fixes(p)]
    following: list[str] = []
    for column in ordered or ranged[:1]:
        if column is None:
            break
        following.append(column)
    key = tuple(dict.fromkeys((*(column for column in fixed if column is not None), *following, *primary)))
    if key != primary:
        yield key


def _fixes(predicate: object) -> bool:
    match predicate:
        case Comparison(_, "=", _) | Membership(_, _, False):
            return True
    return False


def _ordered(select: Select, term: OrderTerm) -> Field | None:
    if term.output is None:
        return term.field
    output = select.outputs[term.output]
    return None if output.function else output.field


def _rewritten(
    schema: Schema, pattern: AccessPattern, named: dict[Meeting, str], refused: dict[Meeting, str]
) -> AccessPattern:
    return replace(pattern, statements=tuple(_stored(schema, s, named, refused) for s in pattern.statements))


def _stored(schema: Schema, statement: Statement, named: dict[Meeting, str], refused: dict[Meeting, str]) -> Statement:
    meeting = _meeting(statement.paired) if statement.paired is not None and statement.refusal is not None else None
    if meeting is None or statement.paired is None:
        return statement
    if meeting in refused:
        return replace(statement, refusal=stored_join_refusal(refused[meeting]))
    return replace(statement, form=_over_pairs(schema, statement.paired, named[meeting]), refusal=None)


def _over_pairs(schema: Schema, select: Select, name: str) -> Select:
    """The SELECT as one of the pairs alone."""
    join = schema.table(name).joined
    tables = {ref.alias: ref.table for ref in select.tables}
    if join is None:
        raise KeyError(name)

    def move(field: Field) -> Field:
        side = join.side(tables[field.alias])
        kept = join.named(side, field.column) if side is not None else None
        if kept is None:
            raise KeyError(f"{name}: {field.alias}.{field.column}")
        return Field(name, kept)

    def explained(predicate: object) -> bool:
        return (
            isinstance(predicate, FieldComparison)
            and predicate.op == "="
            and predicate.left.alias != (predicate.right.alias)
        )

    rest = tuple(predicate for predicate in select.predicates if not explained(predicate))
    moved: Select = _moved(replace(select, predicates=rest), move)
    return replace(moved, tables=(TableRef(name, name),), driver=name)


def _moved(value: Any, move: Callable[[Field], Field]) -> Any:
    """The value with every field in it moved."""
    if isinstance(value, Field):
        return move(value)
    if isinstance(value, tuple):
        return tuple(_moved(one, move) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _moved(getattr(value, one.name), move) for one in fields(value)})
    return value
