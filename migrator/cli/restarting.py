"""`migrate apply --restart`: what a run has begun to load is dropped, and the run begins anew."""

from __future__ import annotations

from migrator.cli.consent import Consent
from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan
from migrator.cli.targets import Target
from migrator.load.run_record import State
from migrator.model.errors import BlockedError, MigrateError
from migrator.target.table import drop_table


def drop_begun(stored: StoredPlan, target: Target, consent: Consent, console: Console) -> bool:
    """Drops the table of a run that is still loading, once somebody has said yes. False when nothing has begun.
    BlockedError for a finished load."""
    if target.record is None:
        return False
    demand_begun(target)
    console.warn(f"about to drop table {target.place}, which this plan has begun to load, and to begin anew")
    if not target.connection.loopback and not consent.yes and console.ask("go on? (yes/no)").lower() not in YES:
        raise MigrateError("not confirmed: nothing was dropped", "run without --restart to go on with the load")
    drop_table(target.connection, target.table)
    stored.copy(target.place).unlink(missing_ok=True)
    return True


def demand_begun(target: Target) -> None:
    """BlockedError for a finished load."""
    if target.record is not None and target.record.state is not State.LOADING:
        raise BlockedError(
            f"table {target.place} is {target.record.state.value}: --restart is for a load that has not ended",
            "if it is to go, run `migrate drop`",
        )


YES = ("y", "yes")
