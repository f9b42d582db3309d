"""The sink and the reader against the engine."""

from __future__ import annotations

from typing import Any

import pytest
from migrator.ports import Gone, Item, Put, Refused, Throttled, TransactionCancelled, Unreachable
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table

from tests.engine import Fault, FaultProxy, connected
from tests.faults.kinds import always
from tests.load.world import a_plan

ABSENT = ("attribute_not_exists(#pk)", (("#pk", "PK"),))


def item(number: int, **more: Any) -> Item:
    return {"PK": {"S": "P"}, "SK": {"S": f"{number:04}"}, **more}


def key(number: int) -> Item:
    return item(number)


@pytest.fixture
def sink(connection: Connection, table_name: str) -> DynamoSink:
    create_table(connection, a_plan(table_name), "d")
    return DynamoSink(connection, table_name)


@pytest.fixture
def reader(connection: Connection, table_name: str) -> DynamoReader:
    return DynamoReader(connection, table_name)


def test_every_type_comes_back_as_it_went(sink: DynamoSink) -> None:
    whole = item(
        1,
        n={"N": "12345678901234567890.123456789"},
        b={"B": b"\x00\xff"},
        t={"BOOL": True},
        z={"NULL": True},
        m={"M": {"x": {"L": [{"S": ""}, {"B": b"y"}]}}},
    )
    sink.transact([Put(whole)], "token")
    assert sink.get(key(1)) == whole
    assert sink.get(key(2)) is None


def test_a_failed_condition_tells_what_stands_there(sink: DynamoSink) -> None:
    sink.put(Put(item(1, b={"B": b"x"}), *ABSENT))
    with pytest.raises(TransactionCancelled) as put:
        sink.put(Put(item(1), *ABSENT))
    assert put.value.reasons[0].item == item(1, b={"B": b"x"})
    with pytest.raises(TransactionCancelled) as transacted:
        sink.transact([Put(item(2), *ABSENT), Put(item(1), *ABSENT)], "t2")
    assert [reason.code for reason in transacted.value.reasons] == ["None", "ConditionalCheckFailed"]
    assert transacted.value.reasons[1].item == item(1, b={"B": b"x"})
    assert sink.get(key(2)) is None


def test_a_repeated_token_writes_once(sink: DynamoSink) -> None:
    for _ in range(2):
        sink.transact([Put(item(1), *ABSENT)], "the same")


def test_deleting_what_is_not_there_is_fine(sink: DynamoSink) -> None:
    sink.put(Put(item(1)))
    sink.delete([key(1), key(2)])
    sink.delete([])
    assert sink.get(key(1)) is None


def test_a_missing_table_is_gone(connection: Connection) -> None:
    with pytest.raises(Gone):
        DynamoSink(connection, "no-such-table").get(key(1))


def test_an_item_that_is_too_large_is_refused(sink: DynamoSink) -> None:
    with pytest.raises(Refused) as refused:
        sink.transact([Put(item(1, s={"S": "x" * 410_000}))], "t")
    assert refused.value.code == "ValidationException"


def test_a_batch_gives_what_is_found(sink: DynamoSink, reader: DynamoReader) -> None:
    for start in (0, 100):
        sink.transact([Put(item(n)) for n in range(start, start + 100)], f"t{start}")
    found = reader.get_batch([key(n) for n in range(150, 250)])
    assert sorted(one["SK"]["S"] for one in found) == [f"{n:04}" for n in range(150, 200)]


def test_pages_of_a_query_and_a_scan_are_all_given(sink: DynamoSink, reader: DynamoReader) -> None:
    for n in range(8):
        sink.put(Put(item(n, s={"S": "x" * 300_000})))
    call = {
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": "PK"},
        "ExpressionAttributeValues": {":p": {"S": "P"}},
    }
    pages = list(reader.query(call))
    assert len(pages) > 1
    assert [one["SK"]["S"] for page in pages for one in page] == [f"{n:04}" for n in range(8)]
    assert sum(len(page) for page in reader.scan()) == 8
    assert reader.read_units > 0


class Unprocessed:
    """A client that processes one key a request."""

    def __init__(self, processed: int) -> None:
        self.processed = processed

    def batch_get_item(self, RequestItems: Any, **more: Any) -> Any:  # noqa: N803 - boto3's name
        ((table, call),) = RequestItems.items()
        done, left = call["Keys"][: self.processed], call["Keys"][self.processed :]
        return {"Responses": {table: done}, "UnprocessedKeys": {table: {"Keys": left}} if left else {}}


def test_unprocessed_keys_are_asked_again() -> None:
    waits: list[float] = []
    reader = DynamoReader(Connection(Unprocessed(3), "x", "r", None, True), "t", waits.append)
    assert len(reader.get_batch([key(n) for n in range(10)])) == 10
    assert len(waits) == 3


def test_keys_that_stay_unprocessed_are_a_throttle_in_the_end() -> None:
    reader = DynamoReader(Connection(Unprocessed(0), "x", "r", None, True), "t", lambda seconds: None)
    with pytest.raises(Throttled):
        reader.get_batch([key(1)])


def test_reading_outlasts_faults_and_writing_reports_them(
    engine: LocalEngine, sink: DynamoSink, table_name: str
) -> None:
    sink.put(Put(item(1)))
    faults = iter([Fault.NONE, Fault.THROTTLE, Fault.SERVER, Fault.RESET, Fault.LOST, Fault.NONE])
    with FaultProxy(engine.endpoint, lambda request: next(faults)) as proxy:
        reader = DynamoReader(connected(proxy), table_name, lambda seconds: None)
        assert reader.get_batch([key(1)]) == [item(1)]
        assert proxy.operations["BatchGetItem"] == 5
    for fault, kind in [(Fault.THROTTLE, Throttled), (Fault.SERVER, Unreachable), (Fault.LOST, Unreachable)]:
        with FaultProxy(engine.endpoint) as proxy:
            broken = DynamoSink(connected(proxy), table_name)
            proxy.choose = always(fault)
            with pytest.raises(kind):
                broken.put(Put(item(2)))
