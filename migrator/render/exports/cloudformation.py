"""AWS CloudFormation: the table as a template (user guide: "AWS::DynamoDB::Table")."""

from __future__ import annotations

import json
import re
from typing import Any

from migrator.plan.definition import define_table
from migrator.plan.plan import Plan

Resource = dict[str, Any]


def cloudformation(plan: Plan) -> str:
    """A template with one resource. The table stays when the stack is deleted or would replace it."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"DynamoDB table {plan.table.name}, {len(plan.indexes)} global secondary indexes",
        "Resources": {
            logical_name(plan.table.name): {
                "Type": "AWS::DynamoDB::Table",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": table_properties(plan),
            }
        },
        "Outputs": {
            "TableName": {"Value": {"Ref": logical_name(plan.table.name)}},
            "TableArn": {"Value": {"Fn::GetAtt": [logical_name(plan.table.name), "Arn"]}},
        },
    }
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def table_properties(plan: Plan) -> Resource:
    """CreateTable's parameters as the resource type names them, with what other requests would set."""
    properties = dict(define_table(plan))
    if "StreamSpecification" in properties:
        properties["StreamSpecification"] = {"StreamViewType": plan.table.stream_view_type}
    encryption = properties.pop("SSESpecification", None)
    if encryption is not None:
        properties["SSESpecification"] = {
            "SSEEnabled": True,
            "SSEType": encryption["SSEType"],
            "KMSMasterKeyId": encryption["KMSMasterKeyId"],
        }
    if plan.table.point_in_time_recovery:
        properties["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": True}
    if plan.table.ttl_attribute is not None:
        properties["TimeToLiveSpecification"] = {"AttributeName": plan.table.ttl_attribute, "Enabled": True}
    return properties


def logical_name(table: str) -> str:
    """A resource's name in a template: letters and digits alone.

    >>> logical_name("my-app.orders_2")
    'MyAppOrders2Table'
    """
    words = re.findall(r"[A-Za-z0-9]+", table)
    return "".join(word[:1].upper() + word[1:] for word in words) + "Table"
