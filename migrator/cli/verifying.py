"""`migrate verify`: a loaded table against its source, without writing to either."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.cli.checking import Checked, CheckOptions, check
from migrator.cli.consent import Consent
from migrator.cli.console import Console
from migrator.cli.drift import demand_same_schema
from migrator.cli.faults import DONE, LOOK
from migrator.cli.folder import StoredPlan, read_plan
from migrator.cli.following import Said
from migrator.cli.moment import take_moment
from migrator.cli.report import AFTER_CUT_OVER, checked_text
from migrator.cli.report_json import checked_json
from migrator.cli.said import TargetOptions
from migrator.cli.scanning import demand_scan, scan_bill
from migrator.cli.settings import read_config
from migrator.cli.sources import find_source
from migrator.cli.targets import Target, demand_loaded, open_target
from migrator.cli.verify_page import demand_writable, verification_page, write_page
from migrator.load.run_record import RunRecord, State
from migrator.source.open import open_source
from migrator.source.reflect import reflect


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What the command line says."""

    plan: Path
    source: str | None = None
    config: Path | None = None
    target: TargetOptions = field(default_factory=TargetOptions)
    checks: CheckOptions = field(default_factory=CheckOptions)
    consent: Consent = field(default_factory=Consent)
    report: Path | None = None
    brief_lock: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found about which table."""

    stored: StoredPlan
    target: Target
    record: RunRecord
    checked: Checked
    said: Said
    rejects_accepted: str | None = None

    @property
    def exit_code(self) -> int:
        """Differences, and rejected rows that nobody accepted, are something to look at."""
        left_out = self.record.rejected and self.rejects_accepted is None
        return DONE if self.checked.clean and not left_out else LOOK


def verify_table(options: VerifyOptions, console: Console, environment: dict[str, str] | None = None) -> Verified:
    """Reads the load's private copy if it is still there, else the source as it is now. The report is written as a
    page where the options name a file."""
    stored = read_plan(options.plan)
    if options.report is not None:
        demand_writable(options.report)
    config = read_config(options.config, dict(os.environ) if environment is None else environment)
    with open_source(find_source(options.source, config.cli, stored.folder)) as source:
        demand_same_schema(stored.plan, reflect(source))
        target = open_target(options.target, config.cli, stored.plan)
        said = Said(options.source, options.config, options.target)
        record = demand_loaded(stored, target, said.command("apply", stored.file))
        if options.checks.allow_scan:
            demand_scan(options.consent, target, scan_bill(target, record, config.settings.prices), console)
        copy = stored.copy(target.place)
        with take_moment(source, copy if copy.exists() else None, options.brief_lock, console) as rows:
            checked = check(stored, rows, target, record, options.checks, console)
    verified = Verified(stored, target, record, checked, said, config.settings.accepted("rejects"))
    if options.report is not None:
        write_page(options.report, verification_page(stored, target, record, checked))
    return verified


def verified_text(verified: Verified) -> str:
    stored, checked, record = verified.stored, verified.checked, verified.record
    lines = [f"table {verified.target.place}", checked_text(stored.plan, checked, record.rejected)]
    if not checked.clean and record.state is State.VERIFIED:
        lines.append(AFTER_CUT_OVER)
    if checked.clean and record.state is State.LOADED:
        lines.append(f"next: `{verified.said.command('apply', stored.file)}` marks the load as verified")
    return "\n".join(lines)


def verified_json(verified: Verified) -> dict[str, Any]:
    return {
        "plan": str(verified.stored.file),
        "digest": verified.stored.digest,
        "table": verified.target.table,
        "endpoint": verified.target.connection.endpoint,
        "state": verified.record.state.value,
        "verified_before": verified.record.state is State.VERIFIED,
        **checked_json(verified.checked),
        "exit_code": verified.exit_code,
    }
