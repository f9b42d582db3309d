"""plan.json: the same bytes every time, valid by its schema, refused when edited, free of what it must not hold."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from migrator.model import query
from migrator.model.errors import BlockedError, UsageError
from migrator.plan import plan as plan_module
from migrator.plan.document import dump, load, plan_digest, plan_schema
from migrator.plan.plan import Plan

from tests.plan.conftest import ROOT
from tests.planning import make_database, plan_database

SHARED = ROOT.parent / "shared"
CASES = ("aws_device_status", "aws_online_shop", "aws_session_mgmt", "debrie_ecommerce")
SMALL = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, bio TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), total NUMERIC);
INSERT INTO customer VALUES (1, 'ada.lovelace@example.org', 'the first of all programmers, by her own account');
INSERT INTO orders VALUES (1, 1, 10.5);
"""
SMALL_QUERIES = """
-- name: customer_with_orders
SELECT * FROM customer WHERE id = :id;
SELECT id, total FROM orders WHERE customer_id = :id AND total >= 2.50 ORDER BY id DESC LIMIT 10;
-- name: by_email
SELECT * FROM customer WHERE email = :email;
-- name: place
INSERT INTO orders (id, customer_id, total) VALUES (:id, :customer_id, :total);
-- name: cheap
SELECT id FROM orders WHERE total IN (1.25, 'x', NULL) OR total IS NULL;
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    database = make_database(tmp_path_factory.mktemp("small") / "small.db", SMALL)
    return plan_database(database, SMALL_QUERIES)


def present(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return path


def shop(folder: Path) -> tuple[Path, str]:
    sample = present(ROOT / "samples" / "shop")
    database = folder / "shop.db"
    subprocess.run([sys.executable, sample / "generate.py", database, "--scale", "0.05"], check=True)
    return database, (sample / "queries.sql").read_text()


def chinook(folder: Path) -> tuple[Path, str]:
    here = present(SHARED / "data" / "chinook")
    return here / "chinook.sqlite3", (here / "queries.sql").read_text()


def case(name: str) -> Callable[[Path], tuple[Path, str]]:
    def made(folder: Path) -> tuple[Path, str]:
        here = present(SHARED / "cases" / name)
        return make_database(folder / f"{name}.db", (here / "schema.sql").read_text()), (
            here / "queries.sql"
        ).read_text()

    return made


REAL = {"shop": shop, "chinook": chinook} | {name: case(name) for name in CASES}


@pytest.fixture(scope="module", params=sorted(REAL))
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """A database that people made, and its plan."""
    database, queries = REAL[request.param](tmp_path_factory.mktemp(request.param))
    return database, plan_database(database, queries)


def problems(document: bytes) -> list[str]:
    found = Draft202012Validator(plan_schema()).iter_errors(json.loads(document))
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(plan_schema())


def test_plans_of_real_inputs_validate(real: tuple[Path, Plan]) -> None:
    assert problems(dump(real[1])) == []


def test_plans_of_real_inputs_are_read_back_as_they_were(real: tuple[Path, Plan]) -> None:
    assert load(dump(real[1]), "plan.json") == real[1]


def test_no_served_pattern_scans(real: tuple[Path, Plan]) -> None:
    operations = {request.operation for pattern in real[1].access_patterns for request in pattern.requests}
    assert "Scan" not in operations


def test_a_plan_holds_no_path_and_no_clock(real: tuple[Path, Plan]) -> None:
    database, plan = real
    text = dump(plan).decode()
    assert str(database) not in text
    assert str(database.parent) not in text
    assert not re.search(r'"(generated|created|planned)_at":', text)


def long_texts(database: Path, plan: Plan) -> Iterator[str]:
    """The longest texts of every column of the source."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for table in plan.source.tables:
            for column in table.columns:
                name = column.name.replace('"', '""')
                sql = f'SELECT DISTINCT "{name}" FROM "{table.name}" WHERE typeof("{name}") = \'text\''
                yield from (text for (text,) in connection.execute(f'{sql} ORDER BY length("{name}") DESC LIMIT 3'))


def test_a_plan_holds_no_value_of_a_row(real: tuple[Path, Plan]) -> None:
    database, plan = real
    text = dump(plan).decode()
    declared = "\n".join(pattern.sql for pattern in plan.access_patterns)
    leaked = [
        value for value in long_texts(database, plan) if len(value) > 12 and value in text and value not in declared
    ]
    assert leaked == []


def test_a_small_plan_with_every_shape_of_request_validates(small: Plan) -> None:
    assert problems(dump(small)) == []
    assert load(dump(small), "plan.json") == small


def test_no_row_of_the_small_source_is_in_its_plan(small: Plan) -> None:
    text = dump(small).decode()
    assert "ada.lovelace" not in text and "programmers" not in text


PLAN_TWICE = """
import sys
from pathlib import Path
from migrator.plan.document import dump
from tests.planning import plan_database
sys.stdout.buffer.write(dump(plan_database(Path(sys.argv[1]), Path(sys.argv[2]).read_text())))
"""


def planned_by_another(database: Path, queries: Path, seed: str) -> bytes:
    command = [sys.executable, "-c", PLAN_TWICE, str(database), str(queries)]
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": f"UTC{seed[0]}"}
    return subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment).stdout


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    database, text = shop(tmp_path)
    queries = tmp_path / "queries.sql"
    queries.write_text(text)
    assert planned_by_another(database, queries, "1") == planned_by_another(database, queries, "4242")


def test_the_same_database_elsewhere_has_the_same_plan(small: Plan, tmp_path: Path) -> None:
    database = make_database(tmp_path / "another name.db", SMALL)
    assert dump(plan_database(database, SMALL_QUERIES)) == dump(small)


def contract(document: Any, *path: str) -> Any:
    """What stands at a path; every element of a list must have it."""
    for name in path:
        document = document[0][name] if isinstance(document, list) else document[name]
    return document


def test_the_names_that_scripts_rely_on_are_there(small: Plan) -> None:
    """The names of the design page, section 4, in a real document."""
    body = json.loads(dump(small))
    assert {"dialect", "schema_digest", "tables"} <= set(body["source"])
    assert {"name", "rows", "bytes"} <= set(body["source"]["tables"][0])
    assert {
        *("name", "partition_key", "sort_key", "billing_mode", "ttl_attribute", "point_in_time_recovery"),
        *("stream_view_type", "deletion_protection", "table_class", "kms_key", "tags", "max_on_demand", "provisioned"),
    } <= set(body["table"])
    assert {"name", "kind", "source_table", "keys", "attributes", "co_located_because"} <= set(body["entities"][0])
    assert {"PK", "SK"} <= set(contract(body, "entities", "keys"))
    assert {"name", "column", "sql_type", "dynamodb_type", "copied_from"} <= set(
        contract(body, "entities", "attributes")[0]
    )
    assert {"objective", "bound", "gap", "candidates", "solver", "alternatives"} <= set(body["optimality"])
    assert {"indexes", "monthly_usd", "round_trips"} <= set(body["optimality"]["alternatives"][0])
    assert {"monthly_usd", "reads", "writes", "storage", "load_usd", "assumptions"} <= set(body["cost"])


def test_the_names_of_patterns_and_requests_are_there(small: Plan) -> None:
    patterns = json.loads(dump(small))["access_patterns"]
    assert {
        *("name", "sql", "kind", "rate", "status", "reason", "way_out", "requests", "assemble", "round_trips"),
        *("read_units", "write_units", "monthly_usd", "rejected"),
    } <= set(patterns[0])
    assert {
        *("operation", "index", "partition", "sort", "filter", "forward", "limit", "consistent", "shards", "after"),
        *("keys", "condition", "update"),
    } <= set(patterns[0]["requests"][0])
    properties = plan_schema()["$defs"]
    assert {"path", "monthly_usd", "round_trips", "why"} <= set(properties["RejectedPath"]["properties"])
    assert {"name", "partition_key", "sort_key", "projection", "attributes"} <= set(
        properties["IndexSettings"]["properties"]
    )
    assert {"code", "entity", "message", "approve_with"} <= set(properties["Hazard"]["properties"])


def forms() -> Iterator[type]:
    for module in (plan_module, query):
        yield from (kind for kind in vars(module).values() if isinstance(kind, type) and is_dataclass(kind))


def test_the_schema_knows_every_field_of_a_plan() -> None:
    schema = plan_schema()
    described = schema["$defs"] | {"Plan": schema}
    for kind in forms():
        if kind.__name__ in described:
            names = {field.name for field in fields(cast("Any", kind))}
            assert names == set(described[kind.__name__]["properties"]) - {"is", "digest", "slots"}, kind


def test_every_name_in_the_schema_is_described_and_nothing_else_is_allowed() -> None:
    schema = plan_schema()
    for described in (schema, *schema["$defs"].values()):
        assert described["description"] and described["additionalProperties"] is False
        assert set(described["required"]) == set(described["properties"])
        assert all(name.get("description") for key, name in described["properties"].items() if key != "is")


def test_an_edited_plan_is_refused_with_the_way_to_say_it(small: Plan) -> None:
    body = json.loads(dump(small))
    body["table"]["deletion_protection"] = False
    with pytest.raises(BlockedError, match="was changed after it was written") as refusal:
        load(json.dumps(body).encode(), "plan.json")
    assert "migrate.toml" in refusal.value.next_step


def test_a_plan_that_is_only_laid_out_anew_is_the_same_plan(small: Plan) -> None:
    assert load(json.dumps(json.loads(dump(small)), ensure_ascii=True).encode(), "plan.json") == small


def test_an_edit_that_is_not_even_unicode_is_refused(small: Plan) -> None:
    text = dump(small).replace(b'"name": "app"', b'"name": "\\ud800"')
    with pytest.raises(BlockedError):
        load(text, "plan.json")


def test_a_plan_without_its_digest_is_refused(small: Plan) -> None:
    body = json.loads(dump(small))
    del body["digest"]
    with pytest.raises(BlockedError):
        load(json.dumps(body).encode(), "plan.json")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"7", b'{"a": 1}', b"\xff\xfe", b"null", b"\xef\xbb\xbf{}"])
def test_what_is_no_plan_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError, match="is not a plan"):
        load(text, "notes.txt")


@pytest.mark.parametrize("format_", [2, 0, "1", None, {}, 1.5])
def test_another_format_is_refused_by_its_number(format_: Any) -> None:
    with pytest.raises(UsageError, match="has format"):
        load(json.dumps({"format": format_}).encode(), "plan.json")


def signed(body: dict[str, Any]) -> bytes:
    """A document with a digest that fits, as another version might have written it."""
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return json.dumps(body | {"digest": hashlib.sha256(canonical).hexdigest()}).encode()


@pytest.mark.parametrize("spoil", ["entities", "table", "cost", "unknown"])
def test_a_document_of_another_shape_is_refused_without_a_traceback(small: Plan, spoil: str) -> None:
    body = json.loads(dump(small))
    del body["digest"]
    if body.pop(spoil, None) is None:
        body[spoil] = 1
    with pytest.raises(UsageError, match="not a plan of this version"):
        load(signed(body), "plan.json")


def test_the_digest_is_of_everything_else(small: Plan) -> None:
    body = json.loads(dump(small))
    assert body.pop("digest") == plan_digest(small)
    assert json.loads(signed(body))["digest"] == plan_digest(small)
