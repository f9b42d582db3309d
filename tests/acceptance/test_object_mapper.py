"""The echo log of SQLAlchemy's own object mapper: loops, eager loads, batches."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from migrator.cli.capturing import CaptureOptions, Written, capture_workload
from migrator.cli.console import Console
from migrator.cli.planning import PlanOptions, make_plan
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Region(Base):
    __tablename__ = "region"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    orders: Mapped[list[Order]] = relationship()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("mapped")
    engine = create_engine(f"sqlite:///{folder / 'app.db'}")
    Base.metadata.create_all(engine)
    handler = logging.FileHandler(folder / "app.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    logger = logging.getLogger("sqlalchemy.engine.Engine")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with Session(engine) as session:
            session.add_all([Region(id=number, name=f"r{number}") for number in range(3)])
            session.flush()
            session.add_all([_customer(number) for number in range(12)])
            session.commit()
        for number in range(3):
            _use(Session(engine), number)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
        engine.dispose()
    options = CaptureOptions(str(folder / "app.db"), (folder / "app.log",), out=folder / "queries.sql", period="10s")
    return capture_workload(options, Console(quiet=True))


def _customer(number: int) -> Customer:
    orders = [Order(status="open"), Order(status="shut")]
    return Customer(id=number, name=f"c{number}", region_id=number % 3, orders=orders)


def _use(session: Session, number: int) -> None:
    with session:
        for customer in session.scalars(select(Customer).where(Customer.region_id == number)):
            assert len(customer.orders) == 2
        named = select(Customer).where(Customer.name == f"c{number}").options(selectinload(Customer.orders))
        assert session.scalars(named).all()
        session.expire_all()
        session.get_one(Order, 1).status = f"state{number}"
        session.commit()


def test_everything_is_read_and_nothing_is_lost(written: Written) -> None:
    assert written.captured.unread == ()
    calls = {query.name: query.calls for query in written.captured.queries}
    assert (calls["insert_customer"], calls["insert_orders"], calls["orders_by_customer_id"]) == (12, 24, 12)


def test_lazy_loads_are_named_n_plus_1(written: Written) -> None:
    (query,) = (query for query in written.captured.queries if query.name == "orders_by_customer_id")
    assert "N+1: about 4.0 calls follow each customer_by_region_id" in query.notes[0]


def test_a_list_of_all_columns_is_a_star(written: Written) -> None:
    sql = {query.name: query.sql for query in written.captured.queries}
    assert sql["customer_by_name"] == "SELECT * FROM customer WHERE customer.name = :name"


def test_plan_serves_them_all(written: Written, tmp_path: Path) -> None:
    source = str(written.file.with_name("app.db"))
    planned = make_plan(PlanOptions(source, written.file, tmp_path / "plan"), Console(quiet=True), {})
    assert [p.reason for p in planned.plan.access_patterns if p.status != "served"] == []
