"""PostgreSQL and MariaDB, where the environment names them (tests/servers.py): schema, figures, rows and queries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from migrator.model.errors import MigrateError
from migrator.model.schema import Kind
from migrator.model.unit import Ancestor, RowValue, UnitShape
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import Source, open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot

from tests.servers import SERVERS, own_database

DDL = (
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, price NUMERIC(10, 2))",
    "CREATE TABLE child(a VARCHAR(20) NOT NULL, b INTEGER NOT NULL, pid INTEGER, PRIMARY KEY(a, b),"
    " CONSTRAINT of_parent FOREIGN KEY (pid) REFERENCES parent(id))",
    "INSERT INTO parent VALUES (1, 'x', 1.50), (2, 'y%', NULL)",
    "INSERT INTO child VALUES " + ", ".join(f"('k{i % 7}', {i}, {i % 2 + 1})" for i in range(100)),
)
SHAPE = UnitShape("child", ("a", "b"), ("a", "b"), (Ancestor(("of_parent",), "name"),))


@pytest.fixture(params=SERVERS, scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[Source]:
    analysed = "ANALYZE child" if request.param == "POSTGRESQL" else "ANALYZE TABLE child"
    with own_database(request.param, (*DDL, analysed)) as url, open_source(parse_location(url)) as source:
        yield source


def test_a_servers_schema_is_read(server: Source) -> None:
    schema = reflect(server)
    assert schema.table("child").primary_key == ("a", "b")
    assert schema.table("child").foreign_key("of_parent").referred_columns == ("id",)
    assert schema.table("parent").uniques[0].columns == ("name",)
    price = schema.table("parent").column("price")
    assert (price.kind, price.precision, price.scale) == (Kind.DECIMAL, 10, 2)


@pytest.mark.parametrize("exact_rows", [1000, 10])
def test_a_servers_data_is_measured(server: Source, exact_rows: int) -> None:
    table = measure(server, reflect(server), exact_rows=exact_rows, sample_rows=50).table("child")
    assert (table.rows, table.sampled) == (100, exact_rows == 10)
    assert table.column("a").distinct == 7
    assert table.fan_out("of_parent").mean == pytest.approx(50, rel=0.1)


def test_a_servers_rows_come_out_once_in_key_order(server: Source) -> None:
    with take_snapshot(server, None) as snapshot:
        assert snapshot.fingerprint() == snapshot.fingerprint()
        rows: list[tuple[RowValue, ...]] = []
        for chunk in snapshot.chunks(SHAPE, 9):
            with snapshot.units(SHAPE, chunk) as units:
                rows.extend(unit.values for unit in units)
        expected = sorted((f"k{i % 7}", i, ("x", "y%")[i % 2]) for i in range(100))
        assert rows == expected


def test_a_declared_query_runs_on_a_server_and_a_write_does_not(server: Source) -> None:
    with take_snapshot(server, None) as snapshot:
        sql = "SELECT id FROM parent WHERE name LIKE '%' AND id = :id"
        assert snapshot.run(sql, {"id": 2}) == (("id",), [(2,)])
        with pytest.raises(MigrateError):
            snapshot.run("DELETE FROM child", {})
