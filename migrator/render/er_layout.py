"""An entity-relationship diagram laid out: boxes in columns, referred tables to the left, and lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.model.counted import plural
from migrator.plan.plan import Source, SourceForeignKey, SourceTable
from migrator.render.er_groups import TableGroup
from migrator.render.markdown import visible
from migrator.render.shown import shorten

WIDTH, HEADER, ROW = 172, 26, 17
GAP_X, GAP_Y, MARGIN = 56, 20, 12
SHOWN_COLUMNS = 7
_PASSES = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A column within a box: PK, FK or both, or nothing; `y` is its text's baseline."""

    text: str
    mark: str
    y: int


@dataclass(frozen=True, slots=True)
class Box:
    """A table. `outside`: it belongs to another drawing, or is not migrated."""

    name: str
    x: int
    y: int
    height: int
    rows: tuple[Row, ...]
    outside: bool
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Line:
    """A reference from parent to child as an SVG path; `many`: several rows may refer to one (crow's foot)."""

    path: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """Sizes in pixels. `told` says in words what refers to what."""

    title: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    told: str


def lay_out(source: Source, group: TableGroup) -> Diagram:
    """The diagram of a group's tables and of the tables elsewhere that they refer to."""
    tables = {table.name: table for table in source.tables if table.name in group.tables}
    keys = [(table, key) for table in tables.values() for key in table.foreign_keys]
    outside = dict.fromkeys(key.referred_table for _, key in keys if key.referred_table not in tables)
    parents = {
        name: frozenset(key.referred_table for key in table.foreign_keys) - {name} for name, table in tables.items()
    } | dict.fromkeys(outside, frozenset[str]())
    boxes = _placed(_ordered(_levels(parents), parents), tables)
    lines = tuple(_line(boxes[key.referred_table], boxes[table.name], table, key) for table, key in keys)
    width = max(box.x for box in boxes.values()) + WIDTH + GAP_X // 2 + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    return Diagram(group.name, width, height, tuple(boxes.values()), lines, _told(keys))


def _told(keys: Sequence[tuple[SourceTable, SourceForeignKey]]) -> str:
    said = (f"{table.name} refers to {key.referred_table} by {', '.join(key.columns)}" for table, key in keys)
    return visible("; ".join(said))


def _levels(parents: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Tables by the longest way to a table that refers to nothing; a circle is entered at its first table."""
    level: dict[str, int] = {}

    def of(name: str, above: frozenset[str]) -> int:
        if name not in level:
            others = [of(parent, above | {name}) for parent in sorted(parents[name]) if parent not in above | {name}]
            level[name] = max(others, default=-1) + 1
        return level[name]

    for name in parents:
        of(name, frozenset())
    return [[name for name in parents if level[name] == at] for at in range(max(level.values(), default=0) + 1)]


def _ordered(levels: list[list[str]], parents: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Each level in the order of its neighbours' mean places, a few times over: few lines cross then."""
    related = {name: set(parents[name]) for name in parents}
    for name, above in parents.items():
        for parent in above:
            related[parent].add(name)
    for _ in range(_PASSES):
        place = {name: at - len(level) / 2 for level in levels for at, name in enumerate(level)}
        levels = [
            sorted(level, key=lambda name: sum(place[other] for other in related[name]) / max(1, len(related[name])))
            for level in levels
        ]
    return levels


def _placed(levels: list[list[str]], tables: Mapping[str, SourceTable]) -> dict[str, Box]:
    """Boxes by table; every column of boxes stands in the middle of the height."""
    rows = {name: _rows(tables[name]) if name in tables else () for level in levels for name in level}
    heights = {name: HEADER + ROW * len(own) + (6 if own else 0) for name, own in rows.items()}
    tall = [sum(heights[name] + GAP_Y for name in level) - GAP_Y for level in levels]
    boxes: dict[str, Box] = {}
    for at, level in enumerate(levels):
        y = MARGIN + (max(tall) - tall[at]) // 2
        for name in level:
            x = MARGIN + at * (WIDTH + GAP_X)
            own = tuple(Row(text, mark, y + HEADER + 14 + ROW * n) for n, (text, mark) in enumerate(rows[name]))
            boxes[name] = Box(name, x, y, heights[name], own, name not in tables)
            y += heights[name] + GAP_Y
    return boxes


def _rows(table: SourceTable) -> tuple[tuple[str, str], ...]:
    """The columns of keys, then others as far as there is room, and how many are left."""
    referring = {column for key in table.foreign_keys for column in key.columns}
    marked = [(column.name, _mark(column.name, table.primary_key, referring)) for column in table.columns]
    ordered = sorted(marked, key=lambda one: not one[1])
    keyed = sum(1 for _, mark in marked if mark)
    shown = ordered[: max(SHOWN_COLUMNS, keyed)]
    left = len(ordered) - len(shown)
    return (*shown, *([(f"and {plural(left, 'column')} more", "")] if left else []))


def _mark(name: str, primary: tuple[str, ...], referring: set[str]) -> str:
    return " ".join(mark for mark, holds in (("PK", name in primary), ("FK", name in referring)) if holds)


def _line(parent: Box, child: Box, table: SourceTable, key: SourceForeignKey) -> Line:
    """A curve from the parent's header to the child's column, with a crow's foot where it is many's."""
    optional = any(column.nullable for column in table.columns if column.name in key.columns)
    unique = any(set(own) <= set(key.columns) for own in (table.primary_key, *table.uniques) if own)
    at = next((row.y - 5 for row in child.rows if row.text == key.columns[0]), child.y + HEADER // 2)
    start, right = (parent.x + WIDTH, parent.y + HEADER // 2), child.x > parent.x
    end = child.x if right else child.x + WIDTH
    side = -1 if right else 1
    reach = GAP_X // 2 if right else GAP_X
    curve = f"M{start[0]} {start[1]}C{start[0] + reach} {start[1]} {end + side * reach} {at} {end + side * 9} {at}"
    bar = f"M{start[0] + 5} {start[1] - 4}v8"
    foot = f"M{end + side * 9} {at}L{end} {at}"
    if not unique:
        foot += f"M{end + side * 9} {at}L{end} {at - 5}M{end + side * 9} {at}L{end} {at + 5}"
    return Line(curve + bar + foot, optional)


def short_name(text: str, longest: int) -> str:
    """A name as far as there is room for it in a box."""
    line = visible(text)
    return shorten(line) if len(line) <= longest else line[: longest - 1] + "…"
