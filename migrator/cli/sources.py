"""Which source a command reads, and which of its tables."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from migrator.cli.offloading import demand_offloadable
from migrator.cli.sections import nearest
from migrator.cli.settings import CliConfig, SourceText
from migrator.model.errors import UsageError
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings, TableOverride
from migrator.plan.plan import NamedReason
from migrator.source.location import Location, from_toml, parse_location

SOURCE_FILE = "source.toml"


def find_source(given: str | None, config: CliConfig, plan_folder: Path | None) -> Location:
    """The source of the command line, else MIGRATE_SOURCE, else migrate.toml, else the one that the plan in
    `plan_folder` was made from. UsageError when nobody names one."""
    if given is not None:
        return parse_location(given)
    if config.source is not None:
        return _written(config.source)
    if plan_folder is not None and (plan_folder / SOURCE_FILE).is_file():
        return from_toml((plan_folder / SOURCE_FILE).read_text(encoding="utf-8"), plan_folder)
    raise UsageError(
        "no source is named",
        "give a path to a SQLite file or a URL, set MIGRATE_SOURCE, or write source = in migrate.toml",
    )


def find_schema(given: str | None, config: CliConfig, plan_folder: Path | None, schema: str | None) -> Location:
    """The source as `find_source` gives it, and of it the schema that the command line names."""
    location = find_source(given, config, plan_folder)
    return location if schema is None else location.of_schema(schema)


def _written(source: SourceText) -> Location:
    location = parse_location(source.text)
    return location if location.path is None else Location(path=source.folder / location.path)


def location_text(location: Location, folder: Path) -> str:
    """The location as migrate.toml in `folder` may hold it: a path relative to it, or a URL without secrets."""
    ((_, text),) = tomllib.loads(location.to_toml(folder)).items()
    return str(text)


def check_overrides(schema: Schema, settings: Settings, where: str) -> None:
    """UsageError for a table or a column in `[tables]` that the source does not have."""
    for override in settings.overrides:
        if not schema.has_table(override.table):
            what = f'{where}: [tables."{override.table}"] names no table of the source'
            raise UsageError(what, nearest(override.table, [table.name for table in schema.tables]))
        _check_columns(schema.table(override.table), override, where)
        if override.offload:
            demand_offloadable(schema, override, settings.bucket is not None, where)


def _check_columns(table: Table, override: TableOverride, where: str) -> None:
    renamed = tuple(column for column, _ in override.attributes)
    viewed = tuple(column for view in override.views for column in (*view.partition, *view.sort))
    listed = {"exclude": override.left_out, "key": override.key, "partition": override.partition, "sort": override.sort}
    listed |= {"attributes": renamed, "views": viewed, "offload": override.offload}
    named = [(setting, name) for setting, names in listed.items() for name in names]
    if override.ttl is not None and override.ttl != "none":
        named.append(("ttl", override.ttl))
    for setting, name in named:
        if not table.has_column(name):
            what = f'{where}: [tables."{table.name}"] {setting} names {name}, which is no column of {table.name}'
            raise UsageError(what, nearest(name, [column.name for column in table.columns]))


def leave_out(schema: Schema, settings: Settings) -> tuple[Schema, tuple[NamedReason, ...]]:
    """The schema without the tables and columns that the settings exclude and with the rowids that they name, and
    what is left out by name. UsageError for a column that names the rows."""
    names = {override.table for override in settings.overrides if override.exclude}
    if names and names >= {table.name for table in schema.tables}:
        raise UsageError("every table is excluded, so there is nothing to plan", "keep at least one table")
    reasons = tuple(NamedReason(name, "excluded in migrate.toml") for name in sorted(names))
    kept = showing(without_tables(schema, names), {o.table: o.key for o in settings.overrides})
    columns = {o.table: _droppable(schema.table(o.table), o) for o in settings.overrides if o.left_out}
    reasons += tuple(NamedReason(f"{t}.{c}", "excluded in migrate.toml") for t in sorted(columns) for c in columns[t])
    return without_columns(kept, columns), reasons


def _droppable(table: Table, override: TableOverride) -> tuple[str, ...]:
    needed = {*(override.key or next(table.row_keys(), ())), *(override.pinned or ()), override.ttl}
    if found := [name for name in override.left_out if name in needed]:
        raise UsageError(
            f'[tables."{table.name}"] exclude names {found[0]}, which the rows are named by or expire by',
            "leave that column in, or name another key",
        )
    return override.left_out


def without_columns(schema: Schema, named: Mapping[str, Collection[str]]) -> Schema:
    """The schema without these columns of its tables, and without the foreign keys that need them."""
    tables = (table.without(named[table.name]) if table.name in named else table for table in schema.tables)
    return replace(schema, tables=tuple(tables))


def showing(schema: Schema, named: Mapping[str, Collection[str]]) -> Schema:
    """The schema with the hidden columns that are named for a table."""
    return replace(schema, tables=tuple(table.showing(named.get(table.name, ())) for table in schema.tables))


def without_tables(schema: Schema, names: Collection[str]) -> Schema:
    """The schema without these tables and without the foreign keys that refer to them."""
    kept = (_without_references(table, names) for table in schema.tables if table.name not in names)
    return replace(schema, tables=tuple(kept))


def _without_references(table: Table, names: Collection[str]) -> Table:
    keys = tuple(key for key in table.foreign_keys if key.referred_table not in names)
    return replace(table, foreign_keys=keys)
