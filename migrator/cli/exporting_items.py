"""`migrate export dynamodb-json`: every item of the source in files that ImportTable reads from S3."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from migrator.cli.admission import Admitting, demand_parents, look_through
from migrator.cli.console import Console
from migrator.cli.drift import demand_same_schema
from migrator.cli.folder import StoredPlan, only_one, prepared, write_files
from migrator.cli.parting import demand_whole, make_parts
from migrator.cli.settings import read_config
from migrator.cli.sources import find_source
from migrator.load.parts import Part, Parts
from migrator.load.run_record import Mode
from migrator.model.counted import plural
from migrator.model.errors import BlockedError, MigrateError
from migrator.render.figures import size
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot
from migrator.target.importing import import_request
from migrator.target.s3 import Place

ITEMS = "dynamodb-json"
DATA = "data"
BUCKET = "YOUR-BUCKET"


@dataclass(frozen=True, slots=True)
class ItemOptions:
    """What the command line says of the source, and of rows that no item can be made of."""

    source: str | None = None
    config: Path | None = None
    allow_rejects: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What to show, and how many rows were left out."""

    text: str
    rejected: int = 0


def export_items(stored: StoredPlan, folder: Path, options: ItemOptions, console: Console) -> Exported:
    """Writes data/part-*.json.gz, two manifests and ImportTable's request into `folder`, which must be new or empty,
    and gives what to show. One moment of the source is read."""
    if folder.exists() and any(folder.iterdir()):
        raise BlockedError(
            f"the folder {folder} is not empty, and ImportTable would read what lies there too",
            "empty it, or name another one with --out",
        )
    demand_whole(stored.plan)
    config = read_config(options.config, dict(os.environ))
    with open_source(find_source(options.source, config.cli, stored.folder)) as source, prepared(folder):
        demand_same_schema(stored.plan, reflect(source))
        with only_one(stored), _aside(folder) as aside, take_snapshot(source, aside / "copy.sqlite") as rows:
            written = aside / DATA
            written.mkdir()
            demand_parents(stored.plan, rows)
            found = look_through(stored.plan, rows, Admitting(options.allow_rejects), Mode.IMPORT, console)
            parts = make_parts(stored, rows, written, found, console)
            written.replace(folder / DATA)
        write_files(folder, {name: text.encode() for name, text in _about(stored, parts).items()})
    return _told(stored, folder, parts)


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted files, on the same disk, which goes with the block."""
    try:
        with TemporaryDirectory(prefix=".parts-", dir=folder) as name:
            yield Path(name)
    except OSError as error:
        raise MigrateError(
            f"the files of items cannot be written in {folder}: {error.strerror}", "make room there, and run it again"
        ) from None


def _about(stored: StoredPlan, parts: Parts) -> dict[str, str]:
    """The manifests name files as DynamoDB's own exports do (developer guide: "Table export output format")."""
    files = "".join(json.dumps(_line(part)) + "\n" for part in parts.parts)
    summary = {
        "version": "2020-06-30",
        "outputFormat": "DYNAMODB_JSON",
        "itemCount": parts.items,
        "uncompressedBytes": parts.bytes,
        "manifestFilesS3Key": "manifest-files.json",
        "manifestFilesMd5": b64encode(hashlib.md5(files.encode(), usedforsecurity=False).digest()).decode(),
        "planDigest": stored.digest,
        "sourceFingerprint": parts.record.fingerprint,
        "tables": [
            {"name": table.name, "rows": table.rows, "items": table.items, "rejected": table.rejected}
            for table in parts.tables
        ],
    }
    request = import_request(stored.plan, Place(BUCKET, f"{DATA}/"))
    return {
        "manifest-files.json": files,
        "manifest-summary.json": json.dumps(summary, indent=2) + "\n",
        "import-table.json": json.dumps(request, indent=2) + "\n",
    }


def _line(part: Part) -> dict[str, object]:
    return {
        "itemCount": part.items,
        "md5Checksum": part.md5,
        "sha256": part.sha256,
        "bytes": part.bytes,
        "dataFileS3Key": f"{DATA}/{part.name}",
    }


def _told(stored: StoredPlan, folder: Path, parts: Parts) -> Exported:
    rejected = sum(table.rejected for table in parts.tables)
    left = f"\n{plural(rejected, 'row')} left out, named in {stored.rejects}" if rejected else ""
    return Exported(
        f"wrote {plural(parts.items, 'item')} ({size(parts.bytes)}) in {plural(len(parts.parts), 'file')} to "
        f"{folder / DATA}{left}\n"
        f"next: put your bucket's name into {folder / 'import-table.json'}, then\n"
        f"  aws s3 cp --recursive {folder / DATA} s3://{BUCKET}/{DATA}/\n"
        f"  aws dynamodb import-table --cli-input-json file://{folder / 'import-table.json'}\n"
        f"and when it has ended `migrate apply {stored.file}`, which verifies it and sets the rest",
        rejected,
    )
