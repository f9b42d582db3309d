"""The declared queries, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from migrator.model.query import AccessPattern, Refusal, Select, Statement, Workload, Write
from migrator.model.schema import Schema
from migrator.workload.blocks import Block, read_blocks
from migrator.workload.dialects import parser_dialect
from migrator.workload.inserts import read_insert
from migrator.workload.mistakes import Mistake, Refused, usage_error
from migrator.workload.parse import parse
from migrator.workload.placeholders import Rewritten, rewrite
from migrator.workload.refusals import SPLIT, refuse
from migrator.workload.scan import Token
from migrator.workload.selects import item_texts, read_select
from migrator.workload.spelling import check_names
from migrator.workload.unions import branches, keeps_duplicates
from migrator.workload.uses import parameter_uses
from migrator.workload.within import Reading, read_query
from migrator.workload.writes import read_delete, read_update
from migrator.workload.writing import write_select

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
    for whole, listed in zip(block.statements, apart, strict=True):
        for number, tokens in enumerate(listed):
            read, anonymous = _statements(tokens, schema, dialect, where, anonymous, len(statements))
            statements += [_united(one, whole) for one in read] if number else read
    kind = _kind(block, where)
    rate = block.rate or (READ_RATE if kind == "read" else WRITE_RATE)
    peak = block.peak or PEAK_FACTOR * rate
    if peak < rate:
        what = f"the peak of {block.name}, {peak:g}/s, is below its rate, {rate:g}/s"
        raise usage_error(where, block.line, what, "The peak is the busiest second: at least the rate.")
    return AccessPattern(
        name=block.name,
        line=block.line,
        sql=";\n".join(statement.sql for statement in statements if statement.made_of is None),
        kind=kind,
        rate=rate,
        peak=peak,
        consistency=block.consistency or "eventual",
        statements=tuple(statements),
        assumptions=(
            *_unions(block, apart),
            *_meanings(statements, block),
            *_assumptions(block, kind, rate, peak, anonymous),
        ),
    )


def _united(statement: Statement, whole: tuple[Token, ...]) -> Statement:
    """A branch of a UNION that is not its first."""
    if statement.made_of is not None:
        return statement
    return replace(statement, united="all" if keeps_duplicates(whole) else "distinct")


def _unions(block: Block, apart: Sequence[tuple[tuple[Token, ...], ...]]) -> tuple[str, ...]:
    united = [tokens for tokens, listed in zip(block.statements, apart, strict=True) if len(listed) > 1]
    told = {
        True: "UNION ALL: each SELECT is a statement of its own, and the application appends their rows",
        False: "UNION: each SELECT is a statement of its own, and the application appends their rows and keeps equal "
        "ones once",
    }
    return tuple(told[kept] for kept in sorted({keeps_duplicates(tokens) for tokens in united}))


def _meanings(statements: Sequence[Statement], block: Block) -> tuple[str, ...]:
    """What the statements mean on DynamoDB, where that is not what one might think."""
    found = []
    if any(token.is_word("returning") for tokens in block.statements for token in tokens):
        found.append(
            "RETURNING: the application knows what it inserts; of one item that is updated or deleted, ReturnValues "
            "ALL_NEW or ALL_OLD gives the columns, and a transaction gives none"
        )
    for number, statement in enumerate(statements, start=1):
        if statement.made_of is not None:
            found.append(f"{statement.made_of}: the inner query is statement {number}, {statement.sql}")
        if isinstance(statement.form, Select) and statement.form.offset is not None:
            found.append(
                "OFFSET: DynamoDB reads the rows that are left out and they are paid for, so that deep pages cost what "
                "they skip; a range on the last key seen costs the same for every page"
            )
    return tuple(found)


def _assumptions(block: Block, kind: str, rate: float, peak: float, anonymous: int) -> tuple[str, ...]:
    found = []
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


def _statements(
    tokens: tuple[Token, ...], schema: Schema, dialect: str, where: str, anonymous: int, number: int
) -> tuple[list[Statement], int]:
    """The statement, and those that were made of its inner queries; `number` is its own in the pattern."""
    line = tokens[0].line
    try:
        rewritten = rewrite(tokens, anonymous)
        read, refusal, paired = _form(rewritten, tokens, schema, dialect, number)
    except Mistake as mistake:
        raise usage_error(where, line + mistake.line - 1, mistake.what, mistake.next_step) from None
    form, beside = (read.form, read.beside) if isinstance(read, Reading) else (read, ())
    told = form if form is not None else paired
    parameters = parameter_uses(told) if told is not None else ()
    own = Statement(rewritten.sql, line, form, parameters, refusal, paired=paired)
    made = (
        Statement(write_select(one.form, dialect), line, one.form, parameter_uses(one.form), made_of=one.what)
        for one in beside
    )
    return [own, *made], rewritten.anonymous


def _form(
    rewritten: Rewritten, tokens: Sequence[Token], schema: Schema, dialect: str, number: int
) -> tuple[Reading | Write | None, Refusal | None, Select | None]:
    """The normal form, or why there is none; and what a refused join of two lists would be."""
    tree: exp.Expr | None = None
    try:
        tree = parse(rewritten.parsed, dialect)
        return _normal_form(tree, schema, dialect, tokens, number), None, None
    except Refused as refused:
        if tree is not None:
            check_names(tree, schema, dialect)
        return None, refused.refusal, _paired(tree, schema, dialect, tokens)
    except RecursionError:
        deep = refuse("a statement nested this deeply", "it exceeds what is read", "Simplify it.")
        return None, deep.refusal, None


def _paired(tree: exp.Expr | None, schema: Schema, dialect: str, tokens: Sequence[Token]) -> Select | None:
    """A join of two lists that is all there is to refuse."""
    if not isinstance(tree, exp.Select) or len(tree.args.get("joins") or ()) != 1:
        return None
    try:
        return read_select(tree, schema, dialect, item_texts(tokens), pairs=True)
    except (Refused, Mistake):
        return None


def _set_operation(tree: exp.SetOperation) -> Refused:
    name = tree.key.upper()
    if isinstance(tree, exp.Union) and any(tree.args.get(clause) for clause in ("order", "limit", "offset")):
        return refuse(
            f"{name} with ORDER BY or LIMIT of all rows together",
            "no request reads two lists in one order",
            "Declare the SELECTs as statements under one name, each with the order and the limit; the application "
            "merges their rows and takes the limit.",
        )
    why = "it combines two answers" if isinstance(tree, exp.Union) else "it compares two answers"
    return refuse(name, why, SPLIT)


def _normal_form(tree: exp.Expr, schema: Schema, dialect: str, tokens: Sequence[Token], number: int) -> Reading | Write:
    match tree:
        case exp.Select():
            return read_query(tree, schema, dialect, item_texts(tokens), number)
        case exp.Insert():
            return read_insert(tree, schema, dialect)
        case exp.Update():
            return read_update(tree, schema, dialect)
        case exp.Delete():
            return read_delete(tree, schema, dialect)
        case exp.SetOperation():
            raise _set_operation(tree)
        case exp.Query() | exp.Values() | exp.Subquery():
            raise refuse(f"{tree.key.upper()} as a statement", "it is not a plain SELECT", "Write SELECT ... FROM.")
        case _:
            name = tokens[0].text.upper()
            why = "only SELECT, INSERT, UPDATE and DELETE are read"
            raise refuse(f"the statement {name}", why, "Remove it, or declare what it does with those.")
