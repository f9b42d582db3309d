from __future__ import annotations

import pytest
from migrator.source.placeholders import placeholder_names, to_pyformat


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgresql", "a = :x AND b = :y", "a = %(x)s AND b = %(y)s"),
        ("postgresql", "a::text = :x::text", "a::text = %(x)s::text"),
        ("postgresql", "':no' || \":no\" || $$:no$$ || $t$:no$t$", "':no' || \":no\" || $$:no$$ || $t$:no$t$"),
        ("postgresql", "E'\\':no' = :x", "E'\\':no' = %(x)s"),
        ("postgresql", "'\\' = :x", "'\\' = %(x)s"),
        ("postgresql", "a LIKE 'x%' -- :no\n/* :no */", "a LIKE 'x%%' -- :no\n/* :no */"),
        ("mysql", "'it\\'s :no' = :x", "'it\\'s :no' = %(x)s"),
        ("mysql", "`:no` = :x", "`:no` = %(x)s"),
    ],
)
def test_only_placeholders_are_rewritten(dialect: str, sql: str, expected: str) -> None:
    assert to_pyformat(sql, dialect) == expected


def test_sqlite_knows_no_backslash_escapes() -> None:
    assert placeholder_names("a LIKE :p ESCAPE '\\' AND [b:c] = :q", "sqlite") == {"p", "q"}
