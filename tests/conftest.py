"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine

from tests.engine import connected

_NUMBERS = count(1)


@pytest.fixture(scope="session", autouse=True)
def no_account_of_this_machine() -> Iterator[None]:
    """No test reaches an AWS account, or waits for one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    """The embedded engine, started once."""
    with LocalEngine() as started:
        yield started


@pytest.fixture(scope="session")
def connection(engine: LocalEngine) -> Connection:
    return connected(engine)


@pytest.fixture
def table_name() -> str:
    """A table name that no other test uses."""
    return f"table-{next(_NUMBERS)}"
