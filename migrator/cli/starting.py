"""`migrate init`: a commented migrate.toml and a first queries.sql."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import prepared, write_files
from migrator.cli.queries import QUERIES_FILE
from migrator.cli.settings import FILE, read_config
from migrator.cli.sources import find_schema, location_text
from migrator.design.prices import default_prices
from migrator.model.counted import plural
from migrator.model.errors import UsageError
from migrator.model.schema import Schema, Table
from migrator.model.settings import Limits
from migrator.model.toml import toml_text
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.starter import starter

_TOML = """\
# What `migrate` should know besides the schema and the queries. Paths are relative to this file.
# The command line and MIGRATE_* variables (MIGRATE_SOURCE, MIGRATE_TABLE_NAME ...) win over it.

[migrate]
source = {source}
queries = "{queries}"
# table_name = "app"
# region = "us-east-1"
# endpoint_url = "http://127.0.0.1:8000"
# profile = "default"

# Dollars: a million read and write units, a GB-month, a GB imported from S3; what a million further round trips are
# worth to you, and a month of one more index, of an index that holds less than whole items, of one more kind of item.
# [prices]
# region = "{prices.region}"
# read_million = {prices.read_million}
# write_million = {prices.write_million}
# storage_gb_month = {prices.storage_gb_month}
# import_gb = {prices.import_gb}
# round_trip_million = {prices.round_trip_million}
# request_million = {prices.request_million}
# index_month = {prices.index_month}
# projection_month = {prices.projection_month}
# item_kind_month = {prices.item_kind_month}

# Bounds that the design keeps: indexes; bytes and items that one request may read beyond its answer; rows of a
# table that is listed whole; steps that the search for the best design may take for every 100 statements.
# [limits]
# max_indexes = {limits.max_indexes}
# bounded_bytes = {limits.bounded_bytes}
# bounded_items = {limits.bounded_items}
# listed_rows = {limits.listed_rows}
# proof_steps = {limits.proof_steps}

# [table]
# deletion_protection = true
# point_in_time_recovery = true
# stream_view_type = "NEW_AND_OLD_IMAGES"
# table_class = "STANDARD"
# kms_key = "alias/app"
# max_on_demand = 4000
# tags = {{ team = "shop" }}

# What the table's own attributes are called, and an index of the design with its keys.
# [names]
# partition_key = "PK"
# sort_key = "SK"
# type = "type"
# ttl = "ttl"
# [names.indexes.GSI1]
# name = "GSI1"
# partition_key = "GSI1PK"
# sort_key = "GSI1SK"

# What to do with a table: leave it out, say which columns name a row, which column says when a row expires
# ("none": none does), what its items are called, and what a column is called on them.
# [tables.{example}]
# exclude = true
# key = ["id"]
# ttl = "none"
# tag = "NAME"
# attributes = {{ id = "id" }}
#
# The tables are:
{tables}

# Refused queries, hazards and `rejects` (rows that cannot be loaded) that you accept: each by its name, with
# the reason.
# [accept]
# some_query = "why this is acceptable"
"""


@dataclass(frozen=True, slots=True)
class InitOptions:
    source: str | None = None
    directory: Path = Path()
    force: bool = False
    schema: str | None = None


def start(options: InitOptions, console: Console) -> tuple[Path, Path]:
    """Writes both files into the directory and gives their paths. UsageError when one of them is there and
    `force` is not said."""
    files = options.directory / FILE, options.directory / QUERIES_FILE
    standing = [str(file) for file in files if file.exists()]
    if standing and not options.force:
        raise UsageError(f"{' and '.join(standing)} would be overwritten", "keep them, or say --force")
    config = read_config(None, os.environ, options.directory)
    location = find_schema(options.source, config.cli, None, options.schema)
    with prepared(options.directory), open_source(location) as source:
        schema = reflect(source)
        toml = commented_toml(schema, location_text(location, options.directory))
        write_files(options.directory, {QUERIES_FILE: starter(schema).encode(), FILE: toml.encode()})
    console.say(f"read {plural(len(schema.tables), 'table')} of {location.display}")
    return files


def commented_toml(schema: Schema, source: str) -> str:
    """A migrate.toml that says where the source is; all else stands there as comments, with the defaults."""
    return _TOML.format(
        source=toml_text(source),
        queries=QUERIES_FILE,
        prices=default_prices(),
        limits=Limits(),
        example=toml_text(schema.tables[0].name) if schema.tables else '"name"',
        tables="\n".join(map(_table, schema.tables)),
    )


def _table(table: Table) -> str:
    keyless = not any(True for _ in table.row_keys())
    hint = "   # no key names its rows: say which columns do, or exclude it" if keyless else ""
    return f"# [tables.{toml_text(table.name)}]{hint}"
