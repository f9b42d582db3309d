"""The design document: its order, its completeness, and that no name can break it."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from migrator.plan.plan import Plan
from migrator.render.documents import render
from migrator.render.markdown import code
from migrator.render.samples import Samples

from .plans import EMPTY, NASTY_NAMES, RICH, nasty
from .reading import check_tables, fences, headings, section

SAMPLES = Samples((("Customer", ((("PK", "CUSTOMER#1"), ("city", "Rome")), (("PK", "CUSTOMER#2"),))),))
ORDER_OF_SECTIONS = (
    "## What needs a decision",
    "## The source",
    "## The target",
    "### Entities",
    "## Access patterns",
    "## Refused queries",
    "## Hazards",
    "## Cost estimate",
    "## Optimality",
    "## Production checklist",
    "## How to go on",
)


def design(plan: Plan = RICH, samples: Samples = SAMPLES) -> str:
    return render(plan, samples)["design.md"]


def test_the_document_holds_its_sections_in_order() -> None:
    found = headings(design())

    assert found[0] == "# One DynamoDB table: `shop`"
    assert [heading for heading in found if heading in ORDER_OF_SECTIONS] == list(ORDER_OF_SECTIONS)


def test_the_verdict_is_one_sentence_under_the_title() -> None:
    assert design().splitlines()[2] == (
        "**2 tables → one table: 3 entities, 1 GSI, 3 of 5 queries served, $21.35 a month,"
        " proven optimal under its model.**"
    )


@pytest.mark.parametrize(
    ("bound", "gap", "words"),
    [
        (None, None, "a month, not proven optimal.**"),
        (19.0, 0.0361, "a month, not proven optimal (gap 3.61 %).**"),
        (19.7, 0.00001, "a month, not proven optimal (gap below 0.01 %).**"),
    ],
)
def test_the_verdict_never_claims_more_than_the_gap(bound: float | None, gap: float | None, words: str) -> None:
    plan = replace(RICH, optimality=replace(RICH.optimality, bound=bound, gap=gap))

    assert words in design(plan).splitlines()[2]


def test_undecided_hazards_and_refusals_come_with_the_toml_that_accepts_them() -> None:
    decision = section(design(), "## What needs a decision")

    assert "One customer has 24 % of all orders." in decision
    assert "Send the stream to a search service." in decision
    assert "collation" not in decision
    assert "`report`" not in decision
    (toml,) = fences(decision, "toml")
    assert list(tomllib.loads(toml)["accept"]) == ["hot_key.Order", "search_text"]


def test_every_table_of_the_source_is_named_with_its_keys() -> None:
    source = section(design(), "## The source")

    assert "| `customers` | 100 | 11.7 KB | 400 B | 3 | `id` | (`email`) | 0 |" in source
    assert "| `orders` | ≈ 5,000 |" in source
    assert "| `orders` | `customer_id` | `customers` (`id`) | 50 | 300 | 1,200 | 2 |" in source
    assert "| `recent_orders` | a view" in source
    assert "| `coupons` | excluded in migrate.toml |" in source


def test_every_entity_has_its_keys_attributes_and_reasons_under_its_heading() -> None:
    for entity in RICH.entities:
        text = section(design(), f"#### `{entity.name}`")
        for keys in entity.keys:
            assert code(keys.partition) in text
            assert code(keys.sort) in text
        for attribute in entity.attributes:
            assert f"| `{attribute.name}` | `{attribute.column}` |" in text
    assert "customer\\_with\\_orders" not in design()
    assert "- customer_with_orders reads both" in section(design(), "#### `Customer`")
    assert "`customers` (`email`) by `orders_customer`" in section(design(), "#### `Order`")


def test_samples_stand_in_one_table_even_when_items_differ() -> None:
    text = section(design(), "#### `Customer`")

    assert "| `PK` | `city` |\n| --- | --- |\n| `CUSTOMER#1` | `Rome` |\n| `CUSTOMER#2` | — |" in text
    assert "Sample items" not in section(design(), "#### `Order`")


def test_the_grid_shows_which_entities_share_a_slot() -> None:
    grid = section(design(), "### Entities by slot")

    assert "| Entity | `table` | `GSI1` |" in grid
    assert "| `CustomerEmail` | `EMAIL#{email}`<br>`EMAIL` | — |" in grid


def test_every_access_pattern_is_in_the_matrix_and_has_a_section() -> None:
    text = section(design(), "## Access patterns")

    for number, pattern in enumerate(RICH.access_patterns, 1):
        assert f"| [`{pattern.name}`](#pattern-{number}) | {pattern.kind} |" in text
        assert f'<a id="pattern-{number}"></a>' in text
        assert pattern.sql in fences(section(design(), f"### `{pattern.name}`"), "sql")


def test_a_pattern_tells_its_requests_and_what_was_not_taken() -> None:
    text = section(design(), "### `orders_of_customer`")

    assert "| 0 | `Query` | — | `Order` | `CUSTOMER#{:customer_id}` | `begins_with` `ORDER#` |" in text
    assert "| descending | `20` | consistent |" in text
    assert "| 1 | `CUSTOMER#{0.customer_id}` | `A#CUSTOMER` | — | — |" in text
    assert "in the order they come" in text
    assert "| GSI by date | $12.50 | 1 | costs writes |" in text
    assert "| a local secondary index | not priced | — |" in text
    assert "- The limit is the request's own." in text


def test_every_write_action_is_shown_with_its_condition() -> None:
    text = section(design(), "### `place_order`")

    assert "| 0 | `Put` | `Order` |" in text
    assert "`attribute_not_exists(PK)`" in text
    assert "| 0 | `Update` | `Customer` |" in text


def test_refused_queries_and_hazards_are_listed_whether_accepted_or_not() -> None:
    refused = section(design(), "## Refused queries")
    hazards = section(design(), "## Hazards")

    assert "| `search_text` | DynamoDB has no substring search. |" in refused
    assert "| runs on the warehouse |" in refused
    for hazard in RICH.hazards:
        assert f"| `{hazard.code}` | `{hazard.entity}` | {hazard.message} |" in hazards
    assert "| accepted | `collation.Customer` | addresses are lower case |" in hazards
    assert "| for information | — | — |" in hazards


def test_cost_optimality_and_checklist_are_complete() -> None:
    text = design()

    assert "| Load, once (15,300 write units) | $0.02 |" in section(text, "## Cost estimate")
    assert "- Writes without a rate: 1/s." in section(text, "## Cost estimate")
    assert "| 0 | $40.00 | 9 | 2 |" in section(text, "## Optimality")
    assert "No design among the candidates costs less." in section(text, "## Optimality")
    checklist = section(text, "## Production checklist")
    assert "- [x] Point-in-time recovery: table" in checklist
    assert "- [ ] Alarms: yours to set" in checklist


def test_the_next_commands_can_be_copied() -> None:
    (commands,) = fences(section(design(), "## How to go on"), "sh")

    assert commands.splitlines() == [
        "migrate apply plan/plan.json",
        "migrate verify plan/plan.json",
        "migrate query plan/plan.json orders_of_customer --param customer_id=... --param minimum=...",
    ]


def test_an_empty_plan_still_makes_a_whole_document() -> None:
    text = design(EMPTY, Samples())

    assert [heading for heading in headings(text) if heading in ORDER_OF_SECTIONS] == list(ORDER_OF_SECTIONS)
    assert "Nothing: every query is served" in section(text, "## What needs a decision")
    assert section(text, "## Hazards").strip() == "None."
    assert "None: every served query reads the table itself." in text
    assert not fences(text, "mermaid")


def test_the_same_plan_gives_the_same_text() -> None:
    assert design() == design()


def test_no_place_is_left_with_two_empty_lines_or_trailing_space() -> None:
    for text in (design(), design(EMPTY, Samples())):
        assert "\n\n\n" not in text
        assert not [line for line in text.splitlines() if line != line.rstrip()]
        assert text.endswith("\n")


@pytest.mark.parametrize("plan", [RICH, *map(nasty, NASTY_NAMES)], ids=range(len(NASTY_NAMES) + 1))
def test_every_table_has_rows_of_equal_length(plan: Plan) -> None:
    assert check_tables(design(plan)) > 10


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_names_change_neither_headings_nor_fences(name: str) -> None:
    text = design(nasty(name), Samples(((name, (((name, name),),)),)))

    plain = design(nasty("x"), Samples((("x", ((("x", "x"),),)),)))
    assert len(headings(text)) == len(headings(plain))
    assert "\u202e" not in text
    assert len(text.split("```mermaid")) == 2
    for toml in fences(text, "toml"):
        assert list(tomllib.loads(toml)["accept"]) == [name]


@pytest.mark.parametrize("plan", [RICH, *map(nasty, NASTY_NAMES)], ids=range(len(NASTY_NAMES) + 1))
def test_every_boto3_example_is_python(plan: Plan) -> None:
    examples = fences(design(plan), "python")

    assert examples
    for example in examples:
        ast.parse(example)


class _Tags(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def _rendered(document: str) -> _Tags:
    markdown_it = pytest.importorskip("markdown_it")
    tags = _Tags()
    tags.feed(markdown_it.MarkdownIt("commonmark").enable("table").render(document))
    return tags


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_a_code_host_renders_names_as_text_only(name: str) -> None:
    tags, plain = (_rendered(design(nasty(one), Samples(((one, (((one, one),),)),)))) for one in (name, "x"))

    counted = ("table", "tr", "td", "th", "h1", "h2", "h3", "h4", "li", "pre", "a", "strong", "em", "details", "br")
    assert {tag: tags.seen.get(tag) for tag in counted} == {tag: plain.seen.get(tag) for tag in counted}
    assert tags.seen.keys() == plain.seen.keys()
    assert tags.attributes <= {"href", "id", "class", "style"}
    if name.isprintable() and name == name.strip() and "\\" not in name:
        assert name in tags.text
