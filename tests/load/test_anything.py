"""Random plans, rows, faults, crashes and companions: whatever happens, each item is written once."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from pathlib import Path
from random import Random

import pytest
from migrator.load import job
from migrator.load.batch import MAX_ROW_BYTES, Entry, Row
from migrator.load.job import compile_tables
from migrator.load.load import load
from migrator.load.packing import LoadedTable
from migrator.load.rejects import RejectFile
from migrator.load.retry import Backoff
from migrator.load.run_record import Mode, RunRecord, read_run
from migrator.load.standing import finish
from migrator.model.errors import BlockedError
from migrator.model.unit import RowValue, Unit
from migrator.plan.plan import Plan
from migrator.ports import Item

from tests.load.chance import POISON, World, random_world
from tests.load.explorer import Scripted
from tests.load.stage import Chances, Play, Stage, StageSink
from tests.load.store import SinkReader
from tests.load.world import MemorySource, Rows, expected, quick

SEEDS = int(os.environ.get("MIGRATE_SOAK_SEEDS", "240"))
PARTS = 8
AT_ONCE = Backoff(base=0.0, attempts=1000)
MET: Counter[str] = Counter()
Values = tuple[RowValue, ...]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_row_becomes_its_items_exactly_once_whatever_happens(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(part, SEEDS, PARTS):
        try:
            one_run(seed, tmp_path / str(seed), monkeypatch)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise


class Way(Enum):
    """How a run's loaders load, and what may happen to the source meanwhile."""

    TRANSACTIONS = "transactions"
    BATCHES = "batches"
    """One loader, which may crash: batch mode is run from one place at a time."""
    RECONCILING = "reconciling"
    """The source moves on to another moment, and whoever starts from then on reconciles."""


WAYS = (Way.TRANSACTIONS, Way.TRANSACTIONS, Way.BATCHES, Way.RECONCILING)


def one_run(seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    way = WAYS[seed // PARTS % len(WAYS)]
    monkeypatch.setattr(job, "compile_tables", lambda plan, mode: in_small_batches(plan, mode, Random(seed)))
    moments = some_moments(random, way)
    chances, poison = some_chances(random), random.choice([poisonous, guards_alone_are_poisonous])
    if way is Way.BATCHES:
        # What is put without a condition may come late only where no item of a refused row can come back with it.
        chances = replace(chances, left=random.choice([0.0, 0.3]), arrival=1.0 if poison is not poisonous else 0.3)
    if way is Way.RECONCILING:
        chances = replace(chances, crash=random.choice([0.05, 0.1]))
    stage = Stage(random, chances, poison)
    loaders = 1 if way is Way.BATCHES else random.choice([1, 2, 2, 3])
    rows_per_chunk = random.choice([5, 17, 100])
    files = [folder / str(number) / "rejects.ndjson" for number in range(loaders)]
    stage.perform([a_loader(stage, moments, way, file, rows_per_chunk) for file in files])
    assert_each_once(stage, moments, way, files)
    MET.update(stage.met)
    MET[way.value] += 1
    MET["runs that were killed"] += stage.met["crash"] > 0
    MET["sources that moved on"] += loaded_moment(stage, moments).name != moments[0].name


@dataclass(frozen=True, slots=True)
class Moment:
    """The source's rows from so many seconds of the stage's clock on."""

    name: str
    since: float
    world: World


def some_moments(random: Random, way: Way) -> list[Moment]:
    world = random_world(random)
    if way is Way.BATCHES:
        world = replace(world, rows={name: apart(rows) for name, rows in world.rows.items()})
    if way is not Way.RECONCILING:
        return [Moment("moment 1", 0.0, world)]
    # A reject file goes on from one moment to the next: the first has no bad rows, so that all in it are of now.
    good = {name: [row for row in apart(rows) if is_good(row)] for name, rows in world.rows.items()}
    first = Moment("moment 1", 0.0, replace(world, rows=good))
    later = {name: moved_on(random, rows) for name, rows in world.rows.items()}
    return [first, Moment("moment 2", random.uniform(1.0, 12.0), replace(world, rows=later))]


def apart(rows: Sequence[Values]) -> list[Values]:
    """The rows with texts of their own: without a collision."""
    return [(row[0], row[1], row[2] and f"{row[2]!s} of {row[0]!s}", *row[3:]) for row in rows]


def is_good(row: Values) -> bool:
    return isinstance(row[1], int) and not str(row[2]).startswith(POISON)


def moved_on(random: Random, rows: Sequence[Values]) -> list[Values]:
    """Some rows gone, some with another number, some from other places; texts as at first, collisions and all."""
    kept = [row for row in rows if random.random() < 0.8]
    return [(n, 7 if random.random() < 0.2 else number, text, place) for n, number, text, place in kept]


def some_chances(random: Random) -> Chances:
    """Anything from a quiet network to one that loses half of all."""
    much, base = random.choice([0.0, 0.5, 1.0, 2.0]), Chances()
    return Chances(
        base.throttle * much,
        base.server * much,
        base.lost * much,
        base.delayed * much,
        base.doubled * much,
        crash=random.choice([0.0, 0.02, 0.1]),
        arrival=random.choice([0.02, 0.3]),
        sleep=random.choice([0.0, 0.02, 0.3]),
    )


def poisonous(item: Item) -> bool:
    return str(item.get("text", {}).get("S", "")).startswith(POISON)


def guards_alone_are_poisonous(item: Item) -> bool:
    """A row's own item is taken, and another of its items refused."""
    return poisonous(item) and item["type"]["S"].endswith("-text")


def in_small_batches(plan: Plan, mode: Mode, random: Random) -> dict[str, LoadedTable]:
    """Rows that weigh so much that a few of them fill a transaction."""
    share = random.choice([1, 2, 3, 7])

    def heavy(entry: Callable[[Unit], Entry]) -> Callable[[Unit], Entry]:
        def weighed(unit: Unit) -> Entry:
            made = entry(unit)
            return replace(made, size=MAX_ROW_BYTES // share) if isinstance(made, Row) else made

        return weighed

    tables = compile_tables(plan, mode)
    return {name: replace(table, entry=heavy(table.entry), quick=None) for name, table in tables.items()}


def a_loader(stage: Stage, moments: list[Moment], way: Way, file: Path, rows_per_chunk: int) -> Play:
    """What processes do from their start, one after the other until one has done its work: each takes the source as
    it is then, and the reject file is read anew, and may end in half a line."""

    nonces = count()

    def play(sink: StageSink, number: int) -> None:
        while True:
            moment = [moment for moment in moments if moment.since <= stage.store.now][-1]
            if file.exists():
                with file.open("a", encoding="ascii") as torn:
                    torn.write('{"table": "t')
            try:
                return process(
                    sink, moment, way, RejectFile(file), rows_per_chunk, lambda: f"nonce {number}.{next(nonces)}"
                )
            except BlockedError:
                if way is not Way.RECONCILING:
                    raise

    return play


def process(
    sink: StageSink,
    moment: Moment,
    way: Way,
    rejects: RejectFile,
    rows_per_chunk: int,
    new_nonce: Callable[[], str],
) -> None:
    options = quick(
        allow_rejects=True,
        rejects=rejects,
        rows_per_chunk=rows_per_chunk,
        backoff=AT_ONCE,
        new_nonce=new_nonce,
        mode=Mode.BATCH if way is Way.BATCHES else Mode.TRANSACT,
        reconcile=way is Way.RECONCILING,
        reader=SinkReader(sink),
    )
    load(moment.world.plan, MemorySource(moment.world.rows, moment.name), sink, options, lambda progress: None)
    finish(sink, moment.world.plan, AT_ONCE)


def loaded_moment(stage: Stage, moments: list[Moment]) -> Moment:
    """The moment that the run's record names."""
    record = the_record(stage, moments[0].world.plan)
    return next(moment for moment in moments if moment.name == record.fingerprint)


def the_record(stage: Stage, plan: Plan) -> RunRecord:
    record = read_run(plan, Scripted([dict(stage.store.items)["MIGRATE#RUN", "MIGRATE#RUN"]]))
    assert record is not None
    return record


def assert_each_once(stage: Stage, moments: list[Moment], way: Way, files: list[Path]) -> None:
    """The table is the image of the rows less the rejected ones, each item written once; the rejects are named,
    and each of them is one. Where the source has moved on: each item that is the same in both moments."""
    world = loaded_moment(stage, moments).world
    rejected = {name: line for file in files for name, line in lines_of(file).items()}
    rejected = {} if world is not moments[-1].world else rejected
    kept: Rows = {table: [row for row in rows if (table, row[0]) not in rejected] for table, rows in world.rows.items()}
    image = expected(world.plan, kept)
    assert stage.store.own() == image
    writes = stage.store.own_writes()
    if way is Way.BATCHES:
        assert image.keys() <= writes.keys()
    elif len(moments) == 1:
        assert writes == dict.fromkeys(image, 1)
    else:
        first = expected(world.plan, moments[0].world.rows)
        assert {writes[name] for name, item in image.items() if first.get(name) == item} <= {1}
    for line in rejected.values():
        assert_rightly_rejected(line, image)
    record = the_record(stage, world.plan)
    assert record.rejected == len(rejected)
    assert sum(table.rows for table in record.tables) == sum(map(len, kept.values()))
    assert [name for name in stage.store.items if name[0].startswith("MIGRATE#")] == [("MIGRATE#RUN", "MIGRATE#RUN")]


def lines_of(file: Path) -> dict[tuple[str, object], dict[str, object]]:
    if not file.exists():
        return {}
    whole = RejectFile(file)  # takes off what the last crash cut short
    lines = [json.loads(line) for line in whole.path.read_text(encoding="ascii").splitlines()]
    named = {(line["table"], line["position"][0]): line for line in lines}
    assert len(named) == len(lines), "each reject once"
    return named


def assert_rightly_rejected(line: dict[str, object], image: dict[tuple[str, str], Item]) -> None:
    """For its number, for its text that the service refuses, or because another row's item has the key."""
    row, reason = line["row"], str(line["reason"])
    assert isinstance(row, dict)
    if "number" in reason:
        assert row["number"] == "nan"
    elif "taste" in reason:
        assert str(row["text"]).startswith(POISON)
    else:
        assert "has the key of an item of" in reason
        taken = image[f"{line['table']}-TEXT#{row['text']}", "TEXT"]
        assert taken["id"] != {"N": str(row["id"])}
        assert f"(id={taken['id']['N']})" in reason


def test_every_kind_of_mishap_has_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs above are worth something only if things went wrong in them."""
    MET.clear()
    for seed in range(64):
        one_run(seed, tmp_path / str(seed), monkeypatch)
    network = ("throttle", "server", "lost", "delayed", "doubled", "crash", "sleep", "left")
    assert all(MET[what] > 20 for what in network), MET
    assert all(MET[way.value] >= 16 for way in Way), MET
    assert MET["sources that moved on"] > 4, MET
