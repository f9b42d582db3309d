"""From nothing to a verified table and back, as a user goes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from migrator.target.connect import Connection

from tests.cli.conftest import Command
from tests.cli.library import QUERIES, change


def test_init_plan_apply_again_drop_apply(migrate: Command, library: Path, folder: Path, at_engine: str) -> None:
    before = hashlib.sha256(library.read_bytes()).hexdigest()
    assert migrate("init", "library.db").code == 0

    planned = migrate("plan")
    assert planned.code == 0, planned
    assert "every key and index is served: edit queries.sql" in planned.out
    assert "next: review plan/design.md" in planned.out
    assert {file.name for file in (folder / "plan").iterdir()} == {
        "plan.json",
        "design.md",
        "samples.json",
        "source.toml",
    }
    assert "nothing changed" in migrate("plan").out

    rehearsed = migrate("apply", "plan", "--dry-run")
    assert rehearsed.code == 0, rehearsed
    assert f"would create table {at_engine}" in rehearsed.out
    assert "would load 90 rows as 100 items" in rehearsed.out
    assert "there is no table" in migrate("drop", "plan").out

    applied = migrate("apply", "plan/plan.json")
    assert applied.code == 0, applied
    assert "90 compared, 0 missing, 0 different, 0 rejected" in applied.out
    assert not (folder / "plan" / ".migrate").exists()

    again = migrate("apply", "plan")
    assert again.code == 0
    assert "verified already: nothing was written" in again.out
    assert "already" in migrate("apply", "plan", "--dry-run").out
    assert migrate("verify", "plan").code == 0

    refused = migrate("drop", "plan")
    assert refused.code == 2
    assert f"--yes-drop {at_engine}" in refused.err
    assert migrate("drop", "plan", "--yes-drop", "other").code == 1
    dropped = migrate("drop", "plan", "--yes-drop", at_engine)
    assert dropped.code == 0
    assert f"dropped table {at_engine}" in dropped.out

    assert migrate("apply", "plan", "--quiet").code == 0
    assert hashlib.sha256(library.read_bytes()).hexdigest() == before
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_every_command_follows_the_names_of_migrate_toml(
    migrate: Command, library: Path, folder: Path, at_engine: str, connection: Connection
) -> None:
    (folder / "queries.sql").write_text(QUERIES + "-- name: by_title\nSELECT id FROM book WHERE title = :title;\n")
    (folder / "migrate.toml").write_text(NAMED)
    planned = migrate("plan", library, "--queries", "queries.sql")
    assert planned.code == 0, planned
    applied = migrate("apply", "plan")
    assert applied.code == 0, applied
    described = connection.client.describe_table(TableName=at_engine)["Table"]
    assert [key["AttributeName"] for key in described["KeySchema"]] == ["key", "range"]
    assert sorted(index["IndexName"] for index in described["GlobalSecondaryIndexes"]) == [
        "books.by-value",
        "titles",
    ]
    assert migrate("verify", "plan").code == 0
    asked = migrate("query", "plan", "by_title", "--param", "title=Title 7")
    assert asked.code == 0, asked
    assert asked.json() == [{"id": 7}]
    design = (folder / "plan" / "design.md").read_text()
    assert not re.search(r"\bGSI\d|`PK`|#PK|\bSK\b", design)
    assert migrate("drop", "plan", "--yes-drop", at_engine).code == 0


NAMED = """
[names]
partition_key = "key"
sort_key = "range"
type = "what"
[names.indexes.GSI1]
name = "books.by-value"
partition_key = "value"
sort_key = "in-value"
[names.indexes.GSI2]
name = "titles"
partition_key = "title#"
sort_key = "second"
[tables.book]
tag = "BOOK"
attributes = { title = "name of book" }
"""


def test_init_keeps_what_is_there(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "queries.sql").write_text("mine")
    ended = migrate("init", library)
    assert (ended.code, (folder / "queries.sql").read_text()) == (2, "mine")
    assert not (folder / "migrate.toml").exists()
    assert migrate("init", library, "--force").code == 0
    assert "mine" not in (folder / "queries.sql").read_text()


def test_what_init_writes_is_understood_with_every_comment_taken_off(
    migrate: Command, library: Path, folder: Path
) -> None:
    assert migrate("init", library, "--directory", "project").code == 0
    file = folder / "project" / "migrate.toml"
    lines = [line.removeprefix("# ") for line in file.read_text().splitlines() if _is_setting(line)]
    assert '[tables."author"]' in lines
    named = [line for line in dict.fromkeys(lines) if line not in ("exclude = true", 'ttl = "none"')]
    file.write_text("\n".join(named))
    planned = migrate("plan", "--config", file, "--out", "plan")
    assert planned.code == 0, planned


def _is_setting(line: str) -> bool:
    text = line.removeprefix("# ")
    return text.startswith("[") or " = " in text


def test_a_plan_without_queries_writes_the_assumed_ones_once(migrate: Command, library: Path, folder: Path) -> None:
    assert migrate("plan", library).code == 0
    queries = folder / "plan" / "queries.sql"
    assert "book_by_author_id" in queries.read_text()
    assert "nothing changed" in migrate("plan").out
    queries.write_text("-- name: only_this\nSELECT * FROM book WHERE id = :id;\n")
    assert "1 served" in migrate("plan").out
    assert "only_this" in queries.read_text()


def test_the_same_input_gives_the_same_plan(migrate: Command, library: Path, folder: Path) -> None:
    migrate("plan", library, "--out", "one")
    migrate("plan", library, "--out", "two")
    assert (folder / "one" / "plan.json").read_bytes() == (folder / "two" / "plan.json").read_bytes()


def test_excluded_tables_are_named_and_not_planned(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "migrate.toml").write_text("[tables.author]\nexclude = true\n")
    planned = migrate("plan", library, "--json")
    body = json.loads((folder / "plan" / "plan.json").read_text())
    assert planned.json()["source_tables"] == 2
    assert body["source"]["excluded"] == [{"name": "author", "reason": "excluded in migrate.toml"}]
    assert migrate("apply", "plan", "--dry-run", "--endpoint-url", "http://127.0.0.1:9").code == 0


def test_samples_are_masked_unless_shown(migrate: Command, library: Path, folder: Path) -> None:
    migrate("plan", library)
    assert "a0@x.org" not in (folder / "plan" / "samples.json").read_text()
    migrate("plan", library, "--show-samples")
    assert "a0@x.org" in (folder / "plan" / "samples.json").read_text()


def test_json_is_one_document(migrate: Command, library: Path, folder: Path, at_engine: str) -> None:
    (folder / "queries.sql").write_text(QUERIES)
    planned = migrate("plan", library, "--queries", "queries.sql", "--json").json()
    assert planned["served"] == ["author_by_email", "author_with_books", "some_books", "add_book"]
    assert planned["plan"] == "plan/plan.json"
    applied = migrate("apply", "plan", "--json").json()
    assert (applied["state"], applied["load"]["rows"], applied["exit_code"]) == ("verified", 90, 0)
    verified = migrate("verify", "plan", "--json", "--samples", 3, "--seed", 7).json()
    assert (verified["clean"], verified["queries"]["seed"], verified["exit_code"]) == (True, 7, 0)
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_another_plan_over_a_loaded_table(migrate: Command, library: Path, folder: Path, at_engine: str) -> None:
    assert migrate("plan", library).code == 0
    assert migrate("apply", "plan").code == 0
    (folder / "queries.sql").write_text("-- name: by_title\nSELECT * FROM book WHERE title = :title;\n")
    assert "replaces the plan that was there" in migrate("plan", library, "--queries", "queries.sql").out
    ended = migrate("apply", "plan")
    assert ended.code == 4, ended
    assert "another plan" in ended.err
    assert "migrate drop" in ended.err
    assert migrate("query", "plan", "by_title", "-p", "title=x").code == 4
    assert migrate("drop", "plan", "--yes-drop", at_engine).code == 0
    assert migrate("apply", "plan").code == 0
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_a_table_that_others_made_is_left_alone(
    migrate: Command, library: Path, at_engine: str, connection: Connection
) -> None:
    migrate("plan", library)
    keys = [("PK", "HASH"), ("SK", "RANGE")]
    table: dict[str, Any] = {
        "TableName": at_engine,
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        "BillingMode": "PAY_PER_REQUEST",
    }
    connection.client.create_table(**table)
    connection.client.put_item(TableName=at_engine, Item={"PK": {"S": "a"}, "SK": {"S": "b"}})
    applied = migrate("apply", "plan")
    assert applied.code == 4, applied
    dropped = migrate("drop", "plan", "--yes-drop", at_engine)
    assert dropped.code == 4
    assert "was not created by `migrate`" in dropped.err
    assert connection.client.get_item(TableName=at_engine, Key={"PK": {"S": "a"}, "SK": {"S": "b"}})["Item"]
    connection.client.delete_table(TableName=at_engine)


def test_bad_rows_stop_apply_before_anything_is_made(
    migrate: Command, library: Path, folder: Path, at_engine: str
) -> None:
    change(library, f"INSERT INTO author VALUES (77, '{'x' * 3000}', 'long')")
    migrate("plan", library)
    stopped = migrate("apply", "plan")
    assert stopped.code == 4, stopped
    assert "author (id=77)" in stopped.err
    assert not (folder / "plan" / ".migrate").exists()
    assert "there is no table" in migrate("drop", "plan").out
    assert migrate("apply", "plan", "--dry-run").code == 4

    left_out = migrate("apply", "plan", "--allow-rejects")
    assert left_out.code == 3, left_out
    assert "plan/rejects.ndjson" in left_out.out
    assert json.loads((folder / "plan" / "rejects.ndjson").read_text())["key"] == "id=77"
    migrate("drop", "plan", "--yes-drop", at_engine)
    few = migrate("apply", "plan", "--allow-rejects", "--max-rejects", 0)
    assert few.code == 4, few
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_differences_are_named(
    migrate: Command, library: Path, at_engine: str, connection: Connection, folder: Path
) -> None:
    migrate("plan", library)
    loaded = migrate("apply", "plan", "--no-verify")
    assert loaded.code == 0
    assert "not verified" in loaded.out
    assert list((folder / "plan" / ".migrate").glob("*.sqlite"))
    (item,) = [item for item in _items(connection, at_engine) if item.get("title") == {"S": "Title 7"}]
    connection.client.put_item(TableName=at_engine, Item={**item, "title": {"S": "spoilt"}})
    verified = migrate("verify", "plan")
    assert verified.code == 3, verified
    assert "different: book (id=7)" in verified.out
    assert "expected S Title 7, found S spoilt" in verified.out
    assert migrate("apply", "plan").code == 3
    connection.client.put_item(TableName=at_engine, Item=item)
    finished = migrate("apply", "plan")
    assert finished.code == 0, finished
    assert "was loaded already" in finished.out
    assert not (folder / "plan" / ".migrate").exists()
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_later_changes_of_the_source_are_told_apart(migrate: Command, library: Path, at_engine: str) -> None:
    migrate("plan", library)
    migrate("apply", "plan")
    change(library, "UPDATE book SET title = 'later' WHERE id = 3")
    verified = migrate("verify", "plan")
    assert verified.code == 3
    assert "differences may be later changes" in verified.out
    migrate("drop", "plan", "--yes-drop", at_engine)


def _items(connection: Connection, table: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = connection.client.scan(TableName=table)["Items"]
    return items


def test_a_queries_file_that_lies_here_unread_is_told(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "queries.sql").write_text(QUERIES)
    assert "queries.sql in this folder was not read: name it with --queries" in migrate("plan", library).out
    assert "was not read" not in migrate("plan", library, "--queries", "queries.sql").out


def test_a_queries_file_without_queries_is_told(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "empty.sql").write_text("-- nothing yet\n")
    assert "empty.sql declares none" in migrate("plan", library, "--queries", "empty.sql").out
