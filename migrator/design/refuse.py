"""Words for what cannot be served: the clause that stands in the way, and the way out."""

from __future__ import annotations

from migrator.design.attributes import table_at
from migrator.design.data import Data
from migrator.design.needs import Need
from migrator.model.counted import plural
from migrator.model.query import Comparison, Either, FieldComparison, Like, Membership, Parameter, Refusal, Related


def refuse(data: Data, need: Need) -> Refusal:
    """The reason that an expert would give for a need that no legal, bounded request meets."""
    table, rows = need.table, plural(data.rows(need.table), "row")
    related = next((p for p in need.rest if isinstance(p, Related)), None)
    if related is not None:
        return _related(data, need, related)
    contains = next((p for p in need.rest if isinstance(p, Like) and p.prefix is None and not p.negated), None)
    if contains is not None:
        return Refusal(
            f"{contains.field.column} LIKE with a leading wildcard looks inside the text of every row of {table} "
            f"({rows}); a key is found by equality, range or prefix only",
            "search belongs in a search service: feed OpenSearch from the table's stream (zero-ETL integration), "
            "or store the words as items of their own",
        )
    if need.apart:
        return _apart(data, need)
    if any(isinstance(predicate, Either) for predicate in need.rest):
        return Refusal(
            f"its OR joins conditions that no one key of {table} answers, and without it too many rows would be read",
            "declare each side of the OR as a statement under one name; the application combines their rows",
        )
    if any(isinstance(predicate, FieldComparison) for predicate in need.rest):
        return Refusal(
            f"it compares two columns of each row of {table}, which no key can hold, and too many rows would be read",
            "store what the comparison says in a column of its own, or bound the rows with an equality",
        )
    if isinstance(need.offset, Parameter) and not need.equalities:
        return Refusal(
            f"OFFSET :{need.offset.name} may lie anywhere in {table} ({rows}), and DynamoDB reads every row that "
            "it skips",
            "page by the last row seen: WHERE the order columns are beyond it, with ORDER BY and LIMIT",
        )
    if need.gathers and not need.equalities:
        return Refusal(
            f"it aggregates over all of {table} ({rows}) at every call",
            "keep the figures in counter items that the writes (or a Lambda on the stream) maintain, or export the "
            "table to S3 and ask Athena",
        )
    if not need.equalities and not need.bounds and need.limit is None and not need.rest:
        return Refusal(
            f"it lists all of {table} ({rows}), which is a Scan under another name",
            "page through it with ORDER BY ... LIMIT and a range on the last key seen, or export the table to S3",
        )
    return _by_shape(data, need)


def refuse_lists(longest: int, asked: int) -> Refusal:
    """The reason for a need whose lists ask for more than one call sends."""
    return Refusal(
        f"its lists ask for {asked:,} values or combinations of values, each in a request of its own, and one call "
        f"sends at most {longest}",
        f"ask again and again with lists that make at most {longest} combinations; the application joins the rows",
    )


def _related(data: Data, need: Need, related: Related) -> Refusal:
    others = " and ".join(sorted({table for table, _ in related.columns}))
    have = "have no" if related.negated else "have a"
    return Refusal(
        f"rows of {need.table} that {have} {others} ({related.said}) cannot be found by a key, and the other "
        f"conditions leave too many of its {data.rows(need.table):,} rows to test",
        f"keep a counter column on {need.table} that the writes of {others} maintain, or a marker column that is set "
        "only while it holds and that a sparse index finds; or bound the rows with an equality",
    )


def _apart(data: Data, need: Need) -> Refusal:
    columns = sorted(f"{table_at(data.schema, need.table, attr.path)}.{attr.column}" for attr in need.apart)
    return Refusal(
        f"it looks at {', '.join(columns)} of a joined row, which declared writes change (or some of whose rows are "
        f"missing), so that no key of {need.table} can hold it; and without it too many rows would be read",
        "query by the joined row's key in a first step, bound the rows with an equality, or stop changing the column",
    )


def _by_shape(data: Data, need: Need) -> Refusal:
    table = need.table
    unequal = next((p for p in need.rest if isinstance(p, Comparison | Membership | Like)), None)
    if need.strong:
        return Refusal(
            "it asks for strong consistency, and only the table's own key is read so, which this query does not give",
            "declare it with consistency eventual, or query by the table's key",
        )
    if unequal is not None:
        return Refusal(
            f"a condition on {unequal.field.column} that is not an equality, a range or a prefix leaves too many rows "
            f"of {table} to read and throw away",
            "turn it into an equality on a stored flag, or bound the rows with another equality",
        )
    folded = next((bound for bound in need.bounds if bound.op == "prefix" and bound.fold), None)
    if folded is not None and any(attr == folded.attr for attr, _ in need.order):
        column = folded.attr.column
        return Refusal(
            f"LIKE ignores the case of {column}, the order of {column} does not: no key of {table} gives both, and the "
            "rows to sort are not bounded",
            f"say the prefix as a range: {column} >= 'abc' AND {column} < 'abd', which minds the case; or declare "
            f"{column} with COLLATE NOCASE",
        )
    if need.sorted_here or need.order:
        return Refusal(
            f"no key of {table} gives this order together with these conditions, and the rows to sort are not bounded",
            "order by the column that the range is on, in one direction, or bound the rows with an equality",
        )
    return Refusal(
        f"the rows of {table} that it would read are not bounded by its conditions",
        "add an equality on a selective column, or a LIMIT with an order",
    )
