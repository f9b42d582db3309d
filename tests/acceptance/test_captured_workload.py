"""A running application's statements give back the queries that it was declared with, and their rates."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from migrator.cli.capturing import CaptureOptions, Written, capture_workload
from migrator.cli.console import Console
from migrator.cli.planning import PlanOptions, make_plan
from migrator.source.statement_counts import NoStatementCounts
from migrator.workload.read import read_workload
from sqlalchemy import create_engine

from tests.acceptance.private_servers import build, mariadb, postgresql
from tests.acceptance.replaying import (
    SECONDS,
    SERVER_SECONDS,
    declared,
    echoing,
    expected,
    key,
    reflected,
    replay,
    schedule,
    without,
)
from tests.acceptance.sources import make_shop

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    make_shop(path, 0.02)
    return path


@pytest.fixture(scope="module")
def echo(shop: Path) -> Written:
    """The workload of an echo log."""
    chance = random.Random(7)
    log = shop.with_name("app.log")
    with echoing(f"sqlite:///{shop}", log) as (engine, clock):
        replay(engine, schedule(declared(reflected(shop)), chance), chance, clock)
    return capture_workload(CaptureOptions(str(shop), (log,), out=shop.with_name("queries.sql")), QUIET)


def measured(written: Written, dialect: str) -> dict[str, float]:
    return {key(query.sql, dialect): query.rate for query in written.captured.queries}


def test_an_echo_log_gives_back_the_declared_queries_with_their_rates(shop: Path, echo: Written) -> None:
    wanted = expected(declared(reflected(shop)), "sqlite")
    found = measured(echo, "sqlite")
    assert found.keys() == wanted.keys()
    assert found == {shape: pytest.approx(rate, rel=0.1) for shape, rate in wanted.items()}
    assert echo.captured.unread == ()
    assert echo.captured.measured.seconds == pytest.approx(SECONDS, abs=0.01)


def test_no_value_of_the_log_is_in_the_file(echo: Written) -> None:
    assert "secret" not in echo.file.read_text(encoding="utf-8").replace("secret or", "")


def test_constants_come_back_as_they_were_declared(echo: Written) -> None:
    text = echo.file.read_text(encoding="utf-8")
    assert "'pending'" in text
    assert "LIMIT 20" in text
    assert "'%' || :body || '%'" in text


def test_an_upsert_sets_what_it_inserts(echo: Written) -> None:
    (upsert,) = (query for query in echo.captured.queries if query.verb == "upsert")
    assert "SET recipient = :recipient," in upsert.sql


def test_plan_reads_the_file_as_it_is(shop: Path, echo: Written, tmp_path: Path) -> None:
    planned = make_plan(PlanOptions(str(shop), echo.file, tmp_path / "plan"), QUIET, {})
    names = {pattern.name for pattern in planned.plan.access_patterns}
    assert names == {query.name for query in echo.captured.queries}
    refused = {key(p.sql, "sqlite") for p in planned.plan.access_patterns if p.status == "refused"}
    unserved = ("sales_by_country_and_month", "search_ticket_messages")
    known = declared(reflected(shop)).patterns
    assert refused <= {key(pattern.sql, "sqlite") for pattern in known if pattern.name in unserved}


def test_rates_and_peaks_are_read_back(shop: Path, echo: Written) -> None:
    read = read_workload(echo.file.read_text(encoding="utf-8"), reflected(shop), "queries.sql")
    by_name = {query.name: query for query in echo.captured.queries}
    for pattern in read.patterns:
        assert pattern.rate == pytest.approx(by_name[pattern.name].rate, rel=0.001)
        assert pattern.peak >= pattern.rate


def test_postgresqls_counters_give_back_the_declared_queries_with_their_rates(shop: Path, tmp_path: Path) -> None:
    workload = declared(reflected(shop))
    with postgresql(tmp_path / "server") as url:
        build(url, reflected(shop), "CREATE EXTENSION pg_stat_statements")
        chance = random.Random(7)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT pg_stat_statements_reset()")
        replay(engine, schedule(workload, chance, SERVER_SECONDS), chance)
        engine.dispose()
        out = tmp_path / "queries.sql"
        written = capture_workload(CaptureOptions(url, out=out, period=f"{SERVER_SECONDS}s"), QUIET)
        planned = make_plan(PlanOptions(url, out, tmp_path / "plan"), QUIET, {})
        without_period = capture_workload(CaptureOptions(url, out=out, force=True), QUIET)
    wanted = expected(workload, "postgresql", SERVER_SECONDS)
    assert measured(written, "postgresql") == {shape: pytest.approx(rate, rel=0.1) for shape, rate in wanted.items()}
    assert [one.text for one in written.captured.unread] == []
    assert {p.name for p in planned.plan.access_patterns} == {query.name for query in written.captured.queries}
    assert 0 < without_period.captured.measured.seconds < 300


def test_a_postgresql_that_counts_nothing_is_told_with_the_way_out(shop: Path, tmp_path: Path) -> None:
    with postgresql(tmp_path / "server", "") as url:
        build(url, reflected(shop))
        options = CaptureOptions(url, out=tmp_path / "queries.sql")
        with pytest.raises(NoStatementCounts, match="there is no pg_stat_statements") as missing:
            capture_workload(options, QUIET)
        build(url, None, "CREATE EXTENSION pg_stat_statements")
        with pytest.raises(NoStatementCounts, match="is not loaded") as unloaded:
            capture_workload(options, QUIET)
    assert "CREATE EXTENSION" in missing.value.next_step
    assert "shared_preload_libraries" in unloaded.value.next_step
    assert not (tmp_path / "queries.sql").exists()


def test_mariadbs_digests_give_back_the_declared_queries_with_their_rates(shop: Path, tmp_path: Path) -> None:
    workload = without(declared(reflected(shop)), "ON CONFLICT", "||")
    with mariadb(tmp_path / "server") as url:
        build(url, reflected(shop))
        chance = random.Random(7)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.begin() as connection:
            connection.exec_driver_sql("TRUNCATE performance_schema.events_statements_summary_by_digest")
        replay(engine, schedule(workload, chance, SERVER_SECONDS), chance)
        engine.dispose()
        written = capture_workload(
            CaptureOptions(url, out=tmp_path / "queries.sql", period=f"{SERVER_SECONDS}s"), QUIET
        )
        planned = make_plan(PlanOptions(url, written.file, tmp_path / "plan"), QUIET, {})
    wanted = expected(workload, "mysql", SERVER_SECONDS)
    found = {shape.replace("substring (", "substr ("): rate for shape, rate in measured(written, "mysql").items()}
    assert found == {shape: pytest.approx(rate, rel=0.1) for shape, rate in wanted.items()}
    assert [one.text for one in written.captured.unread] == []
    assert {p.name for p in planned.plan.access_patterns} == {query.name for query in written.captured.queries}
