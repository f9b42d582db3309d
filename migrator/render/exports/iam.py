"""IAM: what the loader and the application may do, and no more.

Transactions are authorised by the actions inside them, PutItem, UpdateItem, DeleteItem, ConditionCheckItem and GetItem
(service authorization reference: "Actions, resources, and condition keys for Amazon DynamoDB").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.plan.plan import Plan, Request
from migrator.plan.templates import parse_template

LOADING = ("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query")
CREATING = (
    "CreateTable",
    "DescribeContinuousBackups",
    "DescribeTable",
    "DescribeTimeToLive",
    "ListTagsOfResource",
    "TagResource",
    "UpdateContinuousBackups",
    "UpdateTimeToLive",
)
DROPPING = ("DeleteTable", "DescribeTable", "GetItem", "ListTagsOfResource", "UpdateTable")
COMPARING_ALL = ("Scan",)
IMPORTING = ("DescribeImport", "ImportTable", "UpdateTable")
FILING = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
LOGGING = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
)
"""What ImportTable does in the caller's name (developer guide: "Requesting a table import in DynamoDB")."""
LOG = "arn:aws:logs:*:*:log-group:/aws-dynamodb/*"
BUCKET = "arn:aws:s3:::YOUR-BUCKET"
ACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}

Statement = dict[str, Any]


def application_policy(plan: Plan) -> str:
    """The declared queries' policy: their operations, on the indexes that they ask, and in the table on partition keys
    that begin as theirs do."""
    requests = [request for pattern in plan.access_patterns for request in pattern.requests]
    statements = [*_on_table(plan, requests), *_on_indexes(plan, requests)]
    return _policy(statements)


def loader_policy(plan: Plan) -> str:
    """What `migrate apply` and `migrate verify` send; what `--allow-scan`, `--via-import` and `migrate drop` need as
    statements of their own, to be left out where they are not used."""
    table, indexes = table_arn(plan), f"{table_arn(plan)}/index/*"
    return _policy(
        [
            _statement("Create", CREATING, [table]),
            _statement("LoadAndVerify", LOADING, [table, indexes] if plan.indexes else [table]),
            _statement("ImportTable", IMPORTING, [table, f"{table}/import/*"]),
            {"Sid": "ImportFiles", "Effect": "Allow", "Action": list(FILING), "Resource": [f"{BUCKET}/*"]},
            {"Sid": "ImportBucket", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [BUCKET]},
            {"Sid": "ImportLog", "Effect": "Allow", "Action": list(LOGGING), "Resource": [LOG]},
            _statement("VerifyWithAllowScan", COMPARING_ALL, [table]),
            _statement("Drop", DROPPING, [table]),
        ]
    )


def table_arn(plan: Plan) -> str:
    """The table in any region and account: narrow it to yours."""
    return f"arn:aws:dynamodb:*:*:table/{plan.table.name}"


def _on_table(plan: Plan, requests: Iterable[Request]) -> Iterator[Statement]:
    """One statement for each set of partition keys: reading or writing under other keys is denied."""
    leading: dict[str, set[str]] = {}
    for action, partition in _table_actions(requests):
        leading.setdefault(action, set()).add(key_pattern(partition))
    by_keys: dict[tuple[str, ...], list[str]] = {}
    for action, patterns in leading.items():
        by_keys.setdefault(_needed(patterns), []).append(action)
    for number, (patterns_, actions) in enumerate(sorted(by_keys.items()), 1):
        statement = _statement(f"Table{number}", tuple(sorted(actions)), [table_arn(plan)])
        if "*" not in patterns_:
            statement["Condition"] = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(patterns_)}}
        yield statement


def _needed(patterns: set[str]) -> tuple[str, ...]:
    """Without patterns that a shorter one holds.

    >>> _needed({"A#*", "A#B#*", "C"})
    ('A#*', 'C')
    """
    open_ = {pattern[:-1] for pattern in patterns if pattern.endswith("*")}
    return tuple(
        sorted(
            pattern
            for pattern in patterns
            if not any(pattern.startswith(start) and pattern != f"{start}*" for start in open_)
        )
    )


def _table_actions(requests: Iterable[Request]) -> Iterator[tuple[str, str]]:
    """Each action on the table with the partition key's template."""
    for request in requests:
        if request.index is not None:
            continue
        if request.actions:
            yield from ((ACTIONS[action.operation], action.keys.partition) for action in request.actions)
            continue
        action = "GetItem" if request.operation == "TransactGetItems" else request.operation
        if request.partition is not None:
            yield action, request.partition
        yield from ((action, pair.partition) for pair in request.keys)


def _on_indexes(plan: Plan, requests: Iterable[Request]) -> Iterator[Statement]:
    asked = {request.index for request in requests if request.index is not None}
    arns = [f"{table_arn(plan)}/index/{index.name}" for index in plan.indexes if index.name in asked]
    if arns:
        yield _statement("Indexes", ("Query",), arns)


def key_pattern(template: str) -> str:
    """A partition key's template as a pattern of IAM's: what stands before the first value, then anything.

    >>> key_pattern("CUSTOMER#{customer_id}"), key_pattern("ALL"), key_pattern("{0.PK}")
    ('CUSTOMER#*', 'ALL', '*')
    """
    pieces = parse_template(template)
    first = next((place for place, piece in enumerate(pieces) if not isinstance(piece, str)), None)
    literal = "".join(piece for piece in pieces[:first] if isinstance(piece, str))
    return _literal(literal) + ("" if first is None else "*")


def _literal(text: str) -> str:
    """Text in which `*`, `?` and `$` mean themselves (IAM user guide: "Policy variables")."""
    return re.sub(r"[*?$]", lambda found: f"${{{found[0]}}}", text)


def _statement(sid: str, actions: tuple[str, ...], resources: list[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": [f"dynamodb:{action}" for action in actions],
        "Resource": resources,
    }


def _policy(statements: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2, ensure_ascii=False) + "\n"
