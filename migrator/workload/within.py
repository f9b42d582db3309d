"""A SELECT with queries inside it: told as a plain one, with statements of their own for what is tested.

A row of a parent that must exist is an inner join. Children of which there must be one drive the statement, each outer
row counting once, where the children are found by an equality of their own. Everything else is a test: the inner query
becomes a statement of the pattern, and the outer rows are kept for which it gives a row, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from migrator.model.query import (
    Comparison,
    Field,
    FieldComparison,
    Membership,
    NullTest,
    Output,
    Predicate,
    Related,
    Select,
    TableRef,
)
from migrator.model.schema import Schema, Table
from migrator.workload.equality import Classes
from migrator.workload.existence import Test, absent_join, is_test, read_test, terms_of
from migrator.workload.inlining import flatten_sources
from migrator.workload.joins import Tree, read_tree
from migrator.workload.mistakes import Mistake, Refused
from migrator.workload.names import Scope, Source
from migrator.workload.predicates import read_condition
from migrator.workload.selects import read_select
from migrator.workload.sources import Link, read_sources


@dataclass(frozen=True, slots=True)
class Beside:
    """A statement that was made of an inner query. `what`: how the outer one says it."""

    form: Select
    what: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A SELECT in normal form, and the statements that its tests ask, in the order of their numbers."""

    form: Select
    beside: tuple[Beside, ...] = ()


def read_query(tree: exp.Select, schema: Schema, dialect: str, texts: Sequence[str], number: int) -> Reading:
    """The normal form of a SELECT that is statement `number` of its pattern. Refused or Mistake when there is none."""
    try:
        return Reading(read_select(tree, schema, dialect, texts))
    except Refused as refused:
        flat = flatten_sources(tree) or tree.copy()
        tests = _taken_tests(flat)
        absent = _taken_joins(flat, schema, dialect)
        if not tests and not absent and flat == tree:
            raise
        try:
            plain = read_select(flat, schema, dialect, texts)
        except (Refused, Mistake):
            raise refused from None
    scope, links = read_sources(flat, schema, dialect)
    asked = [*(read_test(term, scope, schema) for term in tests), *(absent_join(j, scope, schema) for j in absent)]
    where = flat.args.get("where")
    said = read_condition(where.this, scope) if where is not None else ()
    return _Weaver(schema, scope, links, said, plain, number).weave(asked)


def _taken_tests(select: exp.Select) -> list[exp.Expr]:
    """The conditions about other queries' rows that the statement demands, which are taken off it."""
    where = select.args.get("where")
    if where is None:
        return []
    terms = list(terms_of(where.this))
    tests = [term for term in terms if is_test(term)]
    if tests:
        _keep(select, [term for term in terms if not is_test(term)])
    return tests


def _keep(select: exp.Select, terms: list[exp.Expr]) -> None:
    condition = exp.and_(*(exp.paren(term, copy=False) for term in terms), copy=False) if terms else None
    select.set("where", exp.Where(this=condition) if condition is not None else None)


def _taken_joins(select: exp.Select, schema: Schema, dialect: str) -> list[exp.Join]:
    """The LEFT JOINs whose rows must be missing and are used for nothing else, which are taken off the statement."""
    where = select.args.get("where")
    if where is None or not any(join.side == "LEFT" for join in select.args.get("joins") or ()):
        return []
    try:
        scope, _ = read_sources(select, schema, dialect)
        used = [(column, scope.field(column)) for column in select.find_all(exp.Column) if _names_one(column)]
    except (Refused, Mistake):
        return []
    taken: list[exp.Join] = []
    for source, join in zip(scope.sources[1:], list(select.args["joins"]), strict=True):
        test = _missing_test(where, scope, source)
        within = set(map(id, [*join.find_all(exp.Column), *(test.find_all(exp.Column) if test is not None else ())]))
        elsewhere = any(field.alias == source.alias and id(column) not in within for column, field in used)
        if join.side == "LEFT" and test is not None and not elsewhere and not _shows_all(select, scope, source):
            _keep(select, [term for term in terms_of(where.this) if term is not test])
            select.args["joins"].remove(join)
            taken.append(join)
            where = select.args.get("where") or exp.Where(this=exp.true())
    return taken


def _names_one(column: exp.Column) -> bool:
    return isinstance(column.this, exp.Identifier)


def _missing_test(where: exp.Expr, scope: Scope, source: Source) -> exp.Expr | None:
    """`column IS NULL` of a column that every row of the source fills."""
    for term in terms_of(where.this):
        if isinstance(term, exp.Is) and isinstance(term.expression, exp.Null) and isinstance(term.this, exp.Column):
            field = scope.field(term.this)
            filled = not scope.column(field).nullable or field.column in source.table.primary_key
            if field.alias == source.alias and filled:
                return term
    return None


def _shows_all(select: exp.Select, scope: Scope, source: Source) -> bool:
    """Whether a star of the select list means the source too."""
    for item in select.expressions:
        if isinstance(item, exp.Star):
            return True
        star = isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
        if star and scope.source(item.args["table"]).alias == source.alias:
            return True
    return False


class _Weaver:
    """Takes tests into the statement `plain`, which has none."""

    def __init__(
        self,
        schema: Schema,
        scope: Scope,
        links: tuple[Link, ...],
        where: tuple[Predicate, ...],
        plain: Select,
        number: int,
    ) -> None:
        self._schema = schema
        self._scope = scope
        self._links = links
        self._plain = plain
        self._number = number
        self._where = (*where, *plain.predicates)
        self._tree = Tree(plain.driver, plain.joins, plain.predicates)
        self._once: tuple[Field, ...] = ()
        self._related: list[Related] = []
        self._beside: list[Beside] = []

    def weave(self, tests: Sequence[Test]) -> Reading:
        apart = [test for test in tests if test.negated or not self._join(test)]
        for test in apart:
            if test.negated or not self._drive(test):
                self._ask(test)
        form = replace(
            self._plain,
            tables=tuple(TableRef(source.alias, source.table.name) for source in self._scope.sources),
            driver=self._tree.driver,
            joins=self._tree.joins,
            predicates=(*self._tree.predicates, *self._related),
            distinct_on=self._once,
        )
        return Reading(form, tuple(self._beside))

    def _with(self, test: Test) -> tuple[Scope, tuple[Link, ...], Tree] | None:
        """The statement with the test's tables joined to it; None when no foreign key does."""
        pairs = tuple(FieldComparison(inner, "=", outer) for outer, inner in test.pairs)
        first, *rest = test.scope.sources
        if {source.alias.lower() for source in test.scope.sources} & {s.alias.lower() for s in self._scope.sources}:
            return None
        scope = Scope(self._scope.dialect, (*self._scope.sources, first, *rest))
        links = (*self._links, Link(first.alias, False, pairs), *test.links)
        try:
            return scope, links, read_tree(scope, links, (*self._where, *test.predicates))
        except Refused:
            return None

    def _join(self, test: Test) -> bool:
        """Takes a parent that must exist as an inner join."""
        found = self._with(test)
        if found is None or found[2].driver != self._tree.driver:
            return False
        self._take(test, found)
        return True

    def _take(self, test: Test, found: tuple[Scope, tuple[Link, ...], Tree]) -> None:
        self._scope, self._links, self._tree = found
        self._where = (*self._where, *test.predicates)

    def _drive(self, test: Test) -> bool:
        """Lets the children drive, when an equality of their own finds them and the outer row is not given by key."""
        found = self._with(test)
        own = any(_is_equality(predicate) for predicate in test.predicates)
        key = next(iter(self._schema.table(self._plain.table(self._plain.driver)).row_keys()), ())
        if found is None or self._once or not own or not key or self._is_given():
            return False
        self._take(test, found)
        self._once = tuple(Field(self._plain.driver, column) for column in key)
        return True

    def _is_given(self) -> bool:
        """Whether equalities name the outer row."""
        driver = self._plain.driver
        equal = (field for p in self._plain.predicates if _is_equality(p) for field in _fields(p))
        fixed = {field.column for field in equal if field.alias == driver}
        return any(set(key) <= fixed for key in _unique_keys(self._schema.table(self._plain.table(driver))))

    def _ask(self, test: Test) -> None:
        """Makes the inner query a statement of its own."""
        number = self._number + 1 + len(self._beside)
        form = self._statement(test)
        columns = tuple((test.scope.table(inner.alias).name, inner.column) for _, inner in test.pairs)
        fields = tuple(outer for outer, _ in test.pairs)
        self._related.append(Related(number, fields, columns, test.negated, test.what))
        self._beside.append(Beside(form, test.what))

    def _statement(self, test: Test) -> Select:
        """The rows that the test looks for, as few as the outer statement's own conditions leave."""
        given = [found for pair in test.pairs for found in self._given(*pair)]
        predicates = tuple(dict.fromkeys((*test.predicates, *given)))
        scope, links = test.scope, test.links
        tree = read_tree(scope, links, predicates)
        if not any(_is_equality(predicate) for predicate in predicates):
            scope, tree = self._narrowed(test, scope, tree)
        shown = [inner for _, inner in test.pairs] or [Field(tree.driver, scope.table(tree.driver).columns[0].name)]
        return Select(
            tables=tuple(TableRef(source.alias, source.table.name) for source in scope.sources),
            driver=tree.driver,
            joins=tree.joins,
            predicates=tree.predicates,
            outputs=tuple(Output(field.column, field) for field in shown),
        )

    def _given(self, outer: Field, inner: Field) -> list[Predicate]:
        """What the outer statement's equalities say about an inner column."""
        same = Classes()
        for join in self._plain.joins:
            for child, parent in join.pairs if not join.outer else ():
                same.unite(Field(join.child, child), Field(join.parent, parent))
        found: list[Predicate] = []
        for predicate in self._plain.predicates:
            match predicate:
                case Comparison(field, "=", _) | Membership(field, _, False) if same.same(field, outer):
                    found.append(replace(predicate, field=inner))
        return found

    def _narrowed(self, test: Test, scope: Scope, tree: Tree) -> tuple[Scope, Tree]:
        """The rows whose parent is one of the outer rows, when that is a parent by a foreign key."""
        aliases = {outer.alias for outer, _ in test.pairs}
        if len(aliases) != 1:
            return scope, tree
        (alias,) = aliases
        own = tuple(p for p in self._plain.predicates if _fields(p) and all(f.alias == alias for f in _fields(p)))
        taken = {source.alias.lower() for source in scope.sources}
        if not own or alias.lower() in taken:
            return scope, tree
        wide = Scope(scope.dialect, (*scope.sources, Source(alias, self._scope.table(alias))))
        pairs = tuple(FieldComparison(inner, "=", outer) for outer, inner in test.pairs)
        try:
            found = read_tree(wide, (*test.links, Link(alias, False, pairs)), (*test.predicates, *own))
        except Refused:
            return scope, tree
        return (wide, found) if found.driver != alias else (scope, tree)


def _is_equality(predicate: Predicate) -> bool:
    match predicate:
        case Comparison(op="=") | Membership(negated=False) | NullTest(negated=False):
            return True
    return False


def _fields(predicate: Predicate) -> tuple[Field, ...]:
    """The fields of a simple predicate; none for one that cannot be moved."""
    match predicate:
        case Comparison(field=field) | Membership(field=field) | NullTest(field=field):
            return (field,)
    return ()


def _unique_keys(table: Table) -> list[tuple[str, ...]]:
    return [*table.row_keys(), *(unique.columns for unique in table.uniques)]
