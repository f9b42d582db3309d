"""The plan's folder: all of a command's files appear in it, or none; and what a load keeps there."""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import EISDIR
from pathlib import Path

from migrator.model.errors import BlockedError, MigrateError, UsageError
from migrator.plan.document import load, plan_digest
from migrator.plan.plan import Plan

PLAN_FILE = "plan.json"
PRIVATE = ".migrate"


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as read, and the folder that it lies in."""

    plan: Plan
    digest: str
    file: Path

    @property
    def folder(self) -> Path:
        return self.file.parent

    def copy(self, place: str) -> Path:
        """Where the private copy of the source lies while the load of the table at `place` needs it."""
        return self._private(f"-{zlib.crc32(place.encode()):08x}.sqlite")

    def copies(self) -> tuple[Path, ...]:
        """The copies that loads of this plan keep, whatever their table."""
        return tuple(sorted(self.lock.parent.glob(f"{self.digest[:16]}-*.sqlite")))

    def compared(self, place: str) -> Path:
        """What a verification of the table at `place` has compared, while it is not at its end."""
        return self._private(f"-{zlib.crc32(place.encode()):08x}.compared")

    @property
    def rejects(self) -> Path:
        """Where rows that cannot be loaded are named."""
        return self.folder / "rejects.ndjson"

    @property
    def lock(self) -> Path:
        return self._private(".lock")

    def forget(self) -> None:
        """Removes what a load keeps, the remains of a killed one too, and the private folder when nothing else
        is in it."""
        private = self.lock.parent
        for file in (*self.copies(), self.lock, *private.glob(f".{self.digest[:16]}-*")):
            file.unlink(missing_ok=True)
        with suppress(OSError):
            private.rmdir()

    def _private(self, suffix: str) -> Path:
        return self.folder / PRIVATE / f"{self.digest[:16]}{suffix}"


def read_plan(path: Path) -> StoredPlan:
    """The plan at `path`, or of the folder `path`. UsageError when there is none; BlockedError when it was
    edited."""
    file = path / PLAN_FILE if path.is_dir() else path
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no plan {file}", "make one with `migrate plan`") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name a plan.json") from None
    plan = load(text, str(file))
    return StoredPlan(plan, plan_digest(plan), file)


@contextmanager
def prepared(folder: Path) -> Iterator[None]:
    """The folder exists and can be written to, or MigrateError before any work. When the work fails, folders
    that were made for it go again."""
    made = [missing for missing in (folder, *folder.parents) if not missing.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        _remove(made)
        raise MigrateError(
            f"the folder {folder} cannot be written to: {error.strerror}", "name another one with --out"
        ) from None
    try:
        yield
    except BaseException:
        _remove(made)
        raise


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes them all under temporary names, then moves each into its place, in order."""
    written: list[tuple[Path, Path]] = []
    try:
        for final in map(folder.joinpath, files):
            if final.is_dir():
                raise IsADirectoryError(EISDIR, "a folder of that name is in the way", str(final))
        for name, text in files.items():
            with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
                written.append((Path(file.name), folder / name))
                file.write(text)
            Path(file.name).chmod(0o666 & ~_umask())
        for temporary, final in written:
            temporary.replace(final)
    except OSError as error:
        what = f"{error.filename2 or error.filename or folder} cannot be written: {error.strerror}"
        raise MigrateError(what, "make room or give write access there, then run the same command again") from None
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def only_one(stored: StoredPlan) -> Iterator[None]:
    """Holds the plan for this process alone: two loads would pull the private copy from under each other.
    BlockedError when another one holds it. Does nothing where the system has no file locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        stored.lock.parent.mkdir(exist_ok=True)
        handle = os.open(stored.lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise MigrateError(
            f"{stored.lock.parent} cannot be written to: {error.strerror}", "give write access to the plan's folder"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        what = f"another `migrate` is at work with {stored.file}"
        raise BlockedError(what, "wait until it ends") from None
    try:
        yield
    finally:
        if not stored.copies():
            stored.forget()
        os.close(handle)


def remove_tree(folder: Path) -> None:
    """Removes a folder that this program made, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)
