"""The way to DynamoDB: boto3's own chain of profile, region, endpoint and credentials, with errors by name."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from migrator import __version__
from migrator.model.errors import MigrateError, UsageError
from migrator.ports import Denied, StoreFault, Unreachable, explain
from migrator.target.faults import as_faults, demand_checksum

LOCAL_REGION = "us-east-1"
LOCAL_KEY = "local"
CONNECT_SECONDS = 5
READ_SECONDS = 30


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """What the command line may say; None leaves it to boto3's own chain. `connections` is the pool's size:
    at least the number of threads. `read_seconds`: after that long without an answer a request counts as lost."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    connections: int = 32
    read_seconds: float = READ_SECONDS


@dataclass(frozen=True, slots=True)
class Connection:
    """A client and where it leads. `account` is None when nobody tells (loopback, or no right to ask).
    `loopback`: an engine on this machine, which costs nothing and forgives."""

    client: Any
    endpoint: str
    region: str
    account: str | None
    loopback: bool


def connect(options: ConnectOptions) -> Connection:
    """A connection that has been answered once. MigrateError for an endpoint that does not answer, missing
    credentials, region or profile."""
    session = _session(options)
    endpoint = _endpoint(session, options)
    loopback = is_loopback(endpoint)
    region = options.region or session.region_name or (LOCAL_REGION if loopback else None)
    if region is None:
        raise UsageError("no AWS region is set", "pass --region, or set AWS_REGION")
    credentials = _credentials(session, loopback)
    client = session.client(
        "dynamodb",
        region_name=region,
        endpoint_url=options.endpoint_url,
        config=_config(options, loopback),
        **credentials,
    )
    # botocore's own check of the checksum only makes it retry, which it is told not to do.
    client.meta.events.register("before-parse.dynamodb", demand_checksum)
    _knock(client, endpoint)
    return Connection(client, endpoint, region, None if loopback else _account(session, region), loopback)


def service(name: str, options: ConnectOptions, connection: Connection, config: Config) -> Any:
    """A client of another service, reached as DynamoDB is: with its credentials, and on this machine at its endpoint
    unless the chain names one for that service."""
    session = _session(options)
    credentials = _credentials(session, connection.loopback)
    client = session.client(name, region_name=connection.region, config=config, **credentials)
    if connection.loopback and not is_loopback(str(client.meta.endpoint_url)):
        endpoint = connection.endpoint
        client = session.client(
            name, region_name=connection.region, endpoint_url=endpoint, config=config, **credentials
        )
    return client


def is_loopback(endpoint: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _session(options: ConnectOptions) -> Any:
    try:
        return boto3.Session(profile_name=options.profile, region_name=options.region)
    except boto.ProfileNotFound as error:
        raise UsageError(str(error), "pass --profile with a name that `aws configure list-profiles` shows") from None
    except boto.BotoCoreError as error:
        raise MigrateError(f"AWS configuration: {error}", "correct ~/.aws/config or the AWS_* variables") from None


def _endpoint(session: Any, options: ConnectOptions) -> str:
    """Where the chain leads; asked of a client that is never used, since only botocore knows all of its rules.
    UsageError for one with a password in it, which is not repeated."""
    try:
        probe = session.client(
            "dynamodb",
            region_name=options.region or session.region_name or LOCAL_REGION,
            endpoint_url=options.endpoint_url,
            aws_access_key_id=LOCAL_KEY,
            aws_secret_access_key=LOCAL_KEY,
        )
    except (ValueError, boto.BotoCoreError) as error:
        raise UsageError(f"endpoint or region: {error}", "check --endpoint-url and --region") from None
    endpoint = str(probe.meta.endpoint_url)
    if "@" in urlsplit(endpoint).netloc:
        raise UsageError(
            "the endpoint's URL holds a user or a password",
            "leave them out: credentials come from where every AWS tool finds them",
        )
    return endpoint


def _credentials(session: Any, loopback: bool) -> dict[str, str]:
    """Arguments for the client: none when the chain finds credentials, dummies on a loopback endpoint."""
    if loopback:
        # Without this, a machine that is not in EC2 waits seconds for a metadata service.
        session._session.get_component("credential_provider").remove("iam-role")
    try:
        found = session.get_credentials()
    except boto.BotoCoreError as error:
        raise MigrateError(f"AWS credentials: {error}", "log in again, or choose another --profile") from None
    if found is not None:
        return {}
    if loopback:
        return {"aws_access_key_id": LOCAL_KEY, "aws_secret_access_key": LOCAL_KEY}
    raise MigrateError("no AWS credentials were found", "log in (`aws sso login`, `aws configure`), or pass --profile")


def _config(options: ConnectOptions, loopback: bool) -> Config:
    """One attempt a request: the load room alone retries. Its items are valid by construction, so botocore
    need not validate them: that would be a third of the load's time. A user agent of our own is not put together
    anew for every request."""
    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=options.read_seconds,
        max_pool_connections=options.connections,
        parameter_validation=False,
        tcp_keepalive=True,
        user_agent=f"migrate-to-dynamodb/{__version__} Boto3/{boto3.__version__}",
        proxies={} if loopback else None,
    )


def _knock(client: Any, endpoint: str) -> None:
    """One cheap request. Not being allowed to list tables is an answer too."""
    try:
        with as_faults():
            client.list_tables(Limit=1)
    except Unreachable as fault:
        raise MigrateError(
            f"no answer from {endpoint}: {fault}", "check --endpoint-url, the network, or start `migrate local`"
        ) from None
    except Denied as fault:
        if not fault.code.startswith(("AccessDenied", "NotAuthorized")):
            raise explain(fault, "connecting") from None
    except StoreFault:
        return


def _account(session: Any, region: str) -> str | None:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=CONNECT_SECONDS, read_timeout=CONNECT_SECONDS)
    try:
        return str(session.client("sts", region_name=region, config=config).get_caller_identity()["Account"])
    except (boto.BotoCoreError, boto.ClientError, KeyError):
        return None
