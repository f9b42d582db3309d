"""`migrate drop`: removes what a run of `migrate` created, after the table's name has been typed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan, only_one, read_plan
from migrator.cli.said import TargetOptions
from migrator.cli.settings import read_config
from migrator.cli.targets import Target, made_and_empty, open_target
from migrator.load.run_record import RunRecord, State
from migrator.model.counted import plural
from migrator.model.errors import BlockedError, MigrateError, UsageError
from migrator.target.inspect import DIFFERS
from migrator.target.table import drop_table


@dataclass(frozen=True, slots=True)
class DropOptions:
    """What the command line says; `yes_drop` is the table's name, typed in advance."""

    plan: Path
    yes_drop: str | None = None
    config: Path | None = None
    target: TargetOptions = field(default_factory=TargetOptions)


def drop(options: DropOptions, console: Console, environment: dict[str, str] | None = None) -> str:
    """What was removed, as a sentence. BlockedError for a table that no run of `migrate` created."""
    stored = read_plan(options.plan)
    config = read_config(options.config, dict(os.environ) if environment is None else environment)
    target = open_target(options.target, config.cli, stored.plan)
    with only_one(stored):
        stored.compared(target.place).unlink(missing_ok=True)
        gone = False
        if not target.absent:
            demand_own(stored, target)
            console.warn(f"about to drop table {target.place}\n  {_contents(stored, target.record)}")
            _demand_name(options, target, console)
            gone = drop_table(target.connection, target.table)
        stored.forget()
    return (
        f"dropped table {target.place}{_left(stored)}" if gone else f"there is no table {target.place}: nothing to drop"
    )


def _left(stored: StoredPlan) -> str:
    """What a dropped table leaves behind: objects are named by their content, and others may share them."""
    offload = stored.plan.offload
    if offload is None:
        return ""
    return (
        f"; objects under s3://{offload.bucket}/{offload.prefix}/ stay, as other tables may point to them: "
        f"`aws s3 rm --recursive s3://{offload.bucket}/{offload.prefix}/` removes them"
    )


def demand_own(stored: StoredPlan, target: Target) -> None:
    """BlockedError unless the table carries a run record, or is empty and tagged by the plan that made it."""
    if target.record is not None or made_and_empty(stored, target):
        return
    if target.state.status == DIFFERS:
        why = f"is not as planned ({target.state.differences[0]}), so it may not be this plan's"
    else:
        why = "carries no record of a run"
    raise BlockedError(
        f"table {target.place} {why}: it was not created by `migrate` with this plan",
        "name the plan that loaded it; a table of other origin is yours to delete in AWS",
    )


def _contents(stored: StoredPlan, record: RunRecord | None) -> str:
    if record is None:
        return "it was created for this plan and is empty"
    by = "this plan" if record.plan_digest == stored.digest else f"another plan ({record.plan_digest[:12]})"
    if record.state is State.LOADING:
        return f"{by} has begun to load {plural(len(record.tables), 'table')} into it"
    rows, items = sum(table.rows for table in record.tables), sum(table.items for table in record.tables)
    return f"{record.state.value} by {by}: {plural(rows, 'row')} as {plural(items, 'item')}"


def _demand_name(options: DropOptions, target: Target, console: Console) -> None:
    name = options.yes_drop
    if name is None:
        if not console.can_ask:
            raise UsageError(
                "there is no terminal to ask on", f"say --yes-drop {target.table} to drop table {target.table}"
            )
        name = console.ask("type the table's name to drop it:")
    if name != target.table:
        raise MigrateError(f"{name!r} is not {target.table!r}: nothing was dropped", "type the table's own name")
