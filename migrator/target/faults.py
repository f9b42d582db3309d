"""One table from what DynamoDB and botocore raise to the faults that the other rooms know."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from migrator.ports import (
    CancelReason,
    Conflicted,
    Denied,
    Gone,
    Refused,
    StoreFault,
    Throttled,
    TransactionCancelled,
    Unreachable,
)

THROTTLED_CODES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "RequestLimitExceeded",
        "LimitExceededException",
    }
)
CONFLICT_CODES = frozenset(
    {"ReplicatedWriteConflictException", "TransactionConflictException", "TransactionInProgressException"}
)
DENIED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "KMSAccessDeniedException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
GONE_CODES = frozenset({"ResourceNotFoundException", "TableNotFoundException"})
SERVER_CODES = frozenset({"InternalServerError", "InternalFailure", "ServiceUnavailable"})
PASSING_REASONS = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}
)
"""Reasons of a cancelled transaction that go away by themselves."""

NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.SSOError,
)
NO_ANSWER = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.ChecksumError,
    ResponseParserError,
)


@contextmanager
def as_faults() -> Iterator[None]:
    """What botocore raises inside comes out as a StoreFault."""
    try:
        yield
    except (boto.BotoCoreError, boto.ClientError, ResponseParserError) as error:
        raise fault_of(error) from error


def demand_checksum(response_dict: Mapping[str, Any], **event: Any) -> None:
    """Before an answer is parsed: botocore's ChecksumError when its bytes are not those that DynamoDB sent."""
    told = response_dict["headers"].get("x-amz-crc32")
    found = zlib.crc32(response_dict["body"])
    if told is not None and int(told) != found:
        raise boto.ChecksumError(checksum_type="crc32", expected_checksum=told, actual_checksum=str(found))


def fault_of(error: Exception) -> StoreFault:
    """The fault that an exception of botocore stands for."""
    if isinstance(error, boto.ClientError):
        return _answered(error.response)
    if isinstance(error, NO_CREDENTIALS):
        return Denied(type(error).__name__, str(error))
    if isinstance(error, NO_ANSWER):
        return Unreachable(str(error))
    return Refused(type(error).__name__, str(error))


def _answered(response: Mapping[str, Any]) -> StoreFault:
    code = str(response.get("Error", {}).get("Code", "Unknown"))
    message = str(response.get("Error", {}).get("Message") or response.get("message") or "")
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
    if code == "TransactionCanceledException":
        return _cancelled(response, message)
    if code == "ConditionalCheckFailedException":
        return TransactionCancelled([CancelReason("ConditionalCheckFailed", message, response.get("Item"))])
    if code in CONFLICT_CODES:
        return Conflicted(f"{code}: {message}")
    if code in THROTTLED_CODES:
        return Throttled(f"{code}: {message}")
    if status >= 500 or code in SERVER_CODES:
        return Unreachable(f"{code}: {message}")
    if code in DENIED_CODES:
        return Denied(code, message)
    if code in GONE_CODES:
        return Gone(message)
    return Refused("RequestEntityTooLarge" if status == 413 else code, message)


def _cancelled(response: Mapping[str, Any], message: str) -> StoreFault:
    reasons = tuple(
        CancelReason(str(told.get("Code") or "None"), str(told.get("Message") or ""), told.get("Item"))
        for told in response.get("CancellationReasons", ())
    )
    codes = {reason.code for reason in reasons} - {"None"}
    if codes and codes <= PASSING_REASONS:
        kind = Conflicted if "TransactionConflict" in codes else Throttled
        return kind(f"transaction cancelled: {', '.join(sorted(codes))}")
    return TransactionCancelled(reasons) if reasons else Refused("TransactionCanceledException", message)
