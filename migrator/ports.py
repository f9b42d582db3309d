"""How loading and verifying know the outside: small protocols, and the faults that cross them.

Items and keys are in DynamoDB's wire form: {"PK": {"S": "..."}, "total": {"N": "12.5"}}; bytes stay bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, overload

from migrator.model.errors import MigrateError
from migrator.model.unit import Chunk, RowValue, Unit, UnitShape
from migrator.plan.itemtext import read_item_text
from migrator.plan.offload import Pointer, StoredObject
from migrator.plan.values import Item as Item

Key = Mapping[str, Mapping[str, Any]]

ROWS_AT_ONCE = 500


class RowSource(Protocol):
    """One moment of the source. Safe to use from several threads."""

    def fingerprint(self) -> str:
        """Names the moment: equal fingerprints, equal contents."""
        ...

    def chunks(self, shape: UnitShape, rows_per_chunk: int) -> tuple[Chunk, ...]:
        """Splits a table's key order into stretches of about that many rows; one chunk when it is empty."""
        ...

    def units(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
    ) -> AbstractContextManager[Iterator[Unit]]:
        """The chunk's units in key order, from just after the key `after` when one is given."""
        ...

    def count(self, table: str) -> int: ...

    def run(self, sql: str, parameters: Mapping[str, RowValue]) -> tuple[tuple[str, ...], list[tuple[RowValue, ...]]]:
        """Runs a declared SELECT (placeholders `:name`): names of its columns, and its rows, values raw."""
        ...

    def find(self, shape: UnitShape, keys: Sequence[Sequence[RowValue]]) -> tuple[Unit, ...]:
        """The units of these keys, as far as they are there."""
        ...

    def sample(self, shape: UnitShape, rows: int) -> tuple[Unit, ...]:
        """At most that many units, spread over the key order, the same ones every time."""
        ...


class BareRows(Protocol):
    """What a RowSource may give besides: the values of its units as bare tuples, many at a time, which takes a
    fraction of the time. Only for shapes whose units are nothing but their values."""

    def rows(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
    ) -> AbstractContextManager[Iterator[list[tuple[RowValue, ...]]]]: ...


@contextmanager
def rows_of(
    source: RowSource, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
) -> Iterator[Iterator[list[tuple[RowValue, ...]]]]:
    """The values of the chunk's units in lists, as the source gives them or taken from its units."""
    bare: Any = getattr(source, "rows", None)
    if callable(bare):
        with bare(shape, chunk, after) as rows:
            yield rows
        return
    with source.units(shape, chunk, after) as units:
        values = (unit.values for unit in units)
        yield iter(lambda: list(islice(values, ROWS_AT_ONCE)), [])


@dataclass(frozen=True, slots=True)
class Put:
    """Put an item under a condition. `names`/`values` are the condition's placeholders. `text` is the item's
    wire JSON (bytes as base64), for a sink to send as it is, when who puts it has made it anyway."""

    item: Item
    condition: str | None = None
    names: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A condition on an item that the transaction does not write."""

    key: Key
    condition: str
    names: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """Takes the item under that primary key away, if it is there."""

    key: Key


Action = Put | Check | Delete
"""What a transaction does to one item."""


class Inserts(Sequence[Action]):
    """Some actions, then new items by their wire JSON, each on the condition that nothing stands under its key. A sink
    may send the texts as they are; as a sequence it is the actions that they stand for."""

    __slots__ = ("lead", "partition_key", "texts")

    def __init__(self, lead: Sequence[Action], texts: Sequence[str], partition_key: str) -> None:
        self.lead = tuple(lead)
        self.texts = texts
        self.partition_key = partition_key

    def __len__(self) -> int:
        return len(self.lead) + len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Action: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Action]: ...
    def __getitem__(self, place: int | slice) -> Action | Sequence[Action]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        at = range(len(self))[place] - len(self.lead)
        return self.lead[at] if at < 0 else self.insert(self.texts[at])

    def insert(self, text: str) -> Put:
        """The put of one text."""
        condition, names = "attribute_not_exists(#pk)", (("#pk", self.partition_key),)
        return Put(read_item_text(text), condition, names, text=text)


@dataclass(frozen=True, slots=True)
class CancelReason:
    """Why one action of a cancelled transaction was not taken: DynamoDB's code ("None" for an innocent one),
    and the item that stood in the way when the service tells."""

    code: str
    message: str
    item: Item | None = None


class StoreFault(Exception):
    """A request failed. The kind of fault, not its text, decides what happens next."""


class Throttled(StoreFault):
    """Asked to slow down, or a conflict that passes: retry after a wait, with less concurrency."""


class Conflicted(Throttled):
    """Another transaction is under way for one of the items."""


class Unreachable(StoreFault):
    """No answer, a reset or a server fault: the request may or may not have been carried out; retry it."""


class TransactionCancelled(StoreFault):
    """The transaction was not carried out; one reason for each action, in order."""

    def __init__(self, reasons: Sequence[CancelReason]) -> None:
        super().__init__(", ".join(sorted({reason.code for reason in reasons} - {"None"})))
        self.reasons = tuple(reasons)


class Refused(StoreFault):
    """The service will never accept this request (a validation error): `code` and its own message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Denied(StoreFault):
    """Credentials missing, expired or not allowed: nothing helps but the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Gone(StoreFault):
    """The table is not there (any more)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def explain(fault: StoreFault, doing: str) -> MigrateError:
    """The user's error for a fault that ended the work; `doing` completes "while ..."."""
    return MigrateError(f"{fault} (while {doing})", _next_step(fault))


def _next_step(fault: StoreFault) -> str:
    match fault:
        case Denied():
            return "check credentials, role and permissions, then run the same command again"
        case Gone():
            return "check table name, account, region and endpoint; `migrate apply` creates the table"
        case Conflicted():
            return "find who else writes to the table, then run the same command again"
        case Throttled():
            return "wait, or raise the table's write capacity, then run the same command again"
        case Unreachable():
            return "check endpoint and network, then run the same command again"
        case _:
            return "this is not a fault that a retry helps: check the plan against the table, and report it"


class ItemSink(Protocol):
    """Where items go. Each call is one request and is never retried inside; faults are StoreFaults."""

    def transact(self, actions: Sequence[Action], token: str) -> None:
        """All actions or none. A token repeated with the same actions writes once (within the service's ten
        minutes)."""
        ...

    def put_all(self, texts: Sequence[str]) -> list[str]:
        """Puts items, given as their wire JSON, over whatever stands there: at most 25, each key once. Those that
        the service has left undone."""
        ...

    def put(self, put: Put) -> None:
        """A failed condition is a TransactionCancelled with one reason."""
        ...

    def get(self, key: Key) -> Item | None:
        """The item under that primary key, read consistently."""
        ...

    def delete(self, keys: Sequence[Key]) -> None:
        """At most 25 keys; Throttled when some were left, and asking again for all of them is safe."""
        ...


@dataclass(frozen=True, slots=True)
class Write:
    """One write: `operation` Put, Update, Delete or ConditionCheck, and DynamoDB's own parameters without
    TableName. A condition that fails gives the item back where the service can."""

    operation: str
    call: Mapping[str, Any]


class ItemWriter(Protocol):
    """Where planned writes go. One call is one request, never retried inside; a failed condition is a
    TransactionCancelled with one reason for each write, in order."""

    def write(self, write: Write) -> None: ...

    def transact(self, writes: Sequence[Write]) -> None:
        """All or none; at most 100, each on an item of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """An object as its store tells of it. `sha256` (hexadecimal) is None where the store does not know it."""

    size: int
    sha256: str | None


class ObjectStore(Protocol):
    """Where large values go. Faults are StoreFaults. Safe to use from several threads."""

    def put(self, stored: StoredObject) -> None:
        """One request, never retried inside; putting the same object again changes nothing."""
        ...

    def look(self, pointer: Pointer) -> Found | None:
        """None when there is no such object. Repeated inside as far as that helps, as is `get`."""
        ...

    def get(self, pointer: Pointer) -> bytes | None: ...


class PlainReader(Protocol):
    """What an ItemReader may give besides: items as their JSON has them, for a fraction of the time."""

    def get_plain(self, keys: Sequence[str]) -> list[dict[str, dict[str, Any]]]:
        """`get_batch` by keys in JSON; items with bytes in base64."""
        ...


class ItemReader(Protocol):
    """Reads items back. Batches of at most 100 keys; unprocessed keys are asked again inside."""

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        """The items found under those primary keys, read consistently, in no order."""
        ...

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        """Pages of a Query; `call` holds DynamoDB's own parameters without TableName."""
        ...

    def scan(self) -> Iterator[list[Item]]:
        """Pages of the whole table; only ever called when the user allowed it."""
        ...
