"""What this reader does not turn into a normal form: by name, with a reason and a way out for a DynamoDB user."""

from __future__ import annotations

import re

from sqlglot import exp

from migrator.model.query import Refusal
from migrator.workload.mistakes import Refused
from migrator.workload.placeholders import readable


def stored_join_refusal(why: str) -> Refusal:
    """A join of two lists whose pairs cannot be kept."""
    return Refusal(
        f"A join of two lists is not served: each pair of their rows would be an item of its own, and {why}.",
        "Declare them as several statements under one name, and join their rows in the application.",
    )


COMPUTE_LATER = "Select the plain columns and compute in the application."
STORE_IT = "Store the computed value in a column of its own and compare that column."
COUNTER = "Maintain the figure in a column as rows change, or export the table to S3 and ask with Athena."
SPLIT = (
    "Declare the statements separately under one name; the application combines their answers. If it is a report, "
    "export the table to S3 and ask with Athena."
)

# Arguments of sqlglot's nodes (of one kind of node, or of any) that have a name in SQL:
# what it is called, why it is refused, the way out.
_CLAUSES: dict[str, tuple[str, str, str]] = {
    "with_": ("WITH", "it names intermediate results, which no DynamoDB request can hold", SPLIT),
    "windows": ("WINDOW", "it computes over neighbouring rows", COMPUTE_LATER),
    "qualify": ("QUALIFY", "it filters on values computed over neighbouring rows", COMPUTE_LATER),
    "locks": (
        "FOR UPDATE",
        "DynamoDB holds no locks between requests",
        "Drop it and write with a condition (optimistic locking) or in a transaction.",
    ),
    "sample": ("TABLESAMPLE", "DynamoDB cannot draw a random sample", "Export the table to S3 and sample there."),
    "returning": (
        "RETURNING",
        "the answer of a write is not part of the normal form",
        "Drop it; DynamoDB's ReturnValues gives the item that was written.",
    ),
    "laterals": ("LATERAL", "it runs a query for each row", SPLIT),
    "into": ("SELECT INTO", "it creates a table", "Declare the SELECT alone."),
    "pivots": ("PIVOT", "it turns rows into columns", COMPUTE_LATER),
    "hint": ("the optimizer hint", "it has no meaning on DynamoDB", "Drop it."),
    "hints": ("the index hint", "it has no meaning on DynamoDB", "Drop it."),
    "indexed": ("INDEXED BY", "it has no meaning on DynamoDB", "Drop it."),
    "connect": ("CONNECT BY", "it walks a hierarchy", "Query one level at a time."),
    "only": ("ONLY", "table inheritance is not read", "Query the table itself."),
    "rollup": ("ROLLUP", "it computes groups of groups", COUNTER),
    "cube": ("CUBE", "it computes groups of groups", COUNTER),
    "grouping_sets": ("GROUPING SETS", "it computes groups of groups", COUNTER),
    "group.all": ("GROUP BY ALL", "the groups are not named", "Name the columns to group by."),
    "distinct.on": (
        "DISTINCT ON",
        "it keeps one row of each group",
        "Query one group at a time with ORDER BY and LIMIT 1.",
    ),
    "table.joins": ("a join in parentheses", "its nesting is not read", "Write the joins one after another."),
    "db": ("a table of another schema", "one database schema is migrated", "Query tables of the migrated schema."),
    "limit_options": ("WITH TIES or PERCENT", "the number of rows depends on the data", "Use a plain LIMIT."),
    "symmetric": ("BETWEEN SYMMETRIC", "the bounds may come in either order", "Order the bounds in the application."),
    "in.query": ("IN (SELECT ...)", "it is a query within a query", SPLIT),
    "in.field": ("IN without a list in parentheses", "the values are not listed", "Write IN (:a, :b)."),
    "in.unnest": ("IN UNNEST", "the values are not listed", "Write IN (:a, :b)."),
    "update.from_": (
        "UPDATE ... FROM",
        "it joins other tables to find the rows",
        "Read the keys first, then write by key.",
    ),
    "delete.using": (
        "DELETE ... USING",
        "it joins other tables to find the rows",
        "Read the keys first, then write by key.",
    ),
    "delete.tables": (
        "DELETE of several tables",
        "it joins tables to find the rows",
        "Delete from one table at a time.",
    ),
    "update.order": (
        "ORDER BY in a write",
        "which rows are written depends on order",
        "Read the keys first, then write by key.",
    ),
    "delete.order": (
        "ORDER BY in a write",
        "which rows are written depends on order",
        "Read the keys first, then write by key.",
    ),
    "update.limit": (
        "LIMIT in a write",
        "which rows are written is not said",
        "Read the keys first, then write by key.",
    ),
    "delete.limit": (
        "LIMIT in a write",
        "which rows are written is not said",
        "Read the keys first, then write by key.",
    ),
    "insert.default": ("DEFAULT VALUES", "the values are not in the statement", "Name every column and value."),
    "onconflict.where": (
        "WHERE in ON CONFLICT",
        "the write depends on the row that is there",
        "Update in a second statement.",
    ),
    "onconflict.index_predicate": ("WHERE in ON CONFLICT", "partial indexes are not read", "Name a plain unique key."),
    "onconflict.constraint": (
        "ON CONFLICT ON CONSTRAINT",
        "the key is not spelled out",
        "Name its columns: ON CONFLICT (id).",
    ),
    "star.except_": ("* EXCEPT", "the columns are not listed", "List the columns."),
    "star.replace": ("* REPLACE", "it computes columns", COMPUTE_LATER),
}

# Expressions by sqlglot's class, the more special first.
_EXPRESSIONS: tuple[tuple[tuple[type[exp.Expr], ...], str, str, str], ...] = (
    ((exp.Exists,), "EXISTS (SELECT ...)", "it is a query within a query", SPLIT),
    ((exp.Query, exp.Subquery), "a subquery", "it is a query within a query", SPLIT),
    ((exp.Window,), "a window function", "it computes over neighbouring rows", COMPUTE_LATER),
    ((exp.Filter,), "an aggregate with FILTER", "it counts under a condition", COUNTER),
    ((exp.Any,), "= ANY(...)", "the list's length is not known when the plan is made", "Write IN (:a, :b)."),
    ((exp.All,), "ALL(...)", "it compares with a list", "Compare with the list's largest or smallest value."),
    ((exp.Collate,), "COLLATE", "DynamoDB compares bytes only", "Store the text in the case that you compare."),
    (
        (exp.Cast, exp.TryCast),
        "a cast",
        "DynamoDB converts nothing",
        "Convert in the application, pass the typed value.",
    ),
    ((exp.Case, exp.If), "CASE", "DynamoDB computes nothing in a query", COMPUTE_LATER),
    ((exp.Glob,), "GLOB", "DynamoDB has no patterns", "Ask for a prefix: LIKE :prefix || '%'."),
    ((exp.RegexpLike, exp.RegexpILike), "a regular expression", "DynamoDB has no patterns", "Use a search service."),
    ((exp.SimilarTo,), "SIMILAR TO", "DynamoDB has no patterns", "Ask for a prefix: LIKE :prefix || '%'."),
    ((exp.Match, exp.MatchAgainst), "full-text search", "DynamoDB has none", "Feed a search service from the stream."),
)


def refuse(what: str, why: str, way_out: str) -> Refused:
    """`what` is not served: `why`. The way out is a sentence."""
    return Refused(f"{what[:1].upper()}{what[1:]} is not served: {why}.", way_out)


def clause_name(node: exp.Expr, argument: str) -> str:
    """What SQL calls an argument of a parsed node."""
    clause = _CLAUSES.get(f"{node.key}.{argument}") or _CLAUSES.get(argument)
    return clause[0] if clause else argument.strip("_").replace("_", " ").upper()


def refuse_clause(node: exp.Expr, argument: str) -> Refused:
    """A refusal that names an argument of a parsed node which this reader does not use."""
    given = node.args.get(argument)
    if isinstance(given, exp.With) and given.args.get("recursive"):
        return refuse(
            "WITH RECURSIVE",
            "how many steps it takes depends on the data",
            "Query one level at a time, or store each row's path in a column and ask for its prefix.",
        )
    clause = _CLAUSES.get(f"{node.key}.{argument}") or _CLAUSES.get(argument)
    if clause:
        return refuse(*clause)
    return refuse(
        f"{clause_name(node, argument)} in {node.key.upper()}",
        "its meaning is not read",
        "Write the statement without it.",
    )


def refuse_expression(node: exp.Expr, place: str, way_out: str) -> Refused:
    """A refusal that names an expression in a place (`the select list`, `WHERE` ...) where it is not read."""
    inner = node.find(exp.Exists, exp.Query, exp.Window) or node
    for kinds, name, why, specific in _EXPRESSIONS:
        if isinstance(inner, kinds):
            return refuse(f"{name} in {place} ({show(node)})", why, specific)
    if isinstance(node, exp.AggFunc):
        what = f"the aggregate {function_name(node)} in {place} ({show(node)})"
        return refuse(what, "DynamoDB aggregates nothing", COUNTER)
    if isinstance(node, exp.Func):
        return refuse(
            f"the function {function_name(node)} in {place} ({show(node)})", "DynamoDB computes nothing", way_out
        )
    return refuse(f"the expression {show(node)} in {place}", "DynamoDB computes nothing", way_out)


def function_name(node: exp.Func) -> str:
    """The function's name, lower case."""
    match = re.match(r"\w+(?=\()", show(node))
    return (match.group() if match else node.sql_name()).lower()


def show(node: exp.Expr) -> str:
    """The node as SQL of its tree's dialect, short enough for a sentence."""
    sql = readable(node.sql(dialect=node.root().meta.get("dialect"), comments=False))
    return sql if len(sql) <= 80 else f"{sql[:77]}..."
