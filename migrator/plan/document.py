"""plan.json: written the same way every time, read back only when it is what was written."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

from migrator.model.errors import BlockedError, UsageError
from migrator.plan.jsonform import from_json, to_json
from migrator.plan.plan import FORMAT, Entity, Plan


def plan_digest(plan: Plan) -> str:
    """SHA-256 of the plan's content."""
    return hashlib.sha256(_canonical(_body(plan))).hexdigest()


def dump(plan: Plan) -> bytes:
    """plan.json: sorted names, two spaces, one digest over everything else."""
    body = _body(plan)
    body["digest"] = hashlib.sha256(_canonical(body)).hexdigest()
    return (json.dumps(body, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def _body(plan: Plan) -> dict[str, Any]:
    body: dict[str, Any] = to_json(plan)
    for written, entity in zip(body["entities"], plan.entities, strict=True):
        written["slots"] = written.pop("keys")
        written["keys"] = _flat_keys(plan, entity)
    body["table"]["tags"] = dict(plan.table.tags)
    return body


def _flat_keys(plan: Plan, entity: Entity) -> dict[str, str]:
    """Attribute name to template, as scripts look them up: {"PK": ..., "SK": ..., "GSI1PK": ...}."""
    names = {"table": plan.table.key_names}
    names |= {index.name: (index.partition_key, index.sort_key) for index in plan.indexes}
    flat = {}
    for keys in entity.keys:
        partition, sort = names[keys.slot]
        flat[partition], flat[sort] = keys.partition, keys.sort
    return flat


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of plan.json."""
    schema: dict[str, Any] = json.loads(files("migrator.plan").joinpath("plan.schema.json").read_text("utf-8"))
    return schema


def load(text: bytes, where: str) -> Plan:
    """The plan of a plan.json. UsageError when it is not one; BlockedError when it was edited."""
    try:
        body = json.loads(text)
        if not isinstance(body, dict) or "format" not in body:
            raise ValueError("no format")
    except (ValueError, UnicodeDecodeError):
        raise UsageError(f"{where} is not a plan", "make one with `migrate plan`") from None
    if body["format"] != FORMAT:
        raise UsageError(
            f"{where} has format {body['format']}, this version reads {FORMAT}", "plan again with this version"
        )
    digest = body.pop("digest", None)
    if digest != hashlib.sha256(_canonical(body)).hexdigest():
        raise BlockedError(
            f"{where} was changed after it was written (its digest does not match)",
            "say what you want in migrate.toml ([tables], [accept], [table]) and run `migrate plan` again",
        )
    return _read(body, where)


def _read(body: dict[str, Any], where: str) -> Plan:
    try:
        for entity in body["entities"]:
            entity["keys"] = entity.pop("slots")
        body["table"]["tags"] = sorted(body["table"]["tags"].items())
        plan = from_json(Plan, body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{where} is not a plan of this version ({error})", "plan again with this version") from None
    if not isinstance(plan, Plan):
        raise UsageError(f"{where} is not a plan", "make one with `migrate plan`")
    return plan
