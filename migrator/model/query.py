"""The normal form of the declared queries: what `workload` reads, `design` serves and `plan` evaluates.

A field names a column through an alias of its statement. Predicates of a statement are a conjunction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Parameter:
    """A placeholder by name; positional ones are named `p1`, `p2` ... in order of appearance."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of the statement. Exact: a decimal literal is a Decimal, never a float."""

    value: str | int | Decimal | bool | bytes | None


Value = Parameter | Literal


@dataclass(frozen=True, slots=True)
class Field:
    """A column of one of the statement's tables."""

    alias: str
    column: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field op value`, op one of = <> < <= > >=. NULL on either side is not true."""

    field: Field
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """`left op right` between two columns that no foreign key explains."""

    left: Field
    op: str
    right: Field


@dataclass(frozen=True, slots=True)
class Membership:
    """`field [NOT] IN (values)`."""

    field: Field
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class NullTest:
    """`field IS [NOT] NULL`."""

    field: Field
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Like:
    """`field [NOT] LIKE pattern`. The pattern is the concatenation of its pieces; a literal piece may hold
    wildcards. When `prefix` is set the pattern is a prefix match: `prefix` followed by one `%`, and the prefix
    itself holds no wildcard as far as the statement tells (a parameter's own % or _ make it fall back at run
    time). `ignore_case` is the dialect's truth: SQLite's LIKE ignores the case of ASCII letters."""

    field: Field
    pattern: tuple[Value, ...]
    prefix: Value | None = None
    negated: bool = False
    ignore_case: bool = False
    escape: str | None = None


@dataclass(frozen=True, slots=True)
class Either:
    """OR of conjunctions."""

    branches: tuple[tuple[Predicate, ...], ...]


@dataclass(frozen=True, slots=True)
class Related:
    """`[NOT] EXISTS`: whether the pattern's statement number `statement`, which was made of the inner query, gives a
    row whose columns equal `fields` in turn. `columns` are (table, column) of those. Never unknown. `said`: the
    statement's words."""

    statement: int
    fields: tuple[Field, ...]
    columns: tuple[tuple[str, str], ...]
    negated: bool = False
    said: str = ""


Predicate = Comparison | FieldComparison | Membership | NullTest | Like | Either | Related


@dataclass(frozen=True, slots=True)
class TableRef:
    alias: str
    table: str


@dataclass(frozen=True, slots=True)
class Join:
    """An N:1 step along a foreign key: each row of `child` has at most one row of `parent`.
    `pairs` are (child column, parent column). `outer`: the child's row stays when there is no parent."""

    child: str
    parent: str
    foreign_key: str
    pairs: tuple[tuple[str, str], ...]
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A column of the answer: a plain field, or an aggregate `function` (count, sum, min, max, avg) over a
    field, where no field means `COUNT(*)`, or a literal."""

    name: str
    field: Field | None = None
    function: str | None = None
    distinct: bool = False
    literal: Literal | None = None


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """Sort by the answer's column number `output` (0-based) or by a field that need not be selected."""

    output: int | None
    field: Field | None
    descending: bool = False
    nulls_first: bool = True


@dataclass(frozen=True, slots=True)
class GroupTest:
    """`aggregate op value` of HAVING. The output's name says nothing; NULL on either side is not true."""

    output: Output
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT. `driver` is the alias from which every other one is reached by N:1 joins; one row of the
    driver gives at most one row of the answer (before grouping). `distinct_on`: rows that agree in all of these
    count once, before anything is computed of them. `having`: a conjunction. `offset`: rows of the ordered answer
    to leave out before the limit counts."""

    tables: tuple[TableRef, ...]
    driver: str
    joins: tuple[Join, ...]
    predicates: tuple[Predicate, ...]
    outputs: tuple[Output, ...]
    order: tuple[OrderTerm, ...] = ()
    limit: Value | None = None
    distinct: bool = False
    group_by: tuple[Field, ...] = ()
    distinct_on: tuple[Field, ...] = ()
    having: tuple[GroupTest, ...] = ()
    offset: Value | None = None

    @property
    def computed(self) -> tuple[Output, ...]:
        """What is shown, and what HAVING tests."""
        return (*self.outputs, *(test.output for test in self.having))

    @property
    def grouped(self) -> bool:
        """Whether rows of the answer stand for groups of rows."""
        return bool(self.group_by) or any(output.function for output in self.outputs)

    def table(self, alias: str) -> str:
        for ref in self.tables:
            if ref.alias == alias:
                return ref.table
        raise KeyError(alias)

    def fields(self) -> frozenset[Field]:
        """Every field that the answer is made of: shown, sorted or grouped by, compared, or joined by."""
        fields = {output.field for output in self.outputs if output.field}
        fields |= {term.field for term in self.order if term.field} | set(self.group_by)
        fields |= {Field(join.child, column) for join in self.joins for column, _ in join.pairs}
        fields |= set(self.distinct_on) | {test.output.field for test in self.having if test.output.field}
        return frozenset(fields).union(*map(compared_fields, self.predicates))


def flattened(predicates: Iterable[Predicate]) -> Iterator[Predicate]:
    """The predicates, and in place of alternatives all that stand in their branches."""
    for predicate in predicates:
        if isinstance(predicate, Either):
            for branch in predicate.branches:
                yield from flattened(branch)
        else:
            yield predicate


def compared_fields(predicate: Predicate) -> frozenset[Field]:
    """The fields that a predicate looks at."""
    match predicate:
        case Either(branches):
            return frozenset[Field]().union(*(compared_fields(p) for branch in branches for p in branch))
        case FieldComparison(left, _, right):
            return frozenset({left, right})
        case Related(fields=fields):
            return frozenset(fields)
        case _:
            return frozenset({predicate.field})


@dataclass(frozen=True, slots=True)
class Change:
    """The right side of an assignment `column = column operator value`, operator one of + - ||."""

    column: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Now:
    """CURRENT_TIMESTAMP and its kin: the writer's clock."""


@dataclass(frozen=True, slots=True)
class Insert:
    """One or more literal rows. `on_conflict`: fail, ignore, replace (whole row), update (assignments)."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value | Now, ...], ...]
    on_conflict: str = "fail"
    assignments: tuple[tuple[str, Value | Change | Now], ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """Fields in predicates use the table's name as alias."""

    table: str
    assignments: tuple[tuple[str, Value | Change | Now], ...]
    predicates: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    table: str
    predicates: tuple[Predicate, ...]


Write = Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be served, and what to do about it: two plain sentences for the user."""

    reason: str
    way_out: str


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """Where a parameter's values come from: `role` is what it is compared as
    (equality, range, prefix, pattern, limit, offset, figure, value). `table`/`column` are None for limit and offset,
    and for a figure, which an aggregate is compared with, when it counts."""

    name: str
    role: str
    table: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a declared query: its own text (placeholders rewritten to `:name`), and its normal
    form, or a refusal when the reader does not understand it. `made_of`: the words of the inner query that it was made
    of, when nobody wrote it as a statement. `united`: its rows go to those of the statement before, "all" of
    them or the "distinct" ones. `paired`: a refused join of two lists as a SELECT without joins, whose columns of both
    are compared with each other: its normal form if the pairs were a table (see `stored_joins`)."""

    sql: str
    line: int
    form: Select | Insert | Update | Delete | None
    parameters: tuple[ParameterUse, ...] = ()
    refusal: Refusal | None = None
    made_of: str | None = None
    united: str | None = None
    paired: Select | None = None


@dataclass(frozen=True, slots=True)
class AccessPattern:
    """A declared query. Rates are requests a second; `consistency` is eventual or strong."""

    name: str
    line: int
    sql: str
    kind: str
    rate: float
    peak: float
    consistency: str
    statements: tuple[Statement, ...]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """All declared queries, in the file's order."""

    patterns: tuple[AccessPattern, ...]
    assumptions: tuple[str, ...] = ()
