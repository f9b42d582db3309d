"""A place in S3: files go there, for DynamoDB to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.config import Config

from migrator.model.errors import MigrateError, UsageError
from migrator.target.connect import CONNECT_SECONDS, Connection, ConnectOptions, service

ATTEMPTS = 8
AT_ONCE = 1000
"""Objects that one request deletes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and what the names of the objects there begin with: empty, or ending in a slash."""

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> Place:
        """Of s3://bucket/some/prefix. UsageError for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise UsageError(f"{url!r} is no place in S3", "write s3://BUCKET or s3://BUCKET/PREFIX")
        prefix = parts.path.strip("/")
        return cls(parts.netloc, f"{prefix}/" if prefix else "")

    def within(self, name: str) -> Place:
        """A folder of that name here."""
        return Place(self.bucket, f"{self.prefix}{name}/")

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


class Files:
    """What is done with the files of a place. MigrateError, naming the place, when S3 does not do it. S3 has its own
    retries: each of these calls may be repeated."""

    def __init__(self, client: Any, place: Place) -> None:
        self._client = client
        self.place = place

    def demand_bucket(self) -> None:
        """MigrateError when the bucket is not there, or not to be reached."""
        self._call("finding the bucket of", "head_bucket")

    def names(self) -> tuple[str, ...]:
        """Whole names of the objects here, sorted."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.place.bucket, Prefix=self.place.prefix
        )
        try:
            return tuple(sorted(told["Key"] for page in pages for told in page.get("Contents", ())))
        except (boto.BotoCoreError, boto.ClientError) as error:
            raise self._fault("listing", error) from error

    def upload(self, file: Path, name: str, md5: str) -> None:
        """The file under `name` here. S3 refuses it when the bytes that arrive have another MD5 (base64)."""
        with file.open("rb") as body:
            self._call("writing to", "put_object", Key=f"{self.place.prefix}{name}", Body=body, ContentMD5=md5)

    def delete(self, names: Iterable[str]) -> None:
        """The objects of these whole names, if they are there."""
        listed = list(names)
        for start in range(0, len(listed), AT_ONCE):
            some = [{"Key": name} for name in listed[start : start + AT_ONCE]]
            self._call("deleting from", "delete_objects", Delete={"Objects": some, "Quiet": True})

    def _call(self, doing: str, operation: str, **parameters: Any) -> None:
        try:
            getattr(self._client, operation)(Bucket=self.place.bucket, **parameters)
        except (boto.BotoCoreError, boto.ClientError) as error:
            raise self._fault(doing, error) from error

    def _fault(self, doing: str, error: Exception) -> MigrateError:
        return MigrateError(
            f"{doing} {self.place.url}: {error}",
            "check the bucket's name and region, and that these credentials may read and write there",
        )


def open_place(options: ConnectOptions, connection: Connection, place: Place) -> Files:
    """S3 as boto3's own chain finds it; beside an engine on this machine, the engine's own."""
    config = Config(
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        s3={"addressing_style": "path"} if connection.loopback else {},
        proxies={} if connection.loopback else None,
    )
    return Files(service("s3", options, connection, config), place)
