"""The entity-relationship diagram: every line is one that Mermaid takes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from migrator.plan.plan import Source, SourceForeignKey, SourceTable
from migrator.render.mermaid import DETAILED_COLUMNS, er_diagram

from .plans import CUSTOMERS, NASTY_NAMES, ORDERS, RICH, column, nasty

_ID = r"[A-Za-z][A-Za-z0-9_]*"
_QUOTED = r'"[^"%\\\n<>`]+"'
_LINE = re.compile(
    rf"erDiagram|    {_ID}(\[{_QUOTED}\])?( \{{)?|    \}}"
    rf"|        [A-Za-z][A-Za-z0-9_()\[\]]* {_ID}( (PK|FK|UK)(, (PK|FK|UK))*)?( {_QUOTED})?"
    rf"|    {_ID} (\|\||\|o)(--|\.\.)(o\{{|o\|) {_ID} : {_QUOTED}"
)


def relationships(*tables: SourceTable) -> list[str]:
    return [line.strip() for line in er_diagram(Source("sqlite", "0", tables)).splitlines() if " : " in line]


@pytest.mark.parametrize(
    "source", [RICH.source, *(nasty(name).source for name in NASTY_NAMES)], ids=range(len(NASTY_NAMES) + 1)
)
def test_every_line_is_in_the_grammar(source: Source) -> None:
    for line in er_diagram(source).splitlines():
        assert _LINE.fullmatch(line), line


def test_attributes_carry_their_keys() -> None:
    lines = er_diagram(RICH.source).splitlines()

    assert "        INTEGER id PK" in lines
    assert "        VARCHAR(80) email UK" in lines
    assert "        INTEGER customer_id FK" in lines
    assert "        DECIMAL(10_2) total" in lines


def test_a_nullable_key_may_have_no_parent() -> None:
    assert relationships(CUSTOMERS, ORDERS) == [
        'customers ||..o{ orders : "customer_id"',
        'coupons |o..o{ orders : "coupon_id"',
    ]


def test_a_unique_key_has_at_most_one_child_and_an_identifying_one_an_unbroken_line() -> None:
    key = SourceForeignKey(("id",), "customers", ("id",), 1.0, 1, 1, 0)
    profile = SourceTable("profiles", 1, 1, 1, False, ("id",), (column("id"),), (key,))

    assert relationships(CUSTOMERS, profile) == ['customers ||--o| profiles : "id"']


def test_a_reserved_or_odd_name_is_drawn_under_an_alias() -> None:
    diagram = er_diagram(Source("sqlite", "0", (replace(CUSTOMERS, name="end"), replace(CUSTOMERS, name="t1"))))

    assert '    t1_["end"] {' in diagram
    assert "    t1 {" in diagram


def test_a_column_named_like_a_mark_is_drawn_under_an_alias() -> None:
    table = replace(CUSTOMERS, columns=(column("PK", ""),), primary_key=("PK",))

    assert '        untyped c1 PK "PK"' in er_diagram(Source("sqlite", "0", (table,)))


def test_a_large_schema_is_drawn_with_keys_only() -> None:
    wide = replace(ORDERS, columns=(*ORDERS.columns, *(column(f"x{n}") for n in range(DETAILED_COLUMNS))))
    diagram = er_diagram(Source("sqlite", "0", (wide,)))

    assert "x1" not in diagram
    assert "INTEGER id PK" in diagram
