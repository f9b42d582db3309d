"""Random plans, rows, faults, crashes and companions: whatever happens, each item is written once."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
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
from migrator.load.run_record import read_run
from migrator.load.standing import finish
from migrator.model.unit import Unit
from migrator.plan.plan import Plan
from migrator.ports import Item, ItemSink

from tests.load.chance import POISON, World, random_world
from tests.load.explorer import Scripted
from tests.load.stage import Chances, Play, Stage
from tests.load.world import MemorySource, Rows, expected, quick

SEEDS = int(os.environ.get("MIGRATE_SOAK_SEEDS", "240"))
PARTS = 8
AT_ONCE = Backoff(base=0.0, attempts=1000)
MET: Counter[str] = Counter()


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


def one_run(seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    world = random_world(random)
    monkeypatch.setattr(job, "compile_tables", lambda plan, mode: in_small_batches(plan, Random(seed)))
    stage = Stage(random, some_chances(random), poisonous)
    loaders = random.choice([1, 2, 2, 3])
    rows_per_chunk = random.choice([5, 17, 100])
    files = [folder / str(number) / "rejects.ndjson" for number in range(loaders)]
    stage.perform([a_loader(world, file, rows_per_chunk) for file in files])
    assert_each_once(stage, world, files)
    MET.update(stage.met)


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


def in_small_batches(plan: Plan, random: Random) -> dict[str, LoadedTable]:
    """Rows that weigh so much that a few of them fill a transaction."""
    share = random.choice([1, 2, 3, 7])

    def heavy(entry: Callable[[Unit], Entry]) -> Callable[[Unit], Entry]:
        def weighed(unit: Unit) -> Entry:
            made = entry(unit)
            return replace(made, size=MAX_ROW_BYTES // share) if isinstance(made, Row) else made

        return weighed

    return {name: replace(table, entry=heavy(table.entry), quick=None) for name, table in compile_tables(plan).items()}


def a_loader(world: World, file: Path, rows_per_chunk: int) -> Play:
    """What a process does from its start: the reject file is read anew, and may end in half a line."""

    def play(sink: ItemSink, number: int) -> None:
        if file.exists():
            with file.open("a", encoding="ascii") as torn:
                torn.write('{"table": "t')
        options = quick(
            allow_rejects=True,
            rejects=RejectFile(file),
            rows_per_chunk=rows_per_chunk,
            backoff=AT_ONCE,
            new_nonce=lambda: f"nonce {number}",
        )
        load(world.plan, MemorySource(world.rows), sink, options, lambda progress: None)
        finish(sink, world.plan, AT_ONCE)

    return play


def assert_each_once(stage: Stage, world: World, files: list[Path]) -> None:
    """The table is the image of the rows less the rejected ones, each item written once; the rejects are named,
    and each of them is one."""
    rejected = {name: line for file in files for name, line in lines_of(file).items()}
    kept: Rows = {table: [row for row in rows if (table, row[0]) not in rejected] for table, rows in world.rows.items()}
    image = expected(world.plan, kept)
    assert stage.store.own() == image
    assert stage.store.own_writes() == dict.fromkeys(image, 1)
    for line in rejected.values():
        assert_rightly_rejected(line, image)
    record = read_run(world.plan, Scripted([dict(stage.store.items)["MIGRATE#RUN", "MIGRATE#RUN"]]))
    assert record is not None
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
    for seed in range(40):
        one_run(seed, tmp_path / str(seed), monkeypatch)
    assert all(MET[what] > 20 for what in ("throttle", "server", "lost", "delayed", "doubled", "crash", "sleep")), MET
