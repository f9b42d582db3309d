"""DynamoDB as the load's protocol sees it: a value, and what one request makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Protocol, TypeVar

from migrator.ports import Action, Item, Key, Put, Refused, Throttled, TransactionCancelled, Unreachable

from tests.load.world import Name, judged, name_of, touched

T = TypeVar("T")

TOKEN_SECONDS = 600.0
"""How long a client request token is remembered."""

MOST_ACTIONS = 100
MOST_DELETES = 25


@dataclass(frozen=True)
class Call:
    """A request of an `ItemSink`: transact, put, batch (of puts), get or delete; or an `ItemReader`'s gets or scan."""

    kind: str
    actions: tuple[Action, ...] = ()
    keys: tuple[Key, ...] = ()
    token: str = ""

    @property
    def writes(self) -> bool:
        return self.kind not in ("get", "gets", "scan")

    @cached_property
    def name(self) -> str:
        """The same for the same request."""
        return repr((self.kind, self.actions, self.keys, self.token))


@dataclass(frozen=True)
class Store:
    """A table's items, how often each was written, and the tokens remembered with when and by which request.
    `now` in seconds."""

    items: Mapping[Name, Item] = field(default_factory=dict)
    writes: Mapping[Name, int] = field(default_factory=dict)
    tokens: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    now: float = 0.0

    def later(self, seconds: float) -> Store:
        """The same, that much later."""
        now = self.now + seconds
        kept = {token: told for token, told in self.tokens.items() if told[0] > now}
        return replace(self, tokens=kept, now=now)

    def carry_out(self, call: Call) -> tuple[Store, Item | list[Item] | None]:
        """The store after the request, and its answer. The fault that DynamoDB answers with when it does nothing."""
        match call.kind:
            case "get":
                return self, self.items.get(name_of(call.keys[0]))
            case "gets":
                assert len(call.keys) <= MOST_ACTIONS
                return self, [self.items[name] for name in map(name_of, call.keys) if name in self.items]
            case "scan":
                return self, list(self.items.values())
            case "transact":
                return self._transact(call), None
            case "delete":
                assert len(call.keys) <= MOST_DELETES
                gone = {name_of(key) for key in call.keys}
                return replace(self, items={n: item for n, item in self.items.items() if n not in gone}), None
            case "put" | "batch":
                return self._commit(call.actions), None
            case _:
                raise AssertionError(call.kind)

    def without(self, names: Sequence[Name]) -> Store:
        """As after somebody else has deleted these items."""
        return replace(self, items={name: item for name, item in self.items.items() if name not in names})

    def _transact(self, call: Call) -> Store:
        assert 1 <= len(call.actions) <= MOST_ACTIONS
        assert 1 <= len(call.token) <= 36
        known = self.tokens.get(call.token)
        if known is not None:
            if known[1] != call.name:
                raise Refused("IdempotentParameterMismatchException", "the token was used with other parameters")
            return self
        after = self._commit(call.actions)
        return replace(after, tokens={**self.tokens, call.token: (self.now + TOKEN_SECONDS, call.name)})

    def _commit(self, actions: Sequence[Action]) -> Store:
        names = [touched(action) for action in actions]
        assert len(set(names)) == len(names), "a transaction names a key once"
        reasons = [judged(action, self.items.get(name)) for action, name in zip(actions, names, strict=True)]
        if any(reason.code != "None" for reason in reasons):
            raise TransactionCancelled(reasons)
        items, writes = dict(self.items), dict(self.writes)
        for name, action in zip(names, actions, strict=True):
            if isinstance(action, Put):
                items[name] = action.item
                writes[name] = writes.get(name, 0) + 1
            elif not hasattr(action, "condition"):
                items.pop(name, None)
        return replace(self, items=items, writes=writes)

    def own(self) -> dict[Name, Item]:
        """Everything but the run's bookkeeping."""
        return {name: item for name, item in self.items.items() if not name[0].startswith("MIGRATE#")}

    def own_writes(self) -> dict[Name, int]:
        return {name: times for name, times in self.writes.items() if not name[0].startswith("MIGRATE#")}

    @cached_property
    def name(self) -> str:
        """Equal for stores that nobody can tell apart, as long as nobody looks at the clock."""
        items = sorted((name, _text(item)) for name, item in self.items.items())
        return repr((items, sorted(self.own_writes().items()), sorted(t[1] for t in self.tokens.values())))


_TEXTS: dict[int, tuple[Item, str]] = {}


def _text(item: Item) -> str:
    """An item as text. Items do not change, and are asked for in store after store."""
    if id(item) not in _TEXTS:
        _TEXTS[id(item)] = item, json.dumps(item, sort_keys=True)
    return _TEXTS[id(item)][1]


class Asking(Protocol):
    """A sink through which a whole table can be read, too."""

    def gets(self, keys: Sequence[Key]) -> list[Item]: ...

    def scan(self) -> list[Item]: ...


@dataclass(frozen=True, slots=True)
class SinkReader:
    """An ItemReader that asks through a sink, one request at a time, until it is answered."""

    sink: Asking

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        return self._answered(partial(self.sink.gets, keys))

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        raise NotImplementedError

    def scan(self) -> Iterator[list[Item]]:
        yield self._answered(self.sink.scan)

    def _answered(self, ask: Callable[[], T]) -> T:
        while True:
            try:
                return ask()
            except (Throttled, Unreachable):
                continue
