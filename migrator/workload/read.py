"""The declared queries, read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlglot import exp

from migrator.model.query import AccessPattern, Refusal, Select, Statement, Workload, Write
from migrator.model.schema import Schema
from migrator.workload.blocks import Block, read_blocks
from migrator.workload.dialects import parser_dialect
from migrator.workload.inlining import inline
from migrator.workload.inserts import read_insert
from migrator.workload.mistakes import Mistake, Refused, usage_error
from migrator.workload.parse import parse
from migrator.workload.placeholders import Rewritten, rewrite
from migrator.workload.refusals import SPLIT, refuse
from migrator.workload.scan import Token
from migrator.workload.selects import item_texts, read_select
from migrator.workload.spelling import check_names
from migrator.workload.unions import branches
from migrator.workload.uses import parameter_uses
from migrator.workload.writes import read_delete, read_update

READ_RATE = 1.0
WRITE_RATE = 0.1
PEAK_FACTOR = 4.0
_WRITES = (
    "insert",
    "update",
    "delete",
    "replace",
    "merge",
    "create",
    "alter",
    "drop",
    "truncate",
    "copy",
    "load",
    "import",
)


def read_workload(text: str, schema: Schema, where: str) -> Workload:
    """The access patterns of a queries file, `where` being its name for messages.

    A statement that has no normal form carries a refusal. UsageError, with file and line, when the file is
    malformed: syntax, annotations, unknown or ambiguous names."""
    dialect = parser_dialect(schema.dialect)
    blocks = read_blocks(text.removeprefix("\ufeff"), dialect, where)
    return Workload(tuple(_pattern(block, schema, dialect, where) for block in blocks))


def _pattern(block: Block, schema: Schema, dialect: str, where: str) -> AccessPattern:
    statements: list[Statement] = []
    anonymous = 0
    apart = [branches(tokens) for tokens in block.statements]
    for tokens in (branch for listed in apart for branch in listed):
        statement, anonymous = _statement(tokens, schema, dialect, where, anonymous)
        statements.append(statement)
    kind = _kind(block, where)
    rate = block.rate or (READ_RATE if kind == "read" else WRITE_RATE)
    peak = block.peak or PEAK_FACTOR * rate
    if peak < rate:
        what = f"the peak of {block.name}, {peak:g}/s, is below its rate, {rate:g}/s"
        raise usage_error(where, block.line, what, "The peak is the busiest second: at least the rate.")
    return AccessPattern(
        name=block.name,
        line=block.line,
        sql=";\n".join(statement.sql for statement in statements),
        kind=kind,
        rate=rate,
        peak=peak,
        consistency=block.consistency or "eventual",
        statements=tuple(statements),
        assumptions=_assumptions(block, kind, rate, peak, anonymous, any(len(listed) > 1 for listed in apart)),
    )


def _assumptions(block: Block, kind: str, rate: float, peak: float, anonymous: int, united: bool) -> tuple[str, ...]:
    found = []
    if united:
        found.append("UNION ALL: each SELECT is a statement of its own, and the application appends their rows")
    if block.rate is None:
        found.append(f"rate {rate:g}/s: the file gives none for this {kind}")
    if block.peak is None:
        found.append(f"peak {peak:g}/s: {PEAK_FACTOR:g} x the rate, the file gives none")
    if anonymous and len(block.statements) > 1:
        found.append("each ? is a parameter of its own: name parameters that statements share")
    return tuple(found)


def _kind(block: Block, where: str) -> str:
    """read or write. UsageError when a block does both."""
    kinds = {_statement_kind(tokens) for tokens in block.statements}
    if len(kinds) > 1:
        what = f"the block {block.name} both reads and writes"
        raise usage_error(where, block.line, what, "Declare the reads and the writes as blocks of their own.")
    return kinds.pop()


def _statement_kind(tokens: Sequence[Token]) -> str:
    """By its first word; after WITH, by the first word outside parentheses that begins a statement."""
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.is_word("select", "values", *_WRITES):
            return "read" if token.is_word("select", "values") else "write"
        if not tokens[0].is_word("with"):
            break
    return "read"


def _statement(
    tokens: tuple[Token, ...], schema: Schema, dialect: str, where: str, anonymous: int
) -> tuple[Statement, int]:
    line = tokens[0].line
    try:
        rewritten = rewrite(tokens, anonymous)
        form, refusal = _form(rewritten, tokens, schema, dialect)
    except Mistake as mistake:
        raise usage_error(where, line + mistake.line - 1, mistake.what, mistake.next_step) from None
    parameters = parameter_uses(form) if form is not None else ()
    return Statement(rewritten.sql, line, form, parameters, refusal), rewritten.anonymous


def _form(
    rewritten: Rewritten, tokens: Sequence[Token], schema: Schema, dialect: str
) -> tuple[Select | Write | None, Refusal | None]:
    tree: exp.Expr | None = None
    try:
        tree = parse(rewritten.parsed, dialect)
        return _normal_form(tree, schema, dialect, tokens), None
    except Refused as refused:
        if tree is not None:
            check_names(tree, schema, dialect)
        return None, refused.refusal
    except RecursionError:
        deep = refuse("a statement nested this deeply", "it exceeds what is read", "Simplify it.")
        return None, deep.refusal


def _select(tree: exp.Select, schema: Schema, dialect: str, texts: Sequence[str]) -> Select:
    """The normal form of a SELECT, or of the plain one that says the same."""
    try:
        return read_select(tree, schema, dialect, texts)
    except Refused:
        inlined = inline(tree, schema)
        if inlined is not None:
            with suppress(Refused, Mistake):
                found = read_select(inlined.select, schema, dialect, texts)
                if found.driver.lower() not in {alias.lower() for alias in inlined.joined}:
                    return found
        raise


def _normal_form(tree: exp.Expr, schema: Schema, dialect: str, tokens: Sequence[Token]) -> Select | Write:
    match tree:
        case exp.Select():
            return _select(tree, schema, dialect, item_texts(tokens))
        case exp.Insert():
            return read_insert(tree, schema, dialect)
        case exp.Update():
            return read_update(tree, schema, dialect)
        case exp.Delete():
            return read_delete(tree, schema, dialect)
        case exp.SetOperation():
            raise refuse(tree.key.upper(), "it combines two answers", SPLIT)
        case exp.Query() | exp.Values() | exp.Subquery():
            raise refuse(f"{tree.key.upper()} as a statement", "it is not a plain SELECT", "Write SELECT ... FROM.")
        case _:
            name = tokens[0].text.upper()
            why = "only SELECT, INSERT, UPDATE and DELETE are read"
            raise refuse(f"the statement {name}", why, "Remove it, or declare what it does with those.")
