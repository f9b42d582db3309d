"""The examples in docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import migrator
import pytest

MODULES = sorted(module.name for module in pkgutil.walk_packages(migrator.__path__, "migrator."))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_some_modules_have_examples() -> None:
    attempted = [doctest.testmod(importlib.import_module(name)).attempted for name in MODULES]
    assert sum(attempted) >= 10
