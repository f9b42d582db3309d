"""design.html in a headless Chromium: quiet, offline, readable on a phone, searchable, folding, accessible, quick."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from benchmarks.plan import ddl, fill, queries
from migrator.cli.console import Console
from migrator.cli.planning import PlanOptions, make_plan

from tests.acceptance.commands import ROOT
from tests.acceptance.sources import make_shop
from tests.browser.chromium import asked, chromium, said, show

CHINOOK = ROOT.parent.parent / "shared" / "data" / "chinook"
TABLES, QUERIES = 100, 300
WIDTHS = (375, 1440)
AXE = 240.0
"""Seconds that axe may take, on a machine with other work."""
SOME_OPEN = """
document.querySelectorAll('section').forEach((section) =>
  Array.from(section.querySelectorAll('details')).slice(0, 2).forEach((part) => { part.open = true; }));
"""
"""Opens some parts of each section: one part is made like the next, and axe takes its time with each."""
INTERACTIVE = 5.0
"""Seconds: five times what the page may take on an idle machine, for one that is not."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


def _page(folder: Path, source: Path, declared: Path) -> Path:
    options = PlanOptions(str(source), declared, folder / "plan", _settings(folder))
    make_plan(options, Console(quiet=True), {})
    return folder / "plan" / "design.html"


def _settings(folder: Path) -> Path:
    file = folder / "migrate.toml"
    file.write_text("[migrate]\n")
    return file


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    make_shop(folder / "shop.db", 0.1)
    return _page(folder, folder / "shop.db", ROOT / "samples" / "shop" / "queries.sql")


@pytest.fixture(scope="module")
def chinook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not CHINOOK.is_dir():
        pytest.skip("the Chinook database is not here")
    return _page(tmp_path_factory.mktemp("chinook"), CHINOOK / "chinook.sqlite3", CHINOOK / "queries.sql")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    with closing(sqlite3.connect(folder / "large.db")) as connection:
        connection.executescript(ddl(TABLES))
        fill(connection, TABLES)
        connection.commit()
    (folder / "queries.sql").write_text(queries(TABLES, QUERIES))
    return _page(folder, folder / "large.db", folder / "queries.sql")


@pytest.fixture(params=["shop", "chinook", "large"])
def page(request: pytest.FixtureRequest, browser: Any) -> Path:
    found: Path = request.getfixturevalue(request.param)
    said(browser), asked(browser)
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_quiet_and_asks_for_nothing_and_fits_its_window(page: Path, width: int, browser: Any) -> None:
    show(browser, page, width)
    for _ in range(2):
        assert browser.execute_script("return document.documentElement.scrollWidth") == width
        browser.execute_script("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert said(browser) == []
    assert asked(browser) == []


@pytest.mark.parametrize(
    ("name", "dark", "opened"),
    [("shop", False, True), ("shop", True, False), ("chinook", False, False)],
)
def test_axe_finds_nothing_to_mend(
    name: str, dark: bool, opened: bool, browser: Any, request: pytest.FixtureRequest
) -> None:
    spec = importlib.util.find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is not installed: pip install --group browser")
    show(browser, request.getfixturevalue(name), 1440, dark)
    if opened:
        browser.execute_script(SOME_OPEN)
    browser.execute_script(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    browser.execute_script("axe.run({resultTypes: ['violations']}).then((found) => { window.axeFound = found; })")
    rules = _waited(browser, "return window.axeFound && window.axeFound.violations", AXE)
    assert [(rule["id"], [node["html"] for node in rule["nodes"][:5]]) for rule in rules] == []
    assert browser.execute_script("return window.axeFound.passes.length") > 20


def test_search_and_filters_leave_the_queries_that_fit(shop: Path, browser: Any) -> None:
    show(browser, shop)
    every = len(_rows(browser))
    assert every > 25

    _type(browser, "words", "orders_of_customer")
    assert _rows(browser) == ["orders_of_customer", "orders_of_customer_between"]
    assert browser.execute_script("return document.getElementById('found').textContent") == f"2 of {every} shown"
    _type(browser, "words", "")
    _type(browser, "kind", "refused")
    plan = json.loads((shop.parent / "plan.json").read_text(encoding="utf-8"))
    refused = [pattern["name"] for pattern in plan["access_patterns"] if pattern["status"] == "refused"]
    assert refused and _rows(browser) == refused
    _type(browser, "kind", "")
    _type(browser, "slot", "GSI2")
    assert 0 < len(_rows(browser)) < every


def test_queries_fold_one_by_one_and_all_at_once(shop: Path, browser: Any) -> None:
    show(browser, shop)
    opened = "return document.querySelectorAll('.row[open]').length"
    assert browser.execute_script(opened) == 0
    browser.execute_script("document.querySelector('.row > summary').click()")
    assert browser.execute_script(opened) == 1
    browser.execute_script("document.getElementById('every').click()")
    assert browser.execute_script(opened) == len(_rows(browser))
    browser.execute_script("document.getElementById('every').click()")
    assert browser.execute_script(opened) == 0


def test_an_address_of_a_query_opens_it(shop: Path, browser: Any) -> None:
    show(browser, shop)
    browser.execute_script("location.hash = 'pattern-3'")
    assert _waited(browser, "return document.getElementById('pattern-3').open", INTERACTIVE)


def test_without_scripts_the_page_says_all_of_it(shop: Path, browser: Any) -> None:
    show(browser, shop, scripts=False)
    text = shop.read_text(encoding="utf-8")
    try:
        box = browser.find_element("css selector", "#pattern-1 > summary")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
        box.send_keys("\n")
        assert browser.find_element("css selector", "#pattern-1 .request").is_displayed()
        assert not browser.find_element("css selector", ".find").is_displayed()
        assert "client.get_item(" in text
    finally:
        show(browser, shop)


def test_a_hundred_tables_and_three_hundred_queries_are_quick_to_open(large: Path, browser: Any) -> None:
    assert large.stat().st_size < 3_000_000
    show(browser, large)
    ready = browser.execute_script("return performance.getEntriesByType('navigation')[0].domInteractive") / 1000
    assert ready < INTERACTIVE
    started = time.monotonic()
    _type(browser, "words", "t42")
    assert 0 < len(_rows(browser)) < QUERIES
    assert time.monotonic() - started < INTERACTIVE


def _waited(browser: Any, script: str, seconds: float) -> Any:
    """What the script gives as soon as it gives something; its last answer when time is up."""
    until = time.monotonic() + seconds
    while not (found := browser.execute_script(script)) and found != [] and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _rows(browser: Any) -> list[str]:
    """The names of the queries that show."""
    script = "return Array.from(document.querySelectorAll('.row:not([hidden]) .q')).map((cell) => cell.textContent)"
    found: list[str] = browser.execute_script(script)
    return found


def _type(browser: Any, control: str, text: str) -> None:
    script = (
        "const c = document.getElementById(arguments[0]); c.value = arguments[1]; c.dispatchEvent(new Event('input'))"
    )
    browser.execute_script(script, control, text)
