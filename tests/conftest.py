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

UNTRACED = (
    "tests/acceptance/",
    "tests/adversarial/",
    "tests/browser/",
    "tests/docs/",
    "tests/design/test_programme",
    "tests/design/test_properties.py",
    "tests/design/test_published.py",
    "tests/load/test_anything.py",
    "tests/load/test_explored.py",
    "tests/torture/",
    "tests/verify/test_embedded.py",
    "tests/verify/test_mutations.py",
    "tests/verify/test_parity.py",
    "tests/verify/test_performed.py",
    "tests/verify/test_stored_joins.py",
    "tests/workload/test_meaning.py",
)
"""Where whole databases or many random ones are run: coverage is measured without them, in half of the time. Tests of
each room have to cover it by themselves."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(UNTRACED):
            item.add_marker("no_cover")


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
    """The embedded engine, started once, and still there at the end: else what failed meanwhile failed for that."""
    with LocalEngine() as started:
        yield started
        assert started.ended() is None


@pytest.fixture(scope="session")
def connection(engine: LocalEngine) -> Connection:
    return connected(engine)


@pytest.fixture
def table_name() -> str:
    """A table name that no other test uses."""
    return f"table-{next(_NUMBERS)}"
