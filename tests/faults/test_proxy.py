"""The proxy does what it says, and what it counts is what the engine did."""

from __future__ import annotations

import pytest
from migrator.ports import Put, Throttled, Unreachable
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table

from tests.engine import connected
from tests.faults.kinds import TRANSACTIONS, Choice, Fault, Request, always, possible, seeded
from tests.faults.proxy import FaultProxy
from tests.load.world import a_plan, name_of

UNDONE = {Fault.THROTTLE, Fault.SLOW_DOWN, Fault.SERVER, Fault.UNAVAILABLE, Fault.RESET, *TRANSACTIONS}
ANSWERED = {Fault.TWICE, Fault.AGAIN}
SLOWED = {Fault.THROTTLE, Fault.SLOW_DOWN, *TRANSACTIONS}


@pytest.fixture
def table(connection: Connection, table_name: str) -> str:
    create_table(connection, a_plan(table_name), "d")
    return table_name


def put(number: int) -> Put:
    return Put({"PK": {"S": f"P{number}"}, "SK": {"S": "S"}}, "attribute_not_exists(#pk)", (("#pk", "PK"),))


def transact(engine: LocalEngine, table: str, choose: Choice) -> tuple[FaultProxy, Exception | None]:
    """One transaction through a proxy, whatever comes of it, and all that is on its way has arrived."""
    with FaultProxy(engine.endpoint, late=0.4) as proxy:
        connection = connected(proxy, read_seconds=0.2)
        proxy.choose = choose
        try:
            DynamoSink(connection, table).transact([put(1), put(2)], f"{table}-token")
        except Exception as fault:  # the kind is looked at by who asks
            return proxy, fault
        return proxy, None


@pytest.mark.parametrize("fault", possible("TransactWriteItems"))
def test_each_fault_does_or_does_not_carry_out_what_it_was_given(
    fault: Fault, engine: LocalEngine, connection: Connection, table: str
) -> None:
    proxy, raised = transact(engine, table, always(fault, "TransactWriteItems"))
    found = {name_of(item) for page in DynamoReader(connection, table).scan() for item in page}
    assert found == (set() if fault in UNDONE else {("P1", "S"), ("P2", "S")})
    assert proxy.ledger.own() == dict.fromkeys(found, 1), "a repeat with the same token writes nothing"
    kind = type(None) if fault in ANSWERED else Throttled if fault in SLOWED else Unreachable
    assert isinstance(raised, kind), raised


def test_some_of_a_batch_is_left_and_asked_again(engine: LocalEngine, connection: Connection, table: str) -> None:
    sink = DynamoSink(connection, table)
    sink.transact([put(number) for number in range(9)], f"{table}-token")
    keys = [{"PK": {"S": f"P{number}"}, "SK": {"S": "S"}} for number in range(9)]
    with FaultProxy(engine.endpoint, always(Fault.SOME)) as proxy:
        reader = DynamoReader(connected(proxy), table, lambda seconds: None)
        assert len(reader.get_batch(keys)) == 9
        assert sum(len(page) for page in reader.scan()) == 9
        assert proxy.operations["BatchGetItem"] > 3
        with pytest.raises(Throttled):
            DynamoSink(connected(proxy), table).delete(keys)
        assert len(proxy.ledger.deletes) == 4, "what was left is not counted"


def test_what_a_request_meets_depends_on_seed_body_and_repetition_alone() -> None:
    choose, again, other = seeded(1, 0.5), seeded(1, 0.5), seeded(2, 0.5)
    requests = [
        Request(number, "TransactWriteItems", b"%d" % (number % 400), number // 400 + 1) for number in range(1600)
    ]
    met = [choose(request) for request in requests]
    assert met[::-1] == [again(request) for request in requests[::-1]]
    assert met != [other(request) for request in requests]
    assert set(met) - {Fault.NONE} == set(possible("TransactWriteItems"))
