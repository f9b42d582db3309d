"""Which statements are the application's own, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.workload.scan import Token

_WORDS = {
    "transaction control": "begin start commit rollback savepoint release abort end prepare deallocate xa",
    "settings of the session": "set reset use discard show listen unlisten notify pragma lock unlock kill flush",
    "cursors": "declare fetch move close",
    "changes of the schema": (
        "create alter drop truncate comment grant revoke reindex rename cluster refresh security import"
    ),
    "maintenance and EXPLAIN": "vacuum analyze analyse checkpoint optimize repair check explain describe desc help",
    "bulk copies and procedures": "copy load attach detach handler call do execute",
}
_GROUPS = {word: group for group, words in _WORDS.items() for word in words.split()}
_CATALOGUES = frozenset(("pg_catalog", "information_schema", "performance_schema", "mysql", "sys", "pg_toast"))
_CATALOGUE_TABLES = ("pg_", "sqlite_")
_MIGRATION_TABLES = """
alembic_version django_migrations flyway_schema_history schema_migrations ar_internal_metadata databasechangelog
databasechangeloglock doctrine_migration_versions knex_migrations knex_migrations_lock _prisma_migrations
__efmigrationshistory goose_db_version phinxlog migrations sequelizemeta
"""
_MIGRATIONS = frozenset(_MIGRATION_TABLES.split())


def not_the_applications(tokens: Sequence[Token]) -> str | None:
    """Why a statement is left out; None for one that stays."""
    significant = [token for token in tokens if token.significant]
    first = next((token for token in significant if token.text != "("), None)
    if first is None:
        return "empty statements"
    return _GROUPS.get(first.text.lower()) or _by_tables(significant)


def _by_tables(tokens: Sequence[Token]) -> str | None:
    names = tuple(_table_names(tokens))
    if not names:
        return "statements that read no table" if tokens[0].is_word("select", "values") else None
    if any(qualifier in _CATALOGUES or _is_catalogue(name) for qualifier, name in names):
        return "the database's catalogue"
    if all(name in _MIGRATIONS for _, name in names):
        return "tables of the migrations' own"
    return None


def _is_catalogue(name: str) -> bool:
    return name.startswith(_CATALOGUE_TABLES) or name == "dual"


def _table_names(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """(qualifier, name) of what follows FROM, JOIN, INTO and UPDATE, in lower case."""
    found = []
    for at, token in enumerate(tokens[:-1]):
        if not token.is_word("from", "join", "into", "update"):
            continue
        path = [
            t.text.strip('"`[]').lower() for t in tokens[at + 1 : at + 4] if t.kind in ("word", "name") or t.text == "."
        ]
        if not path or path[0] == ".":
            continue
        found.append((path[0], path[2]) if path[1:2] == ["."] and len(path) == 3 else ("", path[0]))
    return found
