"""The table that a plan is for: how to reach it, and what stands in it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from migrator.cli.folder import StoredPlan
from migrator.cli.said import TargetOptions
from migrator.cli.settings import CliConfig, check_region
from migrator.load.load import demand_same_plan, standing_run
from migrator.load.run_record import RunRecord, State
from migrator.model.errors import BlockedError
from migrator.plan.plan import Plan
from migrator.ports import ItemReader
from migrator.target.connect import Connection, ConnectOptions, connect
from migrator.target.inspect import ABSENT, DIFFERS, TableState, inspect_table, is_empty
from migrator.target.objects import S3Objects, demand_bucket, open_objects
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.verify.objects import Whole


@dataclass(frozen=True, slots=True)
class Target:
    """A connection and the options that it was made with, and the plan's table as it stands: `record` is the one in it,
    of whatever plan. `objects` is the way to S3, where the plan keeps large values there."""

    connection: Connection
    table: str
    state: TableState
    sink: DynamoSink
    reader: DynamoReader
    options: ConnectOptions
    record: RunRecord | None = None
    objects: S3Objects | None = None

    @property
    def absent(self) -> bool:
        return self.state.status == ABSENT

    def stands(self, state: State) -> bool:
        return self.record is not None and self.record.state is state

    @property
    def place(self) -> str:
        """Where the table is, for a person about to say yes."""
        connection = self.connection
        if connection.loopback:
            return f"{self.table} at {connection.endpoint}"
        account = connection.account or "unknown"
        return f"{self.table} in account {account}, region {connection.region} ({connection.endpoint})"


def open_target(options: TargetOptions, config: CliConfig, plan: Plan) -> Target:
    """Connects and looks. The command line wins over migrate.toml; the rest is boto3's own chain."""
    reached = ConnectOptions(
        options.profile or config.profile,
        options.region or config.region,
        options.endpoint_url or config.endpoint_url,
    )
    if options.region is not None:
        check_region(options.region, reached.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"), "--region")
    connection = connect(reached)
    name, state = plan.table.name, inspect_table(connection, plan)
    sink = DynamoSink(connection, name)
    record = None if state.status == ABSENT else standing_run(sink, plan)
    objects = open_objects(reached, connection) if plan.offload is not None else None
    return Target(connection, name, state, sink, DynamoReader(connection, name), reached, record, objects)


def demand_usable(stored: StoredPlan, target: Target) -> None:
    """BlockedError unless the table is absent, is empty and as planned, or carries this plan's run."""
    plan = stored.plan
    if target.absent:
        return
    if target.state.status == DIFFERS:
        differences = "".join(f"\n  {difference}" for difference in target.state.differences)
        raise BlockedError(
            f"table {target.place} is not as planned{_maker(stored, target)}:{differences}",
            f"choose another table name (--table-name) and plan again, or {_removal(stored, target)}",
        )
    if target.record is not None:
        demand_same_plan(plan, target.record)
    elif not is_empty(target.connection, plan):
        raise BlockedError(
            f"table {target.place} holds items that no run of `migrate` wrote",
            "choose another table name (--table-name) and plan again",
        )


def demand_reachable_bucket(plan: Plan, target: Target) -> None:
    """BlockedError or MigrateError, before anything is written, unless the bucket for large values answers."""
    if plan.offload is not None and target.objects is not None:
        demand_bucket(target.objects, plan.offload.bucket, target.connection)


def whole_values(target: Target, plan: Plan, reader: ItemReader) -> ItemReader:
    """The reader that gives large values where items hold pointers to them."""
    return reader if target.objects is None else Whole(reader, plan, target.objects)


def made_and_empty(stored: StoredPlan, target: Target) -> bool:
    """Whether the table carries the mark of a plan that made it, and nothing was written to it."""
    return target.state.created_by is not None and is_empty(target.connection, stored.plan)


def _removal(stored: StoredPlan, target: Target) -> str:
    """How the table can go: `migrate drop` removes what a run has made, and nothing else."""
    if target.record is not None or made_and_empty(stored, target):
        return "remove the table with `migrate drop`"
    return "delete the table in AWS if it is yours: no run of `migrate` made it, so that `migrate drop` leaves it alone"


def demand_own_table(stored: StoredPlan, target: Target) -> None:
    """BlockedError unless the table is absent, or this plan has created it: puts without a condition overwrite."""
    if target.absent or target.record is not None or target.state.created_by == stored.digest:
        return
    raise BlockedError(
        f"table {target.place} was not created by `migrate` for this plan, and --mode batch overwrites what it meets",
        "load it with --mode transact, or let `migrate apply` create the table",
    )


def _maker(stored: StoredPlan, target: Target) -> str:
    maker = target.state.created_by
    return f" (another plan made it, {maker[:12]})" if maker and maker != stored.digest else ""


def demand_loaded(stored: StoredPlan, target: Target, apply: str) -> RunRecord:
    """The run record of a finished load of this plan, or BlockedError that names the command `apply`."""
    demand_usable(stored, target)
    if target.record is None or target.record.state is State.LOADING:
        what = "is not there" if target.absent else "is not loaded" if target.record is None else "is not fully loaded"
        raise BlockedError(f"table {target.place} {what}", f"run `{apply}` first")
    return target.record
