"""Large values in S3, by the command line and the embedded engine, from plan to drop."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from migrator.target.local import LocalEngine

from tests.cli.conftest import Command, at_engine, folder, migrate

__all__ = ["at_engine", "folder", "migrate"]

QUERIES = """
-- name: document
SELECT * FROM document WHERE id = :id;
-- name: of_kind
SELECT id FROM document WHERE kind = :kind ORDER BY id;
"""
LONG = "Zo\u00eb and the sea. " * 40_000
"""More than any item holds."""


@pytest.fixture
def s3(engine: LocalEngine) -> Iterator[Any]:
    yield boto3.client(
        "s3",
        endpoint_url=engine.endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(s3={"addressing_style": "path"}),
    )


@pytest.fixture
def settings(folder: Path, at_engine: str) -> str:
    """A small source with a large value; its settings, with a bucket that no other test has."""
    with closing(sqlite3.connect(folder / "d.db")) as connection:
        connection.executescript(
            "CREATE TABLE document (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, mail TEXT UNIQUE, body TEXT, meta JSON)"
        )
        rows = [(n, "ab"[n % 2], f"m{n}", [LONG, "short", None][n % 3], "{}") for n in range(1, 9)]
        connection.executemany("INSERT INTO document VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()
    text = f'[offload]\nbucket = "b-{at_engine}"\nprefix = "texts"\n[tables.document]\noffload = ["body"]\n'
    say(folder, text, QUERIES)
    return text


def say(folder: Path, settings: str, queries: str) -> None:
    (folder / "migrate.toml").write_text('[migrate]\nsource = "d.db"\nqueries = "q.sql"\n' + settings)
    (folder / "q.sql").write_text(queries)


def test_a_value_too_large_for_an_item_goes_all_the_way(
    settings: str, migrate: Command, s3: Any, at_engine: str
) -> None:
    planned = migrate("plan")
    assert planned.code == 0, planned.out + planned.err
    rehearsed = migrate("apply", "plan", "--dry-run")
    assert f"would put 2 objects of {2 * len(LONG.encode()):,} bytes in all to S3" in rehearsed.out
    applied = migrate("apply", "plan")
    assert applied.code == 0, applied.out + applied.err
    bucket = f"b-{at_engine}"
    (there,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert there["Key"].startswith("texts/document/")
    assert s3.get_object(Bucket=bucket, Key=there["Key"])["Body"].read().decode() == LONG
    assert migrate("query", "plan", "document", "--param", "id=3").json()[0]["body"] == LONG
    s3.put_object(Bucket=bucket, Key=there["Key"], Body=b"another text")
    found = migrate("verify", "plan", "--read-objects", "--samples", "2")
    assert found.code == 3
    assert "0 missing, 2 different" in found.out and "an object of 12 bytes" in found.out, found.out
    dropped = migrate("drop", "plan", "--yes-drop", at_engine)
    assert f"objects under s3://{bucket}/texts/ stay" in dropped.out
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM document WHERE body = :b",
        "SELECT id FROM document WHERE kind = :k AND body IS NULL",
        "SELECT id FROM document WHERE kind = :k AND body LIKE :b || '%'",
        "SELECT id FROM document WHERE kind = :k ORDER BY body",
        "SELECT id, body FROM document WHERE kind = :k ORDER BY 2",
        "SELECT body, COUNT(*) FROM document WHERE kind = :k GROUP BY body",
        "SELECT MAX(body) FROM document WHERE kind = :k",
        "UPDATE document SET body = body || :more WHERE id = :id",
        "DELETE FROM document WHERE id = :id AND body = :b",
    ],
)
def test_a_query_that_looks_into_the_value_is_refused_by_name(
    query: str, settings: str, folder: Path, migrate: Command
) -> None:
    say(folder, settings, f"-- name: looks\n{query};")
    planned = migrate("plan")
    assert planned.code == 3, planned.out + planned.err
    assert "looks (refused)" in planned.out and "it looks into document.body" in planned.out


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('[tables.document]\noffload = ["body"]', "needs a bucket"),
        ('[offload]\nbucket = "No Bucket"', "names no S3 bucket"),
        ('[offload]\nbucket = "b-b"\n[tables.document]\noffload = ["id"]', "names the rows"),
        ('[offload]\nbucket = "b-b"\n[tables.document]\noffload = ["mail"]', "is part of a unique key"),
        ('[offload]\nbucket = "b-b"\n[tables.document]\noffload = ["meta"]', "holds json values"),
        ('[offload]\nbucket = "b-b"\n[tables.document]\noffload = ["bodi"]', "no column of document"),
        ('[offload]\nbucket = "b-b"\n[tables.document]\noffload = ["body"]\nembed = true', "do not go together"),
        ('[offload]\nbucket = "b-b"\n[tables.document]\noffload = ["body"]\nttl = "body"', "says when a row expires"),
    ],
)
def test_what_cannot_be_offloaded_is_said_before_anything_is_read(
    said: str, why: str, settings: str, folder: Path, migrate: Command
) -> None:
    say(folder, said, QUERIES)
    planned = migrate("plan")
    assert planned.code == 2, planned.out + planned.err
    assert why in planned.err


def test_without_a_way_to_s3_nothing_is_written(
    settings: str, migrate: Command, monkeypatch: pytest.MonkeyPatch, connection: Any, at_engine: str
) -> None:
    migrate("plan")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    applied = migrate("apply", "plan")
    assert applied.code == 1, applied.out + applied.err
    assert "S3 does not answer" in applied.err and "AWS_ENDPOINT_URL_S3" in applied.err
    assert at_engine not in connection.client.list_tables()["TableNames"]


def test_the_plan_says_what_the_application_has_to_do(settings: str, folder: Path, migrate: Command) -> None:
    say(folder, settings, QUERIES + "-- name: write_it\nUPDATE document SET body = :body WHERE id = :id;")
    migrate("plan")
    text = (folder / "plan" / "design.md").read_text()
    assert "values of document.body over 4,096 bytes are objects in S3" in text
    assert "write_it: the value set is that map then" in text
