"""A declared query in the plan: its verdict, its requests, and what its statements take from their items."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.query import ParameterUse, Predicate, Select
from migrator.model.schema import Kind
from migrator.plan.action import Action, KeyPair


@dataclass(frozen=True, slots=True)
class SortCondition:
    """A condition on the slot's sort key: op = < <= > >= begins_with between; values are request templates."""

    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A DynamoDB request with placeholders: `{:name}` a parameter, `{0.attribute}` an attribute of each item
    that request 0 gave (which then stands in `after`). `limit` is None, a number or a placeholder.
    A sharded partition holds `{shard}`, which runs over 0 .. shards-1. A write's `actions` say it formally, a
    single one too. `each`: it is sent once for each item that this request gave, apart from the others. `expect`
    some or none, or "some other" or "no other" than the items at hand that are written: where a read that could be
    asked gives otherwise, nothing is written. `where`: the program checks these on each item that the read gave, and
    drops those that fail. `may_fail`: a failed condition means that there
    was nothing to do. `added_up`: entities of which several actions may change the figures of one item; they are
    sent as one update, for DynamoDB takes one action an item."""

    operation: str
    entities: tuple[str, ...]
    index: str | None = None
    partition: str | None = None
    sort: SortCondition | None = None
    filter: tuple[str, ...] = ()
    forward: bool = True
    limit: str | None = None
    consistent: bool = False
    shards: int | None = None
    after: tuple[int, ...] = ()
    keys: tuple[KeyPair, ...] = ()
    condition: str | None = None
    update: str | None = None
    actions: tuple[Action, ...] = ()
    each: int | None = None
    expect: str | None = None
    where: tuple[Predicate, ...] = ()
    may_fail: bool = False
    added_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where the columns of a joined alias come from: `copy` (attributes on the driver's item) or `item`
    (items of `entity` among the answers of `requests`)."""

    alias: str
    how: str
    entity: str
    requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One SELECT of a pattern: its normal form, its own SQL, the driver's entity, the requests whose items
    are the driver's rows, and where joined aliases come from. `complete`: the requests give every row that
    the predicates accept, so order and limit are applied here; otherwise the request's own order and limit
    already are the statement's. `inner`: nobody declared it; it tells which rows of other parts count. `united`: its
    rows go to those of the part before, "all" of them or the "distinct" ones."""

    sql: str
    select: Select
    entity: str
    requests: tuple[int, ...]
    resolutions: tuple[Resolution, ...] = ()
    complete: bool = True
    inner: bool = False
    united: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedPath:
    """An access path that was not taken. Dollars a month; None when it cannot be priced."""

    path: str
    why: str
    monthly_usd: float | None = None
    round_trips: int | None = None


@dataclass(frozen=True, slots=True)
class PatternParameter:
    """A parameter of a declared query: the column it meets says how text is read as a value."""

    use: ParameterUse
    kind: Kind


@dataclass(frozen=True, slots=True)
class PlannedPattern:
    """A declared query with its verdict. Units are a call's; dollars a month at the declared rate."""

    name: str
    sql: str
    kind: str
    rate: float
    peak: float
    status: str
    reason: str | None = None
    way_out: str | None = None
    accepted: str | None = None
    consistency: str = "eventual"
    requests: tuple[Request, ...] = ()
    parts: tuple[Part, ...] = ()
    parameters: tuple[PatternParameter, ...] = ()
    assemble: str = ""
    round_trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    monthly_usd: float = 0.0
    rejected: tuple[RejectedPath, ...] = ()
    notes: tuple[str, ...] = ()

    def key_kinds(self) -> dict[str, Kind]:
        """Each parameter's kind where it meets a key: equalities first."""
        rank = {"equality": 0, "prefix": 1, "range": 2}
        ordered = sorted(self.parameters, key=lambda p: rank.get(p.use.role, 3), reverse=True)
        return {parameter.use.name: parameter.kind for parameter in ordered}
