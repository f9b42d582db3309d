"""migrate.toml, or `[tool.migrate]` of pyproject.toml, and MIGRATE_* variables, read into `Settings`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migrator.cli.sections import Field, Section, choice, flag, flag_or_names, names, number, text, whole
from migrator.design.prices import default_prices
from migrator.model.errors import UsageError
from migrator.model.settings import Bucket, ChosenNames, IndexNames, Limits, PinnedView, Settings, TableOverride
from migrator.target.limits import BUCKET, NAME

FILE = "migrate.toml"
PROJECT_FILE = "pyproject.toml"

_MIGRATE: Mapping[str, Field] = {
    "source": text,
    "queries": text,
    "table_name": text,
    "region": text,
    "endpoint_url": text,
    "profile": text,
}
_PRICES: Mapping[str, Field] = {
    "read_million": number,
    "write_million": number,
    "storage_gb_month": number,
    "import_gb": number,
    "round_trip_million": number,
    "request_million": number,
    "index_month": number,
    "projection_month": number,
    "item_kind_month": number,
    "s3_put_million": number,
    "s3_get_million": number,
    "s3_gb_month": number,
    "region": text,
}
_LIMITS: Mapping[str, Field] = {
    "max_indexes": whole(0, 20),
    "bounded_bytes": whole(1),
    "bounded_items": whole(1),
    "listed_rows": whole(1),
    "embedded_items": whole(1),
    "embedded_bytes": whole(1, 262_144),
    "proof_steps": whole(0),
}
_TABLE: Mapping[str, Field] = {
    "deletion_protection": flag,
    "point_in_time_recovery": flag,
    "stream_view_type": choice("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
    "table_class": choice("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
    "kms_key": text,
    "max_on_demand": whole(1),
}
_OVERRIDE: Mapping[str, Field] = {
    "exclude": flag_or_names,
    "key": names,
    "ttl": text,
    "tag": text,
    "partition": names,
    "sort": names,
    "copies": flag,
    "embed": flag,
    "offload": names,
}
_VIEW: Mapping[str, Field] = {"partition": names, "sort": names}
_INDEX_NAMES: Mapping[str, Field] = {"name": text, "partition_key": text, "sort_key": text}
_NAMES: Mapping[str, Field] = {"partition_key": text, "sort_key": text, "type": text, "ttl": text}
_OFFLOAD: Mapping[str, Field] = {"bucket": text, "prefix": text, "inline_bytes": whole(0, 262_144)}
_SECTIONS = ("migrate", "prices", "limits", "table", "names", "tables", "offload", "accept")
_VARIABLES = {name: f"MIGRATE_{name.upper()}" for name in _MIGRATE}


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source as somebody wrote it; a relative path in it starts from `folder`. `where` says who wrote it."""

    text: str
    folder: Path
    where: str


@dataclass(frozen=True, slots=True)
class CliConfig:
    """What migrate.toml and the environment say to the command line alone. `file` is the file read, if any."""

    source: SourceText | None = None
    queries: Path | None = None
    region: str | None = None
    endpoint_url: str | None = None
    profile: str | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Both halves of the configuration."""

    settings: Settings
    cli: CliConfig


def read_config(named: Path | None, environment: Mapping[str, str], folder: Path = Path()) -> Config:
    """The configuration file `named`, or the one in `folder`, under the environment. UsageError, naming file
    and key, for what it does not understand."""
    file = named if named is not None else _find(folder)
    body = _body(file) if file is not None else {}
    config = _parse(body, file)
    return _under(config, environment, folder)


def check_table_name(name: str, where: str) -> str:
    """The name, when DynamoDB takes it."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{where}: {name!r} is not a table name that DynamoDB takes", "use 3 to 255 of a-z, A-Z, 0-9, '_', '.', '-'"
        )
    return name


def _find(folder: Path) -> Path | None:
    if (folder / FILE).is_file():
        return folder / FILE
    project = folder / PROJECT_FILE
    return project if project.is_file() and "migrate" in _load(project).get("tool", {}) else None


def _body(file: Path) -> dict[str, Any]:
    body = _load(file)
    if file.name != PROJECT_FILE:
        return body
    tool = body.get("tool", {}).get("migrate", {})
    return tool if isinstance(tool, dict) else {}


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name another file with --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}", "correct it there") from None


def _parse(body: Mapping[str, Any], file: Path | None) -> Config:
    where = str(file) if file is not None else FILE
    if file is not None and file.name == PROJECT_FILE:
        where += " [tool.migrate]"
    Section(where, "", body).demand_known(_SECTIONS)
    migrate = _section(body, where, "migrate").read(_MIGRATE)
    prices = _section(body, where, "prices").read(_PRICES)
    table = _section(body, where, "table")
    settings = Settings(
        prices=replace(default_prices(), **prices),
        limits=Limits(**_section(body, where, "limits").read(_LIMITS)),
        overrides=_overrides(_section(body, where, "tables")),
        accept=_accept(_section(body, where, "accept")),
        tags=table.inner("tags").texts() if "tags" in table.body else (),
        names=_names(_section(body, where, "names")),
        bucket=_bucket(_section(body, where, "offload")),
        **table.without("tags").read(_TABLE),
    )
    if "table_name" in migrate:
        settings = replace(
            settings, table_name=check_table_name(migrate["table_name"], f"{where}: [migrate] table_name")
        )
    return Config(settings, _cli(migrate, file, where))


def _cli(migrate: Mapping[str, Any], file: Path | None, where: str) -> CliConfig:
    folder = file.parent if file is not None else Path()
    return CliConfig(
        SourceText(migrate["source"], folder, where) if "source" in migrate else None,
        folder / migrate["queries"] if "queries" in migrate else None,
        migrate.get("region"),
        migrate.get("endpoint_url"),
        migrate.get("profile"),
        file,
    )


def _bucket(said: Section) -> Bucket | None:
    found = said.read(_OFFLOAD)
    if not found:
        return None
    if not BUCKET.fullmatch(found.get("bucket", "")):
        raise UsageError(
            f"{said.file}: [offload] bucket names no S3 bucket: {found.get('bucket', '')!r}",
            "say which bucket the values go to: 3 to 63 of a-z, 0-9, '.' and '-'",
        )
    return Bucket(**found)


def _section(body: Mapping[str, Any], where: str, name: str) -> Section:
    return Section(where, "", body).inner(name)


def _accept(said: Section) -> tuple[tuple[str, str], ...]:
    for name, reason in said.body.items():
        if reason == "":
            raise UsageError(
                f"{said.file}: [accept] {name} gives no reason", "say why it is acceptable: the documents will show it"
            )
    return said.texts()


def _overrides(tables: Section) -> tuple[TableOverride, ...]:
    return tuple(_override(name, tables.inner(name)) for name in tables.body)


def _override(table: str, said: Section) -> TableOverride:
    views = tuple(PinnedView(**view.read(_VIEW)) for view in said.each("views"))
    attributes = said.inner("attributes").texts()
    others = said.without("attributes", "views").read(_OVERRIDE)
    if isinstance(others.get("exclude"), tuple):
        others["left_out"] = others.pop("exclude")
    return TableOverride(table, attributes=attributes, views=views, **others)


def _names(said: Section) -> ChosenNames:
    indexes = said.inner("indexes")
    named = tuple(IndexNames(index, **indexes.inner(index).read(_INDEX_NAMES)) for index in indexes.body)
    return ChosenNames(indexes=named, **said.without("indexes").read(_NAMES))


def _under(config: Config, environment: Mapping[str, str], folder: Path) -> Config:
    """Variables win over the file. One that is empty says nothing."""
    said = {name: environment[variable] for name, variable in _VARIABLES.items() if environment.get(variable)}
    settings, cli = config.settings, config.cli
    if "table_name" in said:
        settings = replace(settings, table_name=check_table_name(said["table_name"], _VARIABLES["table_name"]))
    if "source" in said:
        cli = replace(cli, source=SourceText(said["source"], folder, _VARIABLES["source"]))
    if "queries" in said:
        cli = replace(cli, queries=folder / said["queries"])
    cli = replace(
        cli,
        region=said.get("region", cli.region),
        endpoint_url=said.get("endpoint_url", cli.endpoint_url),
        profile=said.get("profile", cli.profile),
    )
    return Config(settings, cli)
