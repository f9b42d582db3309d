"""`migrate demo`: the sample shop planned, loaded into the embedded engine and verified."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.cli.applying import Applied, ApplyOptions, apply_plan
from migrator.cli.console import Console
from migrator.cli.folder import remove_tree
from migrator.cli.planning import Planned, PlanOptions, make_plan
from migrator.cli.said import TargetOptions
from migrator.model.errors import MigrateError, UsageError
from migrator.target.local import LocalEngine

SAMPLE = "shop"
MARK = ".migrate-demo"
DATABASE = "shop.db"
COPIED = ("queries.sql", "migrate.toml")
NO_VARIABLES: dict[str, str] = {}
"""The demo is the same whatever MIGRATE_* variables say."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    directory: Path = Path("demo")
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Demo:
    """A finished demo while its engine still runs."""

    directory: Path
    planned: Planned
    applied: Applied
    engine: LocalEngine


def sample_folder() -> Path:
    """The sample's files: in the package when it was installed from a wheel, else beside it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "samples" / SAMPLE, package.parent / "samples" / SAMPLE):
        if (folder / "generate.py").is_file():
            return folder
    raise MigrateError("the sample database is not part of this installation", "install the package from its wheel")


@contextmanager
def demonstrated(options: DemoOptions, console: Console) -> Iterator[Demo]:
    """Plans, loads and verifies the sample; the engine runs until the block ends."""
    if not 0 < options.scale <= 1000:
        raise UsageError(f"--scale {options.scale:g} makes no sense", "give a number above 0, such as 0.1 or 10")
    _prepare(options, console)
    with LocalEngine() as engine:
        console.say(f"the embedded engine serves at {engine.endpoint}")
        planned = make_plan(_plan_options(options.directory), console, NO_VARIABLES)
        target = TargetOptions(endpoint_url=engine.endpoint, region="us-east-1")
        apply = ApplyOptions(planned.file, str(options.directory / DATABASE), _config(options.directory), target)
        yield Demo(options.directory, planned, apply_plan(apply, console, NO_VARIABLES), engine)


def _prepare(options: DemoOptions, console: Console) -> None:
    """A fresh database and its files. UsageError for a directory that holds something else."""
    directory, sample = options.directory, sample_folder()
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is not a directory", "choose another one with --directory")
    if directory.is_dir() and any(directory.iterdir()) and not (directory / MARK).exists():
        raise UsageError(f"{directory} is not empty and not a demo's", "choose another one with --directory")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MARK).touch()
        remove_tree(directory / "plan")
        for name in COPIED:
            shutil.copyfile(sample / name, directory / name)
        console.say(f"making the sample database {directory / DATABASE}")
        _generator(sample)(directory / DATABASE, options.scale)
    except OSError as error:
        raise MigrateError(f"{error.filename or directory}: {error.strerror or error}", "choose --directory") from None


def _generator(sample: Path) -> Callable[[Path, float], dict[str, int]]:
    """The sample's own `generate`."""
    spec = importlib.util.spec_from_file_location("migrate_sample_shop", sample / "generate.py")
    if spec is None or spec.loader is None:
        raise MigrateError(f"{sample / 'generate.py'} cannot be loaded", "install the package again")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    generate: Callable[[Path, float], dict[str, int]] = module.generate
    return generate


def _config(directory: Path) -> Path:
    return directory / "migrate.toml"


def _plan_options(directory: Path) -> PlanOptions:
    return PlanOptions(str(directory / DATABASE), None, directory / "plan", _config(directory))
