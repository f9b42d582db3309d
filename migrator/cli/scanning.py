"""What reading a whole table costs, and a person's yes to it."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.cli.consent import Consent
from migrator.cli.console import Console
from migrator.cli.targets import Target
from migrator.load.run_record import RunRecord
from migrator.model.counted import plural
from migrator.model.errors import BlockedError, MigrateError, UsageError
from migrator.model.settings import Prices
from migrator.render.figures import usd

READ_BYTES = 4_096
UNITS_A_READ = 4
"""Write units that wrote at most one read unit's bytes: 1 KB each, and a Scan rounds a whole page up, not an item."""


@dataclass(frozen=True, slots=True)
class ScanBill:
    """The read units of one consistent Scan of the table, at most about, and dollars for them."""

    read_units: int
    usd: float


def scan_bill(target: Target, record: RunRecord, prices: Prices) -> ScanBill:
    """From what the load wrote, and the size that the service tells (which may be six hours old)."""
    units = 1 + max(record.units // UNITS_A_READ, target.state.size // READ_BYTES)
    return ScanBill(units, units * prices.read_million / 1e6)


def demand_scan(consent: Consent, target: Target, bill: ScanBill, console: Console) -> None:
    """Shows the price and asks; on a loopback endpoint nothing is asked. BlockedError when it is more than allowed,
    UsageError when nobody could be asked."""
    told = f"reading the whole table once: at most about {plural(bill.read_units, 'read unit')}, {usd(bill.usd)}"
    if target.connection.loopback:
        console.say(told)
        return
    if consent.yes and consent.max_cost is None:
        raise UsageError("--yes needs --max-cost", "say how many dollars the Scan may cost: --max-cost 5")
    if consent.max_cost is not None and bill.usd > consent.max_cost:
        raise BlockedError(
            f"{told}: more than --max-cost {usd(consent.max_cost)}; nothing was read",
            "raise --max-cost if that is right, or verify without --allow-scan",
        )
    console.warn(f"{told} (table {target.place})")
    if consent.yes:
        return
    if not console.can_ask:
        raise UsageError(
            "--allow-scan reads the whole table, and there is no terminal to ask on",
            "say --yes --max-cost N, with the dollars that it may cost",
        )
    if console.ask("go on? (yes/no)").lower() not in ("y", "yes"):
        raise MigrateError("not confirmed: nothing was read", "verify without --allow-scan, or say yes")
