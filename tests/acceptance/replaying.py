"""An application loop: the sample's declared queries, sent through SQLAlchemy with random parameters at their declared
rates, as far as whole calls can say them."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.model.query import AccessPattern, Workload
from migrator.model.schema import Schema
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.dialects import parser_dialect
from migrator.workload.read import read_workload
from migrator.workload.scan import scan
from migrator.workload.shapes import shape_of
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from tests.acceptance.commands import ROOT

SECONDS = 10
"""The time that the loop stands for."""
SERVER_SECONDS = 4
"""The same against servers, each call of which takes longer."""
BEGUN = 1_790_000_000.0


@dataclass(frozen=True, slots=True)
class Call:
    """One statement to send, and when, in seconds from the loop's beginning."""

    at: float
    sql: str


def declared(schema: Schema) -> Workload:
    return read_workload((ROOT / "samples" / "shop" / "queries.sql").read_text(encoding="utf-8"), schema, "queries.sql")


def reflected(path: Path) -> Schema:
    with open_source(parse_location(str(path))) as source:
        return reflect(source)


def key(sql: str, dialect: str) -> str:
    """What statements of one shape have in common."""
    return shape_of(list(scan(sql, parser_dialect(dialect), "a test")), parser_dialect(dialect)).key


def schedule(workload: Workload, chance: random.Random, seconds: int = SECONDS) -> list[Call]:
    """All calls of the loop's time, spread evenly."""
    calls = [Call(chance.uniform(0, seconds), sql) for pattern in workload.patterns for sql in _sent(pattern, seconds)]
    ends = [Call(0.0, "SELECT 1"), Call(float(seconds), "SELECT 1")]
    return sorted([*calls, *ends], key=lambda call: (call.at, call.sql))


def _sent(pattern: AccessPattern, seconds: int) -> Iterator[str]:
    for statement in pattern.statements:
        yield from [statement.sql] * max(1, round(pattern.rate * seconds))


def without(workload: Workload, *words: str) -> Workload:
    """Without the patterns in whose SQL one of the words is: not every server knows them."""
    kept = (pattern for pattern in workload.patterns if not any(word in pattern.sql for word in words))
    return replace(workload, patterns=tuple(kept))


def expected(workload: Workload, dialect: str, seconds: int = SECONDS) -> dict[str, float]:
    """The declared rate of every shape that the loop can send at it."""
    rates: dict[str, float] = {}
    for pattern in workload.patterns:
        for statement in pattern.statements:
            shape = key(statement.sql, dialect)
            rates[shape] = rates.get(shape, 0.0) + max(1, round(pattern.rate * seconds)) / seconds
    return rates


def replay(engine: Engine, calls: list[Call], chance: random.Random, clock: list[float] | None = None) -> None:
    """Sends them. What the database rejects was asked all the same."""
    for call in calls:
        if clock is not None:
            clock[0] = BEGUN + call.at
        wanted = set(re.findall(r"(?<!:):([A-Za-z_]\w*)", call.sql))
        values = {name: value(name, chance) for name in sorted(wanted)}
        try:
            with engine.begin() as connection:
                connection.execute(text(call.sql), values)
        except DBAPIError:
            continue


def value(name: str, chance: random.Random) -> object:
    """A value of the kind that the parameter's name speaks of."""
    if name in ("started_at", "expires_at"):
        return chance.randint(1_700_000_000, 1_800_000_000)
    if name.endswith(("_at", "since", "until")):
        return f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d} 10:00:00"
    if name.endswith(("_id", "_no", "quantity", "ship_to", "first", "second", "third")):
        return chance.randint(1, 10**6)
    if name in ("total", "unit_price", "lowest", "highest"):
        return chance.randint(100, 9999)
    return f"secret{chance.randint(0, 10**9)}"


@contextmanager
def echoing(url: str, log: Path) -> Iterator[tuple[Engine, list[float]]]:
    """An engine whose statements are logged as `echo=True` does, at the times of the clock that comes with it."""
    clock = [BEGUN]

    def at_the_clock(record: logging.LogRecord) -> bool:
        record.created, record.msecs = clock[0], clock[0] % 1 * 1000
        return True

    handler = logging.FileHandler(log, encoding="utf-8")
    handler.addFilter(at_the_clock)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("sqlalchemy.engine.Engine")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    try:
        yield engine, clock
    finally:
        engine.dispose()
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
