"""Several loaders at once on one store, one request at a time: a seed decides who is next and what goes wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from migrator.plan.itemtext import read_item_text
from migrator.ports import Action, Item, Key, Put, Refused, StoreFault, Throttled, Unreachable

from tests.load.store import Call, Store

STEPS = 20_000
"""More than any run of the tests needs: a load that does not end is a finding."""


class Crash(BaseException):
    """The loader's process ends here."""


Play = Callable[["StageSink", int], None]
"""A loader's life, to its end: the number says which."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Of 1, for each request."""

    throttle: float = 0.05
    server: float = 0.03
    lost: float = 0.05
    delayed: float = 0.05
    doubled: float = 0.05
    left: float = 0.0
    """That some of a batch is left unprocessed."""
    crash: float = 0.02
    arrival: float = 0.2
    """That something on its way arrives before the next request."""
    sleep: float = 0.02
    """That the tokens' ten minutes pass."""


class Actor:
    """A loader in a thread of its own, which runs only while its request is being answered."""

    def __init__(self, stage: Stage, play: Play, number: int) -> None:
        self.call: Call | None = None
        self.answer: Any = None
        self.error: BaseException | None = None
        self.ended = False
        self.life = 0
        self.number = number
        self._stage = stage
        self._play = play
        self._turn = threading.Semaphore(0)

    def begin(self) -> None:
        """A new life. Returns when it asks for something, or has ended."""
        self.call, self.ended = None, False
        self.life += 1
        threading.Thread(target=self._live, daemon=True).start()
        self._stage.wait()

    def go_on(self, answer: Any) -> None:
        self.call, self.answer = None, answer
        self._turn.release()
        self._stage.wait()

    def ask(self, call: Call) -> Any:
        self.call = call
        self._stage.waiting.release()
        self._turn.acquire()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def _live(self) -> None:
        try:
            self._play(StageSink(self), self.number)
        except Crash:
            self.ended = True
        except BaseException as error:  # whatever a loader dies of is a finding
            self.error = error
        self.ended = True
        self._stage.waiting.release()


class StageSink:
    """The ItemSink of one actor's life."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def transact(self, actions: Sequence[Action], token: str) -> None:
        self._actor.ask(Call("transact", tuple(actions), token=token))

    def put_all(self, texts: Sequence[str]) -> list[str]:
        left: list[str] = self._actor.ask(Call("batch", tuple(Put(read_item_text(t), text=t) for t in texts))) or []
        return left

    def put(self, put: Put) -> None:
        self._actor.ask(Call("put", (put,)))

    def get(self, key: Key) -> Item | None:
        item: Item | None = self._actor.ask(Call("get", keys=(key,)))
        return item

    def delete(self, keys: Sequence[Key]) -> None:
        self._actor.ask(Call("delete", keys=tuple(keys)))

    def gets(self, keys: Sequence[Key]) -> list[Item]:
        items: list[Item] = self._actor.ask(Call("gets", keys=tuple(keys)))
        return items

    def scan(self) -> list[Item]:
        items: list[Item] = self._actor.ask(Call("scan"))
        return items


@dataclass
class Stage:
    """`poisonous` items are refused by the service alone. `met` counts what happened."""

    random: Random
    chances: Chances = field(default_factory=Chances)
    poisonous: Callable[[Item], bool] = lambda item: False
    store: Store = field(default_factory=Store)
    met: Counter[str] = field(default_factory=Counter)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _flight: list[Call] = field(default_factory=list)

    def wait(self) -> None:
        self.waiting.acquire()

    def perform(self, plays: Sequence[Play]) -> None:
        """Until all have ended and all that was on its way has arrived. The first error of a loader."""
        actors = [Actor(self, play, number) for number, play in enumerate(plays)]
        for actor in actors:
            actor.begin()
        for _ in range(STEPS):
            live = [actor for actor in actors if not actor.ended]
            if not live:
                break
            self._step(self.random.choice(live))
        else:
            raise AssertionError(f"no end after {STEPS} requests: {self.met}")
        for call in self._flight:
            self._carry_out(call)
        for actor in actors:
            if actor.error is not None:
                raise actor.error

    def _step(self, actor: Actor) -> None:
        if self._flight and self._happens(self.chances.arrival, "arrival"):
            self._carry_out(self._flight.pop(self.random.randrange(len(self._flight))))
        self.store = self.store.later(self.random.random())
        if self._happens(self.chances.sleep, "sleep"):
            self.store = self.store.later(601.0)
        assert actor.call is not None
        self._answer(actor, actor.call)

    def _answer(self, actor: Actor, call: Call) -> None:
        """One of the things that can happen to a request."""
        chances = self.chances
        if self._happens(chances.crash, "crash"):
            self._flight += [call] if self.random.random() < 0.5 else []
            actor.go_on(Crash())
            actor.begin()
        elif self._happens(chances.throttle, "throttle"):
            actor.go_on(Throttled("told to"))
        elif self._happens(chances.server, "server"):
            actor.go_on(Unreachable("told to"))
        elif self._happens(chances.lost, "lost"):
            self._carry_out(call)
            actor.go_on(Unreachable("told to"))
        elif self._happens(chances.delayed, "delayed"):
            self._flight.append(call)
            actor.go_on(Unreachable("told to"))
        else:
            if self._happens(chances.doubled, "doubled"):
                self._flight.append(call)
            if call.kind == "batch" and self._happens(chances.left, "left"):
                actor.go_on(self._carry_out_some(call))
            else:
                actor.go_on(self._carry_out(call))

    def _carry_out(self, call: Call) -> Any:
        if any(isinstance(action, Put) and self.poisonous(action.item) for action in call.actions):
            return Refused("ValidationException", "not to the service's taste")
        try:
            self.store, answer = self.store.carry_out(call)
            return answer
        except StoreFault as fault:
            return fault

    def _carry_out_some(self, call: Call) -> Any:
        """Some of a batch's items, any of them; the texts of the others."""
        done = [action for action in call.actions if self.random.random() < 0.6]
        fault = self._carry_out(replace(call, actions=tuple(done)))
        left = [action.text for action in call.actions if isinstance(action, Put) and action not in done]
        return left if fault is None else fault

    def _happens(self, chance: float, what: str) -> bool:
        happens = self.random.random() < chance
        self.met[what] += happens
        return happens
