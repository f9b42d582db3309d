from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as boto
from migrator.ports import (
    Conflicted,
    Denied,
    Gone,
    Refused,
    StoreFault,
    Throttled,
    TransactionCancelled,
    Unreachable,
)
from migrator.target.faults import as_faults, fault_of


def answered(code: str, status: int = 400, **more: Any) -> boto.ClientError:
    response = {
        "Error": {"Code": code, "Message": "as told"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return boto.ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("ProvisionedThroughputExceededException"), Throttled),
        (answered("ThrottlingException"), Throttled),
        (answered("RequestLimitExceeded"), Throttled),
        (answered("TransactionInProgressException"), Conflicted),
        (answered("TransactionConflictException"), Conflicted),
        (answered("InternalServerError", 500), Unreachable),
        (answered("Anything", 503), Unreachable),
        (answered("ExpiredTokenException"), Denied),
        (answered("UnrecognizedClientException"), Denied),
        (answered("AccessDeniedException"), Denied),
        (answered("ResourceNotFoundException"), Gone),
        (answered("ValidationException"), Refused),
        (answered("IdempotentParameterMismatchException"), Refused),
        (boto.EndpointConnectionError(endpoint_url="http://x"), Unreachable),
        (boto.ConnectionClosedError(endpoint_url="http://x"), Unreachable),
        (boto.ReadTimeoutError(endpoint_url="http://x"), Unreachable),
        (boto.ConnectTimeoutError(endpoint_url="http://x"), Unreachable),
        (boto.NoCredentialsError(), Denied),
        (boto.ParamValidationError(report="x"), Refused),
    ],
)
def test_each_error_has_its_fault(error: Exception, kind: type[StoreFault]) -> None:
    assert type(fault_of(error)) is kind


def cancelled(*codes: str) -> StoreFault:
    reasons = [{"Code": code, "Message": "why", "Item": {"PK": {"S": code}}} for code in codes]
    return fault_of(answered("TransactionCanceledException", CancellationReasons=reasons))


def test_a_cancelled_transaction_tells_its_reasons_in_order() -> None:
    fault = cancelled("None", "ConditionalCheckFailed", "TransactionConflict")
    assert isinstance(fault, TransactionCancelled)
    assert [reason.code for reason in fault.reasons] == ["None", "ConditionalCheckFailed", "TransactionConflict"]
    assert fault.reasons[1].item == {"PK": {"S": "ConditionalCheckFailed"}}


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_cancelled_only_by_what_passes_is_a_throttle(code: str) -> None:
    assert isinstance(cancelled("None", code, "None"), Throttled)


def test_a_failed_condition_of_one_put_is_a_cancelled_transaction_of_one() -> None:
    fault = fault_of(answered("ConditionalCheckFailedException", Item={"PK": {"S": "x"}}))
    assert isinstance(fault, TransactionCancelled)
    assert [(reason.code, reason.item) for reason in fault.reasons] == [("ConditionalCheckFailed", {"PK": {"S": "x"}})]


def test_what_is_no_answer_of_the_service_passes_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), as_faults():
        raise ZeroDivisionError
