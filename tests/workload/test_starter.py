import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.query import Select
from migrator.model.schema import Column, ForeignKey, Index, Kind, Schema, Table, UniqueKey
from migrator.workload.read import read_workload
from migrator.workload.starter import identifier, starter

from .shop import shop, table


def test_every_key_foreign_key_and_index_is_asked_for_once() -> None:
    text = starter(shop())
    names = [pattern.name for pattern in read_workload(text, shop(), "q.sql").patterns]
    assert names == [
        "customer_by_id",
        "customer_by_email",
        "customer_by_region_id",
        "line_by_order_id_and_no",
        "line_by_order_id",
        "line_by_product_id",
        "orders_by_id",
        "orders_by_customer_id",
        "payment_by_id",
        "payment_by_order_id",
        "product_by_id",
        "region_by_id",
        "staff_by_id",
        "staff_by_boss_id",
    ]
    assert (
        "-- name: orders_by_customer_id\n-- rate: 1\nSELECT * FROM orders WHERE customer_id = :customer_id;\n" in text
    )
    assert text == starter(shop())


def test_the_header_explains_the_annotations() -> None:
    header = starter(Schema("sqlite", ()))
    assert all(f"{annotation}:" in header for annotation in ("name", "rate", "peak", "consistency"))


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("sqlite", 'SELECT * FROM "order" WHERE "My ""Id" = :my_id;'),
        ("postgresql", 'SELECT * FROM "order" WHERE "My ""Id" = :my_id;'),
        ("mysql", 'SELECT * FROM `order` WHERE `My "Id` = :my_id;'),
    ],
)
def test_names_are_quoted_where_the_dialect_needs_it(dialect: str, line: str) -> None:
    key = 'My "Id'
    odd = Table("order", (Column(key, "int", Kind.INTEGER),), (key,))
    assert line in starter(Schema(dialect, (odd,)))


def test_mixed_case_is_quoted_for_postgres_only() -> None:
    camel = (table("Track", "TrackId", ("TrackId",)),)
    assert "SELECT * FROM Track WHERE TrackId = :track_id;" in starter(Schema("sqlite", camel))
    assert 'SELECT * FROM "Track" WHERE "TrackId" = :track_id;' in starter(Schema("postgresql", camel))


def test_an_index_over_an_expression_is_left_out() -> None:
    odd = Table("t", (Column("a", "int", Kind.INTEGER),), ("a",), indexes=(Index("i", ("lower(a)",)),))
    assert starter(Schema("sqlite", (odd,))).count("\n-- name:") == 1


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("CustomerId", "customer_id"),
        ("HTTPServer", "http_server"),
        ("2nd place", "n_2nd_place"),
        ("日本", "n"),
        ("é", "e"),
    ],
)
def test_identifiers_are_ascii_snake_case(name: str, made: str) -> None:
    assert identifier(name) == made


_names = st.one_of(
    st.sampled_from(
        ["select", "order", "User", "a b", "x;y", "-- name: z", "a\n-- name: z", "it's", 'q"q', "`", "]", "?", ":p"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8),
)


@st.composite
def _tables(draw: st.DrawFn, name: str) -> Table:
    columns = tuple(draw(st.lists(_names, min_size=1, max_size=4, unique_by=str.lower)))
    subset = st.lists(st.sampled_from(columns), unique=True, max_size=min(3, len(columns))).map(tuple)
    filled = st.lists(st.sampled_from(columns), unique=True, min_size=1, max_size=min(3, len(columns))).map(tuple)
    return Table(
        name,
        tuple(Column(column, "int", Kind.INTEGER) for column in columns),
        draw(subset),
        tuple(ForeignKey(f"f{n}", key, name, key) for n, key in enumerate(draw(st.lists(filled, max_size=2)))),
        tuple(UniqueKey(f"u{n}", key) for n, key in enumerate(draw(st.lists(filled, max_size=2)))),
        tuple(Index(f"i{n}", key) for n, key in enumerate(draw(st.lists(filled, max_size=2)))),
    )


@st.composite
def _schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(_names, max_size=3, unique_by=str.lower))
    dialect = draw(st.sampled_from(["sqlite", "postgresql", "mysql", "mariadb"]))
    return Schema(dialect, tuple(draw(_tables(name)) for name in sorted(names)))


@settings(max_examples=300, deadline=None)
@given(_schemas())
def test_the_starter_of_any_schema_reads_back_whole(schema: Schema) -> None:
    text = starter(schema)
    patterns = read_workload(text, schema, "q.sql").patterns
    assert len({pattern.name for pattern in patterns}) == len(patterns)
    for pattern in patterns:
        (statement,) = pattern.statements
        assert statement.refusal is None, (statement.refusal, text)
        form = statement.form
        assert isinstance(form, Select)
        (ref,) = form.tables
        assert tuple(output.name for output in form.outputs) == tuple(c.name for c in schema.table(ref.table).columns)
        assert all(use.name.isidentifier() for use in statement.parameters)
    asked = sum(1 for found in schema.tables if found.primary_key)
    assert len(patterns) >= asked
