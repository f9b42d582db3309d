"""Objects of large values in S3: put, looked at, read. Nothing is retried inside but reads."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

from botocore import exceptions as boto
from botocore.config import Config

from migrator.model.errors import BlockedError, MigrateError
from migrator.plan.offload import Pointer, StoredObject
from migrator.ports import Denied, Found, StoreFault, Throttled, Unreachable, explain
from migrator.target.connect import CONNECT_SECONDS, READ_SECONDS, Connection, ConnectOptions, service
from migrator.target.faults import as_faults

ATTEMPTS = 8
BASE_SECONDS = 0.1
CONTENT = {"S": "text/plain; charset=utf-8", "B": "application/octet-stream"}
ABSENT = ("404", "NoSuchKey", "NotFound")


class S3Objects:
    """The ObjectStore of a bucket; safe to use from several threads. `sleep` waits that many seconds."""

    def __init__(self, client: Any, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def put(self, stored: StoredObject) -> None:
        """S3 compares the SHA-256 with what has arrived, and keeps it with the object."""
        with as_faults():
            self._client.put_object(
                Bucket=stored.bucket,
                Key=stored.key,
                Body=stored.body,
                ContentType=CONTENT[stored.type],
                ChecksumSHA256=_base64(stored.sha256),
            )

    def look(self, pointer: Pointer) -> Found | None:
        answer = self._read(
            lambda: self._client.head_object(Bucket=pointer.bucket, Key=pointer.key, ChecksumMode="ENABLED")
        )
        if answer is None:
            return None
        told = answer.get("ChecksumSHA256")
        # A checksum of checksums ("...-2", of a multipart upload) says nothing of the whole.
        sha256 = base64.b64decode(told).hex() if told and "-" not in told else None
        return Found(int(answer["ContentLength"]), sha256)

    def get(self, pointer: Pointer) -> bytes | None:
        def read() -> Any:
            return self._client.get_object(Bucket=pointer.bucket, Key=pointer.key)["Body"].read()

        body: bytes | None = self._read(read)
        return body

    def _read(self, request: Callable[[], Any]) -> Any:
        """The answer; None when there is no such object."""
        for attempt in range(ATTEMPTS):
            try:
                with as_faults():
                    return _unless_absent(request)
            except (Throttled, Unreachable):
                if attempt + 1 == ATTEMPTS:
                    raise
                self._sleep(BASE_SECONDS * 2.0**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")


def open_objects(options: ConnectOptions, connection: Connection) -> S3Objects:
    """The way to S3: boto3's own chain (AWS_ENDPOINT_URL_S3 too). An engine on this machine is asked for S3 where
    it is asked for DynamoDB."""
    # S3's keys hold any character, and a bucket on this machine has no host name of its own.
    style = {"addressing_style": "path"} if connection.loopback else {}
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=options.connections,
        s3=style,
        proxies={} if connection.loopback else None,
    )
    return S3Objects(service("s3", options, connection, config))


def demand_bucket(store: S3Objects, bucket: str, connection: Connection) -> None:
    """BlockedError unless the bucket answers; on an engine on this machine it is made where it is missing."""
    client = store._client
    try:
        with as_faults():
            found = _unless_absent(lambda: client.head_bucket(Bucket=bucket))
            if found is None and connection.loopback:
                client.create_bucket(Bucket=bucket)
                return
    except Denied as fault:
        raise BlockedError(
            f"S3 bucket {bucket}: {fault}", "give this role s3:ListBucket, s3:PutObject and s3:GetObject on it"
        ) from None
    except Unreachable as fault:
        raise MigrateError(
            f"S3 does not answer for bucket {bucket}: {fault}",
            "check the network; set AWS_ENDPOINT_URL_S3 where S3 is not where DynamoDB is",
        ) from None
    except StoreFault as fault:
        raise explain(fault, f"looking at S3 bucket {bucket}") from fault
    if found is None:
        raise BlockedError(
            f"there is no S3 bucket {bucket}",
            "make it, or name another one in migrate.toml ([offload] bucket) and plan again",
        )


def _unless_absent(request: Callable[[], Any]) -> Any:
    try:
        return request()
    except boto.ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) in (*ABSENT, "NoSuchBucket"):
            return None
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return None
        raise


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
