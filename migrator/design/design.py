"""A design: keys in slots, and the path each read takes. Nothing here knows how an item is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.design.arrange import Span
from migrator.design.attributes import Attr
from migrator.design.conditions import Condition
from migrator.design.homes import Home
from migrator.design.needs import Bound, Need
from migrator.model.query import Refusal
from migrator.model.unit import Measure

TABLE = "table"


@dataclass(frozen=True, slots=True, order=True)
class KeyPart:
    """An attribute's place in a key. `fold`: ASCII case is folded, so that equal means equal but for case."""

    attr: Attr
    fold: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Template:
    """A key of one entity in one slot. An empty partition is one constant value, spread over `shards`. `where`: what
    must hold for a row to stand there, an index only. `cuts`: parts of the sort key that stand before the entity's own
    tag, as a path whose levels end there (design/branches.py), in the table only."""

    partition: tuple[KeyPart, ...]
    sort: tuple[KeyPart, ...]
    where: tuple[Condition, ...] = ()
    cuts: tuple[int, ...] = ()

    def attrs(self) -> tuple[Attr, ...]:
        """Every attribute that decides where a row's item stands, and whether it does."""
        parts = tuple(part.attr for part in (*self.partition, *self.sort))
        return (*parts, *(kept.attr for kept in self.where if kept.attr not in parts))

    @property
    def stateful(self) -> bool:
        """Whether only rows in some literal state stand there."""
        return any(kept.values for kept in self.where)


@dataclass(frozen=True, slots=True, order=True)
class Embedding:
    """Rows of a table that live within the item of the row of `parent` that they refer to by `reference`, a foreign
    key's name. `key`: the columns of their key beside the reference, which tell those of one parent apart."""

    table: str
    parent: str
    reference: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Counter items of a table's rows: one for each group of rows that share the values of the template's own
    columns, which are never NULL. `measures`: what it keeps of them, the count of rows first."""

    table: str
    template: Template
    measures: tuple[Measure, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that tell its groups apart, in the order of its key."""
        return tuple(attr.column for attr in self.template.attrs())


@dataclass(frozen=True, slots=True)
class View:
    """A template that an entity has. `base`: in the table itself, where its key names the row. `edge`: in the table
    too, as a second item of the row. `aggregate`: in the table, as the key of its counter items. Otherwise in an
    index. Entries of an index and second items hold `only` these attributes beside the keys; None: all."""

    template: Template
    base: bool
    edge: bool = False
    only: tuple[Attr, ...] | None = None
    aggregate: Aggregate | None = None

    @property
    def narrow(self) -> bool:
        """An index or a second item that holds less than whole items."""
        return self.only is not None

    @property
    def indexed(self) -> bool:
        return not (self.base or self.edge or self.aggregate)


@dataclass(frozen=True, slots=True)
class Path:
    """How a need is met by one view. `matched` parts of the sort key are fixed by equalities; then `bounds`
    on the next one. `fan` requests run side by side (IN lists). `limited`: the request's own limit is the
    statement's. Sizes are a call's means: items and bytes read in all requests together.
    `exact`: nothing is left to drop or to sort in what the requests give.
    `via_guard`: first a guard item by these unique columns, then the row. `hydrated`: the index gives keys, by which
    the rows are read then."""

    view: View
    matched: int
    bounds: tuple[Bound, ...]
    forward: bool
    limited: bool
    over_reads: bool
    fan: int
    items: float
    bytes: float
    read_units: float
    round_trips: int = 1
    via_guard: tuple[str, ...] = ()
    exact: bool = True
    hydrated: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A path that was possible and dearer, or impossible, and why. Dollars a month."""

    path: str
    why: str
    monthly_usd: float | None = None
    round_trips: int | None = None


@dataclass(frozen=True, slots=True)
class JoinStep:
    """Where an alias' columns come from. how: copy (onto the driver's item), known (its key is given by the
    parameters: read beside the driver), follow (read after `after`, the alias that holds its key), within (its item
    holds the driver's row)."""

    alias: str
    how: str
    path: tuple[str, ...]
    table: str
    after: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A need with its path. `steps` in the order they are taken. `through`: what is asked of the rows that hold the
    need's own ones, where these are embedded; the path is its."""

    need: Need
    path: Path
    steps: tuple[JoinStep, ...]
    read_units: float
    round_trips: int
    monthly_usd: float
    rejected: tuple[Rejected, ...] = ()
    through: Need | None = None

    @property
    def asked(self) -> Need:
        """The need that the requests are made of."""
        return self.through or self.need


@dataclass(frozen=True, slots=True)
class EntityDesign:
    """One source table's keys: the base key and a view for each index it appears in (GSI1 first).
    `copies`: ancestors' attributes that its item carries. `shards` for constant partitions, by slot. `projected`: by
    index or second item what it holds beside the keys, where that is not all. `edges`: templates of second items of
    each row in the table, by names that stand for slots; `edge_usd`: dollars a month that writing and storing each
    takes. `within`: it has no items, its rows live in those of another."""

    table: str
    key: tuple[str, ...]
    views: tuple[tuple[str, Template], ...]
    copies: tuple[Attr, ...] = ()
    guards: tuple[tuple[str, ...], ...] = ()
    expires: str | None = None
    shards: tuple[tuple[str, int], ...] = ()
    projected: tuple[tuple[str, tuple[Attr, ...]], ...] = ()
    edges: tuple[tuple[str, Template], ...] = ()
    within: Embedding | None = None
    edge_usd: tuple[tuple[str, float], ...] = ()

    def template(self, slot: str) -> Template:
        return dict((*self.views, *self.edges))[slot]

    def slot_of(self, view: View) -> str:
        """The slot that a view stands in, or what its edge is called."""
        if view.edge:
            return next(n for n, kept in self.edges if kept == view.template and self.only(n) == view.only)
        return next(
            slot
            for slot, kept in self.views
            if kept == view.template and (slot == TABLE) == view.base and self.only(slot) == view.only
        )

    def only(self, slot: str) -> tuple[Attr, ...] | None:
        """What the entries of an index, or second items, hold beside the keys; None: all."""
        return dict(self.projected).get(slot)

    def shard_count(self, slot: str) -> int:
        return dict(self.shards).get(slot, 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """An aggregate that the design keeps. `groups`: about how many items it has, of `bytes` each. `monthly_usd`:
    what keeping it costs, in dollars a month; `updates`: writes a second of its busiest item at the peak."""

    aggregate: Aggregate
    groups: float
    bytes: float
    monthly_usd: float
    updates: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of several parts of a pattern that one Query of a slot gives. `uses`: (statement number, alias) of each
    part's own or joined rows. `limited`: the statement whose limit ends the reading, with `singles` items of
    other entities read before it. `forward`: the direction of reading. `saved_usd`: what asking for each use by
    itself, as tables of their own would need, costs more in a month. `depth`: how many levels of the path name the
    branch that is read; 0 for partitions."""

    slot: str
    uses: tuple[tuple[int, str], ...]
    limited: int | None = None
    singles: int = 0
    forward: bool = True
    saved_usd: float = 0.0
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ReadDesign:
    """A read pattern: every SELECT served, or the whole refused. Units and dollars count what is gathered once."""

    pattern: str
    served: tuple[Served, ...] = ()
    refusal: Refusal | None = None
    gathered: tuple[Gathered, ...] = ()
    read_units: float = 0.0
    monthly_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Frontier:
    """What the best design found with that many indexes costs a month, and how many reads it refuses."""

    indexes: int
    monthly_usd: float
    round_trips: int
    refused: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Entities that lie side by side at one home in a slot: in its partitions, or in branches of them."""

    slot: str
    home: Home
    span: Span


@dataclass(frozen=True, slots=True)
class Design:
    """The designer's answer. `candidates` counts the templates that were weighed. No design made of them costs
    less than `bound` dollars a month; the objective is this design's cost."""

    entities: tuple[EntityDesign, ...]
    reads: tuple[ReadDesign, ...]
    frontier: tuple[Frontier, ...]
    candidates: int
    solver: str
    objective: float
    bound: float
    neighbours: tuple[Neighbours, ...] = ()
    assumptions: tuple[str, ...] = field(default=())
    aggregates: tuple[Kept, ...] = ()

    def entity(self, table: str) -> EntityDesign:
        return next(entity for entity in self.entities if entity.table == table)

    def held_by(self, table: str) -> Embedding | None:
        """The rows that live within a table's items."""
        held = (entity.within for entity in self.entities if entity.within is not None)
        return next((made for made in held if made.parent == table), None)
