"""Where the source is, in a form that never shows a password."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from migrator.model.errors import UsageError
from migrator.model.toml import toml_text

_SECRET_OPTION = re.compile(r"pass(?!file)|pwd|secret|token|odbc_connect", re.IGNORECASE)
_DIALECTS = {"mariadb": "mysql"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
_NEXT = "Give a path to a SQLite file, or a URL such as postgresql://user@host/database."


@dataclass(frozen=True, slots=True)
class Location:
    """A SQLite file by `path`, or a server by `url`: exactly one of them is set. `schema`: of a PostgreSQL database,
    where it is not what the server's search path says (`?schema=` in a URL)."""

    path: Path | None = None
    url: URL | None = field(default=None, repr=False)
    schema: str | None = None

    def __repr__(self) -> str:
        return f"Location({self.display!r})"

    @property
    def display(self) -> str:
        """For people: the path, or the URL without password and secret options."""
        if self.url is None:
            return str(self.path)
        shown = _without_secrets(self.url)
        return (shown if self.schema is None else shown.update_query_dict({"schema": self.schema})).render_as_string()

    @property
    def dialect(self) -> str:
        """sqlite, postgresql, mysql (also for MariaDB), or whatever name the URL gives."""
        if self.url is None:
            return "sqlite"
        name = self.url.get_backend_name()
        return _DIALECTS.get(name, name)

    def of_schema(self, schema: str) -> Location:
        """The same server's tables of that schema. For MySQL and MariaDB a schema is a database. UsageError for a
        file, which has none."""
        if self.url is None:
            raise UsageError("a SQLite file has no schemas", "leave out --schema")
        if self.dialect == "mysql":
            return replace(self, url=self.url.set(database=schema))
        return replace(self, schema=schema)

    def to_toml(self, relative_to: Path) -> str:
        """Contents of source.toml in the folder `relative_to`: a path relative to it, or a URL without secrets."""
        if self.path is None:
            return f"url = {toml_text(self.display)}\n"
        relative = os.path.relpath(self.path.absolute(), relative_to.absolute())
        return f"path = {toml_text(Path(relative).as_posix())}\n"


def parse_location(text: str) -> Location:
    """Reads a path to a SQLite file or a SQLAlchemy URL. UsageError when it is neither."""
    if not text.strip():
        raise UsageError("The source is empty", _NEXT)
    if not _SCHEME.match(text):
        return Location(path=Path(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password that broke the parsing.
        raise UsageError("The source looks like a URL and cannot be read as one", _NEXT) from None
    if "@" in (url.host or ""):
        raise UsageError("The source's URL has an @ in its user or password", "Write it there as %40.")
    return _file_of(url) if url.get_backend_name() == "sqlite" else _server_of(url)


def from_toml(text: str, relative_to: Path) -> Location:
    """Reads what `to_toml` wrote; a relative path starts from the folder `relative_to`."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{relative_to / 'source.toml'}: {error}", "Name the source with --source.") from None
    path, url = values.get("path"), values.get("url")
    if isinstance(path, str) and url is None:
        return Location(path=Path(os.path.normpath(relative_to / path)))
    if isinstance(url, str) and path is None:
        return parse_location(url)
    raise UsageError(f"{relative_to / 'source.toml'} names neither a path nor a url", "Name it with --source.")


def _file_of(url: URL) -> Location:
    database = url.database
    if not database or database == ":memory:" or database.startswith("file:"):
        raise UsageError("An in-memory SQLite database or a file: URI cannot be a source", _NEXT)
    return Location(path=Path(database))


def _server_of(url: URL) -> Location:
    schema = url.query.get("schema")
    location = Location(url=url.difference_update_query(["schema"]))
    return location.of_schema(schema) if isinstance(schema, str) and schema else location


def _without_secrets(url: URL) -> URL:
    kept = {name: value for name, value in url.query.items() if not _SECRET_OPTION.search(name)}
    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database, kept)
