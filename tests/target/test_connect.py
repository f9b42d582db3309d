from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.errors import MigrateError, UsageError
from migrator.target.connect import ConnectOptions, connect, is_loopback
from migrator.target.local import LocalEngine

NOWHERE = "http://127.0.0.1:1"


def test_a_loopback_endpoint_needs_neither_credentials_nor_region(engine: LocalEngine) -> None:
    connection = connect(ConnectOptions(endpoint_url=engine.endpoint))
    assert connection.loopback
    assert (connection.endpoint, connection.region, connection.account) == (engine.endpoint, "us-east-1", None)


def test_the_endpoint_may_come_from_the_environment(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint)
    assert connect(ConnectOptions()).endpoint == engine.endpoint


def test_an_endpoint_that_does_not_answer_is_named() -> None:
    with pytest.raises(MigrateError) as error:
        connect(ConnectOptions(endpoint_url=NOWHERE))
    assert NOWHERE in error.value.what
    assert "--endpoint-url" in error.value.next_step
    assert error.value.exit_code == 1


def test_missing_credentials_are_named() -> None:
    with pytest.raises(MigrateError, match="no AWS credentials") as error:
        connect(ConnectOptions(region="eu-central-1"))
    assert error.value.exit_code == 1


def test_a_missing_region_is_named() -> None:
    with pytest.raises(UsageError, match="no AWS region"):
        connect(ConnectOptions())


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(UsageError, match="nobody"):
        connect(ConnectOptions(profile="nobody", region="eu-central-1"))


def test_a_malformed_endpoint_is_named() -> None:
    with pytest.raises(UsageError, match="endpoint"):
        connect(ConnectOptions(endpoint_url="not a url"))


def test_a_profile_gives_region_and_endpoint(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile here]\nregion = eu-west-3\nendpoint_url = {engine.endpoint}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    connection = connect(ConnectOptions(profile="here"))
    assert (connection.region, connection.endpoint) == ("eu-west-3", engine.endpoint)


@pytest.mark.parametrize(
    ("endpoint", "loopback"),
    [
        ("http://localhost:8000", True),
        ("http://dynamodb.localhost:4566", True),
        ("http://127.9.9.9:1", True),
        ("http://[::1]:8000", True),
        ("https://dynamodb.eu-west-1.amazonaws.com", False),
        ("http://10.0.0.1:8000", False),
        ("http://localhost.example.org", False),
    ],
)
def test_loopback_is_this_machine_only(endpoint: str, loopback: bool) -> None:
    assert is_loopback(endpoint) is loopback


def test_a_password_in_the_endpoint_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        connect(ConnectOptions(endpoint_url="http://user:s3cret@127.0.0.1:1"))
    assert "s3cret" not in f"{caught.value.what} {caught.value.next_step}"
