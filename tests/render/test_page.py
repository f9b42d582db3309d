"""The design page: the same bytes every time, complete without a browser, and that no name or value can break it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from migrator.plan.plan import Plan
from migrator.render.documents import render
from migrator.render.samples import Collection, Samples

from .plans import EMPTY, NASTY_NAMES, RICH, nasty

VOID = {"meta", "input", "br", "wbr", "rect", "path", "line", "circle"}


class Outline(HTMLParser):
    """The page's elements in order with the attributes that could do something, and whether all of them are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = sorted(name for name, _ in attributes)
        self.elements.append((tag, *names))
        self.ids += [value for name, value in attributes if name == "id" and value is not None]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def page(plan: Plan = RICH, samples: Samples | None = None) -> str:
    return render(plan, samples or Samples())["design.html"]


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    found.close()
    assert found.open == []
    return found


def hostile(name: str) -> Samples:
    item = ((f"its {name}", name), ("PK", name), ("SK", name))
    return Samples(((name, (item,)),), (Collection("table", ((name, item), (name, item)), True),))


def visible_elements(text: str) -> list[tuple[str, ...]]:
    """Without the places where a line may break, which depend on a name's characters."""
    return [element for element in outline(text).elements if element != ("wbr",)]


@pytest.mark.parametrize("name", [name for name in NASTY_NAMES if name])
def test_no_name_or_value_brings_markup_of_its_own(name: str) -> None:
    text = page(nasty(name), hostile(name))

    assert visible_elements(text) == visible_elements(page(nasty("x"), hostile("x")))
    assert "<script>alert" not in text
    assert not re.search("[\x00\u202e]", text)


def test_the_page_asks_nobody_for_anything() -> None:
    text = page()

    assert not re.search(r"(?:src|href)=\"(?!#)", text)
    assert not re.search(r"url\(|@import|https?://", text)
    assert "default-src 'none'" in text


def test_the_same_plan_and_samples_give_the_same_bytes() -> None:
    assert page(RICH, hostile("a")) == page(RICH, hostile("a"))


@pytest.mark.parametrize("plan", [RICH, EMPTY])
def test_every_identifier_is_there_once_and_every_link_leads_to_one(plan: Plan) -> None:
    text = page(plan)
    found = outline(text).ids

    assert len(found) == len(set(found))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(found)


def test_every_query_is_there_with_its_requests_and_what_was_rejected() -> None:
    text = page()

    for pattern in RICH.access_patterns:
        assert f'<span class="q">{pattern.name}</span>' in text
        for rejected in pattern.rejected:
            assert rejected.why in text
    assert text.count("<summary>AWS CLI</summary>") == sum(bool(one.requests) for one in RICH.access_patterns)


def test_every_picture_has_its_content_in_words() -> None:
    pictures = re.findall(
        r"<svg[^>]*role=\"img\" aria-labelledby=\"([^\"]+)\"[^>]*><title id=\"([^\"]+)\">([^<]+)", page()
    )

    assert len(pictures) == page().count("<svg")
    assert all(named == told and words for named, told, words in pictures)
