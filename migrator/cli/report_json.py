"""What apply and verify tell scripts: JSON, with names that stay."""

from __future__ import annotations

from typing import Any

from migrator.cli.applying import Applied
from migrator.cli.checking import Checked
from migrator.cli.mending import MendedFile
from migrator.cli.report import apply_exit_code, rejected
from migrator.load.tally import LoadReport
from migrator.verify.report import PatternReport, RowDifference


def apply_json(applied: Applied) -> dict[str, Any]:
    target, found, bill = applied.target, applied.found, applied.bill
    state = target.record.state.value if target is not None and target.record is not None else None
    if applied.loaded is not None:
        state = "verified" if applied.checked is not None and applied.checked.clean else applied.loaded.state.value
    return {
        "plan": str(applied.stored.file),
        "digest": applied.stored.digest,
        "table": applied.stored.plan.table.name,
        "endpoint": target.connection.endpoint if target is not None else None,
        "region": target.connection.region if target is not None else None,
        "account": target.connection.account if target is not None else None,
        "dry_run": applied.dry_run,
        "already": applied.already,
        "state": state,
        "preflight": None
        if found is None
        else {
            "rows": found.rows,
            "items": found.items,
            "rejected": found.rejected,
            "write_units": found.write_units,
            "objects": found.objects,
            "object_bytes": found.object_bytes,
        },
        "load_usd": round(bill.usd, 6) if bill is not None else None,
        "load": None if applied.loaded is None else _load_json(applied.loaded),
        "mended": None if applied.mended is None else _mended_json(applied.mended),
        "reject_file": str(applied.stored.rejects) if rejected(applied) and not applied.dry_run else None,
        "verification": None if applied.checked is None else checked_json(applied.checked),
        "notes": list(applied.notes),
        "exit_code": apply_exit_code(applied),
    }


def _mended_json(done: MendedFile) -> dict[str, Any]:
    return {
        "loaded": len(done.mended.loaded),
        "loaded_before": len(done.mended.there),
        "gone": len(done.mended.gone),
        "rejected_again": len(done.mended.rejected),
        "left": done.left,
    }


def _load_json(loaded: LoadReport) -> dict[str, Any]:
    return {
        "already": loaded.already,
        "resumed": loaded.resumed,
        "rows": loaded.rows,
        "items": loaded.items,
        "rejected": loaded.rejected,
        "write_units": loaded.write_units,
        "seconds": round(loaded.seconds, 3),
        "repeated_requests": loaded.repeated,
        "tables": [
            {"table": t.name, "rows": t.rows, "items": t.items, "rejected": t.rejected, "seconds": round(t.seconds, 3)}
            for t in loaded.tables
        ],
    }


def checked_json(checked: Checked) -> dict[str, Any]:
    rows, queries = checked.rows, checked.queries
    return {
        "clean": checked.clean,
        "same_moment": checked.same_moment,
        "rows": {
            "checked": rows.checked,
            "missing": rows.missing,
            "different": rows.different,
            "rejected": rows.rejected,
            "extra": rows.extra,
            "differences": [_row_json(found) for found in rows.differences],
        },
        "queries": {
            "seed": queries.seed,
            "equal": queries.equal,
            "patterns": [_pattern_json(pattern) for pattern in queries.patterns],
        },
    }


def _row_json(found: RowDifference) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "table": found.table,
        "key": found.key,
        "entity": found.entity,
        "attribute": found.attribute,
        "expected": found.expected,
        "found": found.found,
    }


def _pattern_json(pattern: PatternReport) -> dict[str, Any]:
    return {
        "name": pattern.name,
        "compared": pattern.compared,
        "with_rows": pattern.with_rows,
        "different": pattern.different,
        "empty_tables": list(pattern.empty),
        "differences": [
            {
                "parameters": {name: str(value) for name, value in found.parameters},
                "statement": found.statement,
                "what": found.what,
                "only_in_source": [[str(value) for value in row] for row in found.only_in_source],
                "only_in_table": [[str(value) for value in row] for row in found.only_in_table],
            }
            for found in pattern.differences
        ],
    }
