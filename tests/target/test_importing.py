"""ImportTable against an engine that has S3 too."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import pytest
from migrator.model.errors import MigrateError
from migrator.plan.plan import Plan
from migrator.target.connect import Connection, ConnectOptions, connect
from migrator.target.importing import import_table
from migrator.target.inspect import inspect_table
from migrator.target.local import LocalEngine
from migrator.target.s3 import Files, Place, open_place
from migrator.target.table import settle_table

from tests.load.world import a_plan


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Connection, Files]]:
    with LocalEngine(services=("dynamodb", "s3", "logs")) as engine:
        options = ConnectOptions(endpoint_url=engine.endpoint)
        connection, place = connect(options), Place("files", "some/")
        files = open_place(options, connection, place)
        files._client.create_bucket(Bucket="files")
        yield connection, files


def put(files: Files, folder: Path, lines: list[object]) -> None:
    file = folder / "part.json.gz"
    file.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    files.upload(file, file.name, b64encode(md5(file.read_bytes()).digest()).decode())


def item(plan: Plan, name: str) -> dict[str, object]:
    return {"Item": {key: {"S": name} for key in plan.table.key_names}}


def test_an_import_is_settled_as_a_created_table_is(
    there: tuple[Connection, Files], table_name: str, tmp_path: Path
) -> None:
    connection, files = there
    plan = a_plan(table_name, tags=(("team", "shop"),), stream_view_type="NEW_IMAGE")
    put(files, tmp_path, [item(plan, "a"), item(plan, "b")])
    import_table(connection, plan, files.place, items=2, token="first")
    assert settle_table(connection, plan, "digest-1") == ()
    assert settle_table(connection, plan, "digest-1") == ()
    state = inspect_table(connection, plan)
    assert (state.status, state.deletion_protection, state.created_by) == ("matches", True, "digest-1")
    table = connection.client.describe_table(TableName=table_name)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    backups = connection.client.describe_continuous_backups(TableName=table_name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


@pytest.mark.parametrize("bad", ["nothing like an item", {"Item": {"PK": {"S": "no sort key"}}}])
def test_an_item_that_is_not_imported_fails_the_import_with_both_counts(
    bad: object, there: tuple[Connection, Files], table_name: str, tmp_path: Path
) -> None:
    connection, files = there
    plan = a_plan(table_name)
    put(files, tmp_path, [item(plan, "a"), bad])
    with pytest.raises(MigrateError, match=r"1 of 2 items were imported, 1 failed; its log is in "):
        import_table(connection, plan, files.place, items=2, token=table_name)


def test_fewer_items_than_were_written_fail_the_import(
    there: tuple[Connection, Files], table_name: str, tmp_path: Path
) -> None:
    connection, files = there
    plan = a_plan(table_name)
    put(files, tmp_path, [item(plan, "a")])
    with pytest.raises(MigrateError, match="1 of 2 items were imported"):
        import_table(connection, plan, files.place, items=2, token=table_name)


def test_a_place_that_cannot_be_reached_is_named(there: tuple[Connection, Files]) -> None:
    _, files = there
    lost = Files(files._client, Place("no-such-bucket", "x/"))
    with pytest.raises(MigrateError, match="s3://no-such-bucket/x/"):
        lost.demand_bucket()
    with pytest.raises(MigrateError, match="s3://no-such-bucket/x/"):
        lost.names()
