"""Decides which declared foreign keys hold: those that lead each row to at most one row of a migrated table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.model.counted import plural
from migrator.model.schema import ForeignKey, Skipped, Table


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key as declared; no `referred_columns` means the referred table's primary key."""

    name: str | None
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...] = ()
    on_delete: str | None = None


def settle(
    tables: Sequence[Table], references: Mapping[str, Sequence[Reference]], *, fold_case: bool
) -> tuple[tuple[Table, ...], tuple[Skipped, ...]]:
    """Tables with their foreign keys, and the dropped ones with reasons. `fold_case`: names in a REFERENCES
    clause find tables and columns whatever their case, as SQLite's do."""
    by_name = {_folded(table.name, fold_case): table for table in tables}
    settled: list[Table] = []
    skipped: list[Skipped] = []
    for table in tables:
        keys: list[ForeignKey] = []
        for reference in references.get(table.name, ()):
            name = _unique_name(reference, [key.name for key in keys])
            parent = by_name.get(_folded(reference.referred_table, fold_case))
            outcome = _resolve(table, replace(reference, name=name), parent, fold_case)
            if isinstance(outcome, ForeignKey):
                keys.append(outcome)
            else:
                skipped.append(Skipped(f"{table.name}.{name}", outcome))
        settled.append(replace(table, foreign_keys=tuple(keys)))
    return tuple(settled), tuple(skipped)


def _unique_name(reference: Reference, taken: Sequence[str]) -> str:
    wanted = reference.name or f"fk_{'_'.join(reference.columns)}"
    return next(name for name in _numbered(wanted) if name not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def _resolve(table: Table, reference: Reference, parent: Table | None, fold_case: bool) -> ForeignKey | str:
    """The foreign key with names as in the tables, or the reason why it does not hold."""
    if parent is None:
        return f"foreign key to {reference.referred_table}, which is not a table that is migrated"
    wanted = reference.referred_columns or parent.primary_key
    if len(wanted) != len(reference.columns):
        own, others = (plural(len(columns), "column") for columns in (reference.columns, wanted))
        return f"foreign key of {own} to {others} of {parent.name}"
    columns = _named(table, reference.columns, fold_case)
    referred = _named(parent, wanted, fold_case)
    if columns is None or referred is None:
        return f"foreign key between columns that {table.name} or {parent.name} does not have"
    if not _identifies(parent, referred):
        return f"foreign key to ({', '.join(referred)}) of {parent.name}, which is no key: it may name several rows"
    return ForeignKey(reference.name or "", columns, parent.name, referred, _declared(reference.on_delete))


def _declared(on_delete: str | None) -> str | None:
    """The declared action in lower case. NO ACTION is what every key does that declares none."""
    told = (on_delete or "").strip().lower()
    return told if told and told != "no action" else None


def _identifies(parent: Table, columns: Sequence[str]) -> bool:
    keys = (parent.primary_key, *(unique.columns for unique in parent.uniques))
    return any(key and set(key) <= set(columns) for key in keys)


def _named(table: Table, names: Sequence[str], fold_case: bool) -> tuple[str, ...] | None:
    known = {_folded(column.name, fold_case): column.name for column in table.columns}
    found = tuple(known[key] for name in names if (key := _folded(name, fold_case)) in known)
    return found if len(found) == len(names) else None


def _folded(name: str, fold_case: bool) -> str:
    return name.lower() if fold_case else name
