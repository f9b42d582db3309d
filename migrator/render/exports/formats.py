"""The forms that a plan is exported in, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from migrator.plan.plan import Plan
from migrator.render.exports.awscli import create_script, patterns_script
from migrator.render.exports.cloudformation import cloudformation
from migrator.render.exports.iam import application_policy, loader_policy
from migrator.render.exports.mcp import mcp
from migrator.render.exports.programs import cdk, terraform
from migrator.render.exports.workbench import workbench
from migrator.render.samples import Samples


@dataclass(frozen=True, slots=True)
class Format:
    """`files` gives text by file name."""

    told: str
    files: Callable[[Plan, Samples], Mapping[str, str]]


FORMATS: Mapping[str, Format] = {
    "cdk": Format(
        "an AWS CDK application in Python",
        lambda plan, samples: {"table_stack.py": cdk(plan)},
    ),
    "cli": Format(
        "AWS CLI commands that create the table and ask the queries",
        lambda plan, samples: {"create-table.sh": create_script(plan), "access-patterns.sh": patterns_script(plan)},
    ),
    "cloudformation": Format(
        "an AWS CloudFormation template",
        lambda plan, samples: {"template.json": cloudformation(plan)},
    ),
    "iam": Format(
        "policies of the loader and of the application",
        lambda plan, samples: {"application.json": application_policy(plan), "loader.json": loader_policy(plan)},
    ),
    "mcp": Format(
        "dynamodb_data_model.json of the AWS DynamoDB MCP server",
        lambda plan, samples: {"dynamodb_data_model.json": mcp(plan, samples)},
    ),
    "terraform": Format(
        "a Terraform configuration",
        lambda plan, samples: {"main.tf": terraform(plan)},
    ),
    "workbench": Format(
        "a data model for NoSQL Workbench",
        lambda plan, samples: {"workbench.json": workbench(plan, samples)},
    ),
}
