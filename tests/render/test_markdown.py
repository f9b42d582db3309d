"""Text as Markdown: nothing in it is markup, and everything in it can be read."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.render.markdown import code, codes, fence, prose, visible

from .reading import split_fences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 12.5 %", "plain words, 12.5 %"),
        ("snake_case stays", "snake_case stays"),
        ("_emphasis_ and *more*", r"\_emphasis\_ and \*more\*"),
        ("a|b", "a&#124;b"),
        ("<b>`x`</b>", r"&lt;b&gt;\`x\`&lt;/b&gt;"),
        ("[x](y) ![z](w)", r"\[x\](y) !\[z\](w)"),
        ("two\nlines\r\nand  gaps", "two lines and gaps"),
        ("# title", "&#35; title"),
        ("- point", "&#45; point"),
        ("1. first", "&#49;. first"),
        ("12.5 is not a list", "12.5 is not a list"),
        ("naïve 表 🎉", "naïve 表 🎉"),
        (None, "—"),
    ],
)
def test_prose_brings_no_markup(text: str | None, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("orders", "`orders`"),
        ("CUSTOMER#{id}", "`CUSTOMER#{id}`"),
        ("a < b", "`a < b`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("<script>", "<code>&lt;script&gt;</code>"),
        ("*|_x_", "<code>&#42;&#124;&#95;x&#95;</code>"),
        ("a\nb\tc", "`a↵b⇥c`"),
        ("\x00", "`␀`"),
        ("", "(empty)"),
        (None, "—"),
        (12, "`12`"),
    ],
)
def test_code_holds_any_name(name: object, shown: str) -> None:
    assert code(name) == shown


@given(st.text())
def test_code_never_leaves_its_cell(name: str) -> None:
    shown = code(name)

    assert "|" not in shown
    assert "\n" not in shown
    assert "<" not in shown.removeprefix("<code>").removesuffix("</code>") or shown.startswith("`")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_code_reads_back_as_the_name(name: str) -> None:
    shown = code(name)
    inner = shown.strip("`") if shown.startswith("`") else html.unescape(shown[6:-7])

    assert inner == name


@given(st.text())
def test_prose_stays_on_one_line_without_raw_markup(text: str) -> None:
    shown = prose(text)

    assert not set("|<>\n\r") & set(shown)


@given(st.text())
def test_a_fence_closes_exactly_once(text: str) -> None:
    lines, fences = split_fences(fence(text, "sql"))

    assert not lines
    assert len(fences) == 1


def test_a_fence_keeps_its_text() -> None:
    assert fence("SELECT 1\n\n  FROM x\n", "sql") == "```sql\nSELECT 1\n\n  FROM x\n```"
    assert fence("a\n````\nb") == "`````\na\n````\nb\n`````"


def test_names_are_listed_with_commas() -> None:
    assert codes(("a", "b|c")) == "`a`, <code>b&#124;c</code>"
    assert codes(()) == "—"


def test_the_direction_of_writing_cannot_be_changed() -> None:
    assert visible("a\u202eb") == "a�b"
