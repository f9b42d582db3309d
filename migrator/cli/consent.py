"""What a load costs, and a person's yes to it."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.cli.console import Console
from migrator.cli.targets import Target
from migrator.load.parts import Parts
from migrator.load.preflight import Preflight
from migrator.model.counted import plural
from migrator.model.errors import BlockedError, MigrateError, UsageError
from migrator.model.settings import Prices
from migrator.plan.plan import Plan
from migrator.render.figures import size, usd

UNITS_A_READ = 8
"""Write units that make at most one read unit beyond the first of an item: a KB takes two or more of them,
and 4 KB one read unit."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A load's write units, and dollars for them and for reading everything back once. `imported`: bytes that
    ImportTable reads, in the place of write units."""

    write_units: int
    usd: float
    imported: int = 0

    @property
    def effort(self) -> str:
        if self.imported:
            return f"an import of {size(self.imported)} from S3"
        return plural(self.write_units, "write unit")


def bill_of(found: Preflight, prices: Prices) -> Bill:
    """From every row as it is. Each object is put once and looked at once."""
    read_units = found.items + found.write_units // UNITS_A_READ
    dollars = (found.write_units * prices.write_million + read_units * prices.read_million) / 1e6
    dollars += found.objects * (prices.s3_put_million + prices.s3_get_million) / 1e6
    return Bill(found.write_units, dollars)


def import_bill(parts: Parts, prices: Prices) -> Bill:
    """From the files of items as they are: ImportTable is billed by their size before compression."""
    dollars = parts.bytes / 1e9 * prices.import_gb + parts.items * prices.read_million / 1e6
    return Bill(0, dollars, parts.bytes)


def planned_bill(plan: Plan) -> Bill:
    """As the plan measured it: the most that a resumed load still costs."""
    return Bill(plan.cost.load_write_units, plan.cost.load_usd)


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line says: `yes` to anything up to `max_cost` dollars."""

    yes: bool = False
    max_cost: float | None = None

    def demand_possible(self, target: Target, console: Console) -> None:
        """UsageError, before any work, when nobody could be asked."""
        if target.connection.loopback:
            return
        if self.yes and self.max_cost is None:
            raise UsageError("--yes needs --max-cost", "say how many dollars the load may cost: --max-cost 5")
        if not self.yes and not console.can_ask:
            raise UsageError(
                f"{target.place} is to be written, and there is no terminal to ask on",
                "say --yes --max-cost N, with the dollars that it may cost",
            )

    def demand(self, target: Target, bill: Bill, prices: Prices, console: Console) -> None:
        """Shows what is about to happen and asks. Nothing is asked on a loopback endpoint. BlockedError when
        it costs more than allowed."""
        if target.connection.loopback:
            return
        if self.max_cost is not None and bill.usd > self.max_cost:
            raise BlockedError(
                f"the load costs {usd(bill.usd)} ({bill.effort}), more than --max-cost "
                f"{usd(self.max_cost)}; nothing was written",
                "raise --max-cost if that is right",
            )
        console.warn(
            f"about to {'create and load' if target.absent else 'load'} table {target.place}\n"
            f"  {bill.effort}; {usd(bill.usd)} with reading it back once "
            f"(on-demand prices of {prices.region})"
        )
        if not self.yes and console.ask("go on? (yes/no)").lower() not in ("y", "yes"):
            raise MigrateError("not confirmed: nothing was written", "run the same command again when it is right")
