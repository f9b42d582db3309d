"""Every interleaving of loaders and faults on a small instance, with the real code of the load.

A loader is a function of the answers it has got. It is run anew from its beginning with the answers so far, and
pauses at its next request: so a loader's state is its answers, and nothing of the protocol is modelled twice. The
table is a value (`store.py`). A state is the table, each loader's answers, the requests still on their way, and how
much may still go wrong. From each state every step is taken that any loader, the network or the clock can take.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from migrator.plan.itemtext import read_item_text
from migrator.ports import Action, Item, Key, Put, StoreFault, Unreachable

from tests.load.store import TOKEN_SECONDS, Call, Store

Program = Callable[["Scripted", str], None]
"""A loader: runs to its end against a sink. The text names its incarnation."""

Check = Callable[[Store], str | None]
"""What is wrong with a table, or None."""

T = TypeVar("T")


class Paused(BaseException):
    """The loader waits for the answer to this request."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class Scripted:
    """An ItemSink that gives these answers, and then pauses."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self._answers = iter(answers)

    def transact(self, actions: Sequence[Action], token: str) -> None:
        self._ask(Call("transact", tuple(actions), token=token))

    def put_all(self, texts: Sequence[str]) -> list[str]:
        self._ask(Call("batch", tuple(Put(read_item_text(text)) for text in texts)))
        return []

    def put(self, put: Put) -> None:
        self._ask(Call("put", (put,)))

    def get(self, key: Key) -> Item | None:
        item: Item | None = self._ask(Call("get", keys=(key,)))
        return item

    def delete(self, keys: Sequence[Key]) -> None:
        self._ask(Call("delete", keys=tuple(keys)))

    def gets(self, keys: Sequence[Key]) -> list[Item]:
        items: list[Item] = self._ask(Call("gets", keys=tuple(keys)))
        return items

    def scan(self) -> list[Item]:
        items: list[Item] = self._ask(Call("scan"))
        return items

    def _ask(self, call: Call) -> Any:
        for answer in self._answers:
            if isinstance(answer, StoreFault):
                raise answer
            return answer
        raise Paused(call)


class Budget(NamedTuple):
    """How much may still go wrong. A time-out's request stays on its way: it may arrive at once (its answer was
    lost), later, or never. So does a duplicate, and what a crashed loader had sent. `deletions`: how often the
    application deletes the deletable row once the load is over."""

    timeouts: int = 0
    duplicates: int = 0
    crashes: int = 0
    expiries: int = 0
    deletions: int = 0


class Loader(NamedTuple):
    """Its incarnation, and the number of the answers that it has got."""

    life: int = 0
    answers: int = 0


class State(NamedTuple):
    """By numbers of the explorer's books."""

    store: int
    loaders: tuple[Loader, ...]
    flight: tuple[int, ...]
    budget: Budget


class Event(NamedTuple):
    """What happened: words, and the request and the loader they are about (-1: none)."""

    words: str
    call: int = -1
    loader: int = -1


class Violation(Exception):
    """A state that must not be: what is wrong, and the shortest way to it."""

    def __init__(self, what: str, steps: Sequence[str]) -> None:
        super().__init__("\n".join([what, *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]))
        self.what = what


class _Book(Generic[T]):
    """Numbers for values, equal ones for equal names."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, name: Hashable, value: T) -> int:
        found = self._numbers.setdefault(name, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


Pending = int | Exception | None
"""A loader's next request; its error; None when it has ended well."""


@dataclass
class Explorer:
    """`always` holds in every state, `finally_` in those where all loaders have ended. `deletable`: the items that
    the application may delete together once `finished` says that the load is over. `states`, `runs`: how many
    states were visited, and how often a loader was run to find its next request."""

    program: Program
    always: Check
    finally_: Check
    finished: Check = lambda store: "no"
    deletable: tuple[tuple[str, str], ...] = ()
    states: int = 0
    runs: int = 0
    _names: tuple[str, ...] = ()
    _stores: _Book[Store] = field(default_factory=_Book)
    _calls: _Book[Call] = field(default_factory=_Book)
    _scripts: _Book[tuple[Any, ...]] = field(default_factory=_Book)
    _pending: dict[tuple[int, Loader], Pending] = field(default_factory=dict)
    _moves: dict[tuple[int, int], tuple[int, Any, str]] = field(default_factory=dict)
    _checked: dict[tuple[int, bool], str | None] = field(default_factory=dict)

    def explore(self, names: Sequence[str], budget: Budget, store: Store | None = None) -> int:
        """Visits every state, and gives their number. Violation with the shortest way to a wrong one."""
        self._names = tuple(names)
        self._scripts.number((), ())
        begun = store or Store()
        first = State(self._stores.number(begun.name, begun), (Loader(),) * len(names), (), budget)
        came: dict[State, tuple[State, Event] | None] = {first: None}
        queue = deque([first])
        while queue:
            state = queue.popleft()
            self.states += 1
            if wrong := self._wrong(state):
                raise Violation(wrong, self._way(came, state))
            for event, after in self._steps(state):
                if after not in came:
                    came[after] = state, event
                    queue.append(after)
        return self.states

    def stores(self) -> Sequence[Store]:
        """Every table that was seen."""
        return self._stores.values

    def _wrong(self, state: State) -> str | None:
        ends = [self._next(place, loader) for place, loader in enumerate(state.loaders)]
        for name, end in zip(self._names, ends, strict=True):
            if isinstance(end, Exception):
                return f"{name} failed: {end}"
        key = state.store, all(end is None for end in ends)
        if key not in self._checked:
            store = self._stores.values[state.store]
            self._checked[key] = self.always(store) or (self.finally_(store) if key[1] else None)
        return self._checked[key]

    def _steps(self, state: State) -> Iterator[tuple[Event, State]]:
        for place, loader in enumerate(state.loaders):
            pending = self._next(place, loader)
            if isinstance(pending, int):
                yield from self._steps_of(state, place, pending)
        for place, call in enumerate(state.flight):
            store, _, _ = self._move(state.store, call)
            rest = state.flight[:place] + state.flight[place + 1 :]
            yield Event("arrives", call), state._replace(store=store, flight=rest)
        yield from self._steps_of_time(state)

    def _steps_of(self, state: State, place: int, call: int) -> Iterator[tuple[Event, State]]:
        """What can become of a loader's request, or of the loader."""
        budget, writes = state.budget, self._calls.values[call].writes
        store, answer, identity = self._move(state.store, call)
        answered = state._replace(store=store, loaders=self._told(state.loaders, place, answer, identity))
        yield Event(_word(answer), call, place), answered
        flying = tuple(sorted((*state.flight, call))) if writes else state.flight
        if budget.timeouts and writes:
            loaders = self._told(state.loaders, place, Unreachable("timed out"), "timed out")
            lost = budget._replace(timeouts=budget.timeouts - 1)
            yield Event("times out", call, place), State(state.store, loaders, flying, lost)
        if budget.duplicates and writes:
            left = budget._replace(duplicates=budget.duplicates - 1)
            yield (
                Event(f"{_word(answer)}, and a copy stays", call, place),
                answered._replace(flight=flying, budget=left),
            )
        if budget.crashes:
            born = Loader(state.loaders[place].life + 1)
            left = budget._replace(crashes=budget.crashes - 1)
            yield (
                Event("crashes", call, place),
                State(state.store, _with(state.loaders, place, born), flying, left),
            )

    def _steps_of_time(self, state: State) -> Iterator[tuple[Event, State]]:
        budget, store = state.budget, self._stores.values[state.store]
        if budget.expiries and store.tokens:
            later = store.later(TOKEN_SECONDS + 1)
            left = budget._replace(expiries=budget.expiries - 1)
            yield Event("ten minutes pass"), state._replace(store=self._stores.number(later.name, later), budget=left)
        if budget.deletions and self.finished(store) is None:
            less = store.without(self.deletable)
            left = budget._replace(deletions=budget.deletions - 1)
            yield (
                Event("the application deletes a row"),
                state._replace(store=self._stores.number(less.name, less), budget=left),
            )

    def _move(self, store: int, call: int) -> tuple[int, Any, str]:
        """The store after the request, the answer, and what tells the answer from others."""
        key = store, call
        if key not in self._moves:
            before = self._stores.values[store]
            answer: Any
            try:
                after, answer = before.carry_out(self._calls.values[call])
            except StoreFault as fault:
                after, answer = before, fault
            identity = f"{type(answer).__name__} {getattr(answer, 'reasons', answer)!r}"
            self._moves[key] = self._stores.number(after.name, after), answer, identity
        return self._moves[key]

    def _told(self, loaders: tuple[Loader, ...], place: int, answer: Any, identity: str) -> tuple[Loader, ...]:
        before = loaders[place]
        name = before.answers, identity
        script = (*self._scripts.values[before.answers], answer)
        return _with(loaders, place, Loader(before.life, self._scripts.number(name, script)))

    def _next(self, place: int, loader: Loader) -> Pending:
        key = place, loader
        if key not in self._pending:
            life = f"{self._names[place]}{loader.life}"
            self._pending[key] = self._run(life, self._scripts.values[loader.answers])
        return self._pending[key]

    def _run(self, life: str, answers: tuple[Any, ...]) -> Pending:
        self.runs += 1
        try:
            self.program(Scripted(answers), life)
        except Paused as paused:
            return self._calls.number(paused.call.name, paused.call)
        except Exception as error:  # any error of a loader is a finding
            return error
        return None

    def _way(self, came: dict[State, tuple[State, Event] | None], state: State) -> list[str]:
        steps: list[str] = []
        while (before := came[state]) is not None:
            state, event = before
            steps.append(self._shown(event))
        return steps[::-1]

    def _shown(self, event: Event) -> str:
        if event.call < 0:
            return event.words
        call = self._calls.values[event.call]
        about = [action.item if isinstance(action, Put) else action.key for action in call.actions] or list(call.keys)
        told = f"{call.kind} {', '.join(item['PK']['S'] for item in about)}: {event.words}"
        return told if event.loader < 0 else f"{self._names[event.loader]}: {told}"


def _with(loaders: tuple[Loader, ...], place: int, loader: Loader) -> tuple[Loader, ...]:
    return (*loaders[:place], loader, *loaders[place + 1 :])


def _word(answer: Any) -> str:
    if isinstance(answer, StoreFault):
        return f"{type(answer).__name__} {answer}"
    return "done" if answer is None else "an item" if isinstance(answer, dict) else "items"
