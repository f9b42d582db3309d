"""Tables of random databases, as DDL."""

from __future__ import annotations

from dataclasses import dataclass, field


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass
class Col:
    name: str
    kind: str
    nullable: bool
    collation: str | None = None

    def ddl(self) -> str:
        collate = f" COLLATE {self.collation}" if self.collation else ""
        return f"{quoted(self.name)} {self.kind}{'' if self.nullable else ' NOT NULL'}{collate}"


@dataclass
class Fk:
    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]
    on_delete: str | None = None


@dataclass
class Tab:
    name: str
    columns: list[Col] = field(default_factory=list)
    key: tuple[str, ...] = ()
    foreign: list[Fk] = field(default_factory=list)
    uniques: list[tuple[str, ...]] = field(default_factory=list)

    def column(self, name: str) -> Col:
        return next(column for column in self.columns if column.name == name)

    def ddl(self) -> str:
        lines = [column.ddl() for column in self.columns]
        lines.append(f"PRIMARY KEY ({_list(self.key)})")
        lines += [f"UNIQUE ({_list(names)})" for names in self.uniques]
        lines += [
            f"FOREIGN KEY ({_list(key.columns)}) REFERENCES {quoted(key.table)} ({_list(key.referred)})"
            + (f" ON DELETE {key.on_delete}" if key.on_delete else "")
            for key in self.foreign
        ]
        return f"CREATE TABLE {quoted(self.name)} ({', '.join(lines)})"


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, names))
