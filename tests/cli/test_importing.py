"""Items as files, and a table that ImportTable makes of them, through the real command and the engine's own S3."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from migrator.target.local import LocalEngine

from tests.cli.conftest import Command
from tests.cli.library import QUERIES

BUCKET = "moving"


@pytest.fixture(scope="module")
def both() -> Iterator[LocalEngine]:
    """An engine with S3 beside DynamoDB."""
    with LocalEngine(services=("dynamodb", "s3", "logs")) as engine:
        client(engine, "s3").create_bucket(Bucket=BUCKET)
        yield engine


def client(engine: LocalEngine, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=engine.endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@pytest.fixture
def planned(
    both: LocalEngine,
    library: Path,
    folder: Path,
    table_name: str,
    migrate: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The library's plan in the folder `plan`, for a table of the test's own: its name."""
    monkeypatch.setenv("MIGRATE_ENDPOINT_URL", both.endpoint)
    monkeypatch.setenv("MIGRATE_TABLE_NAME", table_name)
    (folder / "queries.sql").write_text(QUERIES)
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    return table_name


def scanned(engine: LocalEngine, table: str) -> dict[tuple[str, str], Any]:
    pages = client(engine, "dynamodb").get_paginator("scan").paginate(TableName=table)
    return {(item["PK"]["S"], item["SK"]["S"]): item for page in pages for item in page["Items"]}


def rows_only(items: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    return {key: item for key, item in items.items() if not key[0].startswith("MIGRATE#")}


def projections(table: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(index["IndexName"], index["Projection"]) for index in table.get("GlobalSecondaryIndexes", ())]


def test_an_import_makes_the_table_that_transactions_make(
    both: LocalEngine, planned: str, migrate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = migrate("apply", "plan", "--via-import", f"s3://{BUCKET}/load")
    assert ended.code == 0, ended.err
    assert "imported in" in ended.out
    imported = client(both, "dynamodb").describe_table(TableName=planned)["Table"]
    items = rows_only(scanned(both, planned))
    assert migrate("drop", "plan", "--yes-drop", planned).code == 0
    assert migrate("apply", "plan").code == 0
    loaded = client(both, "dynamodb").describe_table(TableName=planned)["Table"]
    assert items == rows_only(scanned(both, planned))
    for same in ("KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled"):
        assert imported.get(same) == loaded.get(same), same
    assert projections(imported) == projections(loaded)


def test_what_was_uploaded_goes_and_a_second_apply_writes_nothing(
    both: LocalEngine, planned: str, migrate: Command
) -> None:
    assert migrate("apply", "plan", "--via-import", f"s3://{BUCKET}/once/").code == 0
    assert "Contents" not in client(both, "s3").list_objects_v2(Bucket=BUCKET, Prefix="once/")
    again = migrate("apply", "plan", "--via-import", f"s3://{BUCKET}/once/")
    assert again.code == 0
    assert "verified already: nothing was written" in again.out


def test_an_import_that_was_not_verified_is_verified_by_the_next_apply(
    both: LocalEngine, planned: str, migrate: Command
) -> None:
    assert migrate("apply", "plan", "--via-import", f"s3://{BUCKET}", "--no-verify").code == 0
    ended = migrate("apply", "plan")
    assert ended.code == 0, ended.err
    assert "0 missing, 0 different" in ended.out


def test_a_table_that_stands_there_already_blocks_an_import(both: LocalEngine, planned: str, migrate: Command) -> None:
    assert migrate("apply", "plan").code == 0
    ended = migrate("apply", "plan", "--via-import", f"s3://{BUCKET}")
    assert ended.code == 4
    assert "is there already" in ended.err


def test_a_missing_bucket_is_named_before_anything_is_created(
    both: LocalEngine, planned: str, migrate: Command
) -> None:
    ended = migrate("apply", "plan", "--via-import", "s3://not-there-at-all")
    assert ended.code == 1
    assert "s3://not-there-at-all" in ended.err
    assert planned not in client(both, "dynamodb").list_tables()["TableNames"]


@pytest.mark.parametrize("place", ["moving", "https://moving/x", "s3://", "s3:///x"])
def test_what_is_no_place_in_s3_is_refused(place: str, planned: str, migrate: Command) -> None:
    ended = migrate("apply", "plan", "--via-import", place)
    assert ended.code == 2
    assert "is no place in S3" in ended.err


def test_options_of_writing_by_requests_are_refused_beside_an_import(planned: str, migrate: Command) -> None:
    ended = migrate("apply", "plan", "--via-import", f"s3://{BUCKET}", "--mode", "batch")
    assert ended.code == 2


def test_a_dry_run_says_what_the_import_would_cost_and_uploads_nothing(
    both: LocalEngine, planned: str, migrate: Command
) -> None:
    ended = migrate("apply", "plan", "--via-import", f"s3://{BUCKET}/dry", "--dry-run")
    assert ended.code == 0, ended.err
    assert "from S3" in ended.out
    assert "Contents" not in client(both, "s3").list_objects_v2(Bucket=BUCKET, Prefix="dry")


def test_exported_items_are_all_there_and_their_files_as_the_manifests_say(
    both: LocalEngine, planned: str, folder: Path, migrate: Command
) -> None:
    ended = migrate("export", "dynamodb-json", "plan")
    assert ended.code == 0, ended.err
    out = folder / "plan" / "export" / "dynamodb-json"
    lines = [json.loads(line) for line in (out / "manifest-files.json").read_text().splitlines()]
    items = [
        json.loads(item)["Item"]
        for line in lines
        for item in gzip.decompress((out / line["dataFileS3Key"]).read_bytes()).splitlines()
    ]
    summary = json.loads((out / "manifest-summary.json").read_text())
    assert len(items) == summary["itemCount"] == sum(line["itemCount"] for line in lines)
    assert migrate("apply", "plan").code == 0
    keys = {(item["PK"]["S"], item["SK"]["S"]) for item in items}
    assert keys == set(scanned(both, planned))


def test_an_export_is_imported_by_hand_and_apply_verifies_it(
    both: LocalEngine, planned: str, folder: Path, migrate: Command
) -> None:
    assert migrate("export", "dynamodb-json", "plan", "--out", "items").code == 0
    s3, dynamodb = client(both, "s3"), client(both, "dynamodb")
    for file in sorted((folder / "items" / "data").iterdir()):
        s3.upload_file(str(file), BUCKET, f"data/{file.name}")
    request = json.loads((folder / "items" / "import-table.json").read_text())
    request["S3BucketSource"]["S3Bucket"] = BUCKET
    arn = dynamodb.import_table(**request)["ImportTableDescription"]["ImportArn"]
    while dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]["ImportStatus"] == "IN_PROGRESS":
        pass
    ended = migrate("apply", "plan")
    assert ended.code == 0, ended.err
    assert "0 missing, 0 different" in ended.out


def test_two_rows_of_one_item_key_are_named_and_nothing_is_written(
    planned: str, folder: Path, migrate: Command
) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("CREATE TABLE note (id TEXT COLLATE NOCASE, text TEXT)")
        connection.executemany("INSERT INTO note VALUES (?, ?)", [("a", "1"), ("b", "2"), ("a", "3")])
        connection.commit()
    (folder / "migrate.toml").write_text('[tables.note]\nkey = ["id"]\n')
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 4
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("DELETE FROM note WHERE text = '3'")
        connection.commit()
    assert migrate("plan", "library.db", "--queries", "queries.sql").code in (0, 3)
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("INSERT INTO note VALUES ('a', '3')")
        connection.commit()
    ended = migrate("export", "dynamodb-json", "plan", "--out", "twice")
    assert ended.code == 4
    assert "note" in ended.err
    assert not (folder / "twice").exists()


def test_a_folder_with_something_in_it_is_not_written_to(planned: str, folder: Path, migrate: Command) -> None:
    (folder / "full").mkdir()
    (folder / "full" / "mine").write_text("x")
    ended = migrate("export", "dynamodb-json", "plan", "--out", "full")
    assert ended.code == 4
    assert [file.name for file in (folder / "full").iterdir()] == ["mine"]


def test_rows_that_no_item_can_be_made_of_stop_an_export_or_are_named(
    planned: str, folder: Path, migrate: Command
) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("UPDATE book SET cover = zeroblob(450000) WHERE id = 7")
        connection.commit()
    ended = migrate("export", "dynamodb-json", "plan")
    assert ended.code == 4
    assert "book (id=7)" in ended.err
    ended = migrate("export", "dynamodb-json", "plan", "--allow-rejects")
    assert ended.code == 3
    named = [json.loads(line) for line in (folder / "plan" / "rejects.ndjson").read_text().splitlines()]
    assert [(line["table"], line["key"]) for line in named] == [("book", "id=7")]


def test_a_rehearsal_leaves_the_reject_file_of_before_alone(planned: str, folder: Path, migrate: Command) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("UPDATE book SET cover = zeroblob(450000) WHERE id = 7")
        connection.commit()
    (folder / "plan" / "rejects.ndjson").write_text("of before\n")
    ended = migrate("apply", "plan", "--via-import", f"s3://{BUCKET}", "--allow-rejects", "--dry-run")
    assert ended.code == 3, ended.err
    assert (folder / "plan" / "rejects.ndjson").read_text() == "of before\n"
    assert not (folder / "plan" / "rejects.ndjson.old").exists()


def test_an_import_that_waits_for_its_verification_keeps_the_moment_that_it_holds(
    planned: str, folder: Path, migrate: Command
) -> None:
    assert migrate("apply", "plan", "--via-import", f"s3://{BUCKET}", "--no-verify").code == 0
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("DELETE FROM loan WHERE book_id = 3")
        connection.commit()
    ended = migrate("apply", "plan")
    assert ended.code == 0, ended.out
    assert "0 missing, 0 different" in ended.out


def test_rows_that_refer_to_no_row_are_left_out_of_an_export_where_that_is_said(
    planned: str, folder: Path, migrate: Command
) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("INSERT INTO loan VALUES (9999, '2024-01-01', 'nobody')")
        connection.commit()
    (folder / "migrate.toml").write_text('[tables.loan]\norphans = "reject"\n')
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    ended = migrate("export", "dynamodb-json", "plan", "--allow-rejects")
    assert ended.code == 3, ended.err
    (named,) = (json.loads(line) for line in (folder / "plan" / "rejects.ndjson").read_text().splitlines())
    assert (named["table"], named["row"]["book_id"]) == ("loan", 9999)


def test_values_kept_in_s3_are_no_part_of_an_import(planned: str, folder: Path, migrate: Command) -> None:
    (folder / "migrate.toml").write_text(f'[offload]\nbucket = "{BUCKET}"\n[tables.book]\noffload = ["cover"]\n')
    assert migrate("plan", "library.db", "--queries", "queries.sql").code == 0
    for command in (("apply", "plan", "--via-import", f"s3://{BUCKET}"), ("export", "dynamodb-json", "plan")):
        ended = migrate(*command)
        assert ended.code == 4
        assert "keeps large values in S3" in ended.err
