"""Large tables of servers are measured without reading them whole."""

from __future__ import annotations

import pytest
from migrator.model.statistics import Statistics
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect

from tests.servers import SERVERS, own_database

TABLES = (
    "CREATE TABLE person (id integer PRIMARY KEY, name varchar(40) NOT NULL, town integer)",
    "CREATE TABLE visit (person integer NOT NULL, at integer NOT NULL, note varchar(40), PRIMARY KEY (person, at))",
    "CREATE TABLE word (code varchar(20) PRIMARY KEY, n integer)",
)
FILLED = {
    "POSTGRESQL": (
        "INSERT INTO person SELECT n, 'name ' || n, n % 50 FROM generate_series(1, 30000) AS n",
        "INSERT INTO visit SELECT n / 10, n, 'note' FROM generate_series(1, 30000) AS n",
        "INSERT INTO word SELECT 'w' || n, n FROM generate_series(1, 30000) AS n",
        "ANALYZE",
    ),
    "MYSQL": (
        "INSERT INTO person SELECT seq, concat('name ', seq), seq % 50 FROM seq_1_to_30000",
        "INSERT INTO visit SELECT seq DIV 10, seq, 'note' FROM seq_1_to_30000",
        "INSERT INTO word SELECT concat('w', seq), seq FROM seq_1_to_30000",
        "ANALYZE TABLE person, visit, word",
    ),
}


def measured(kind: str, *, count: bool = False) -> Statistics:
    with own_database(kind, (*TABLES, *FILLED[kind])) as url, open_source(parse_location(url)) as source:
        return measure(source, reflect(source), exact_rows=1000, sample_rows=500, count=count)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_large_table_is_estimated_by_its_server_and_sampled(kind: str) -> None:
    found = measured(kind)
    for name in ("person", "visit", "word"):
        table = found.table(name)
        assert table.sampled
        assert 24_000 <= table.rows <= 36_000, name
    assert 40 <= found.table("person").column("town").distinct <= 60
    assert found.table("person").column("id").distinct > 20_000


@pytest.mark.parametrize("kind", SERVERS)
def test_a_large_table_is_counted_where_that_is_asked_for(kind: str) -> None:
    found = measured(kind, count=True)
    assert [found.table(name).rows for name in ("person", "visit", "word")] == [30_000] * 3


def test_no_statement_reads_a_large_table_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(*_: object) -> int:
        raise AssertionError("a large table was counted")

    monkeypatch.setattr("migrator.source.estimates.count_rows", counted)
    assert measured("POSTGRESQL").table("person").sampled
