"""Terraform and the AWS CDK: the table as code."""

from __future__ import annotations

from migrator.plan.definition import key_names
from migrator.plan.plan import Plan
from migrator.render.exports.cloudformation import logical_name
from migrator.render.templates import environment


def terraform(plan: Plan) -> str:
    """A Terraform configuration with one resource."""
    return _rendered("exports/terraform.tf.j2", plan, plan.table.name.replace(".", "_"))


def cdk(plan: Plan) -> str:
    """A Python application of the AWS CDK with one stack."""
    return _rendered("exports/table_stack.py.j2", plan, logical_name(plan.table.name))


def _rendered(template: str, plan: Plan, resource: str) -> str:
    context = {"table": plan.table, "indexes": plan.indexes, "key_names": key_names(plan), "resource": resource}
    return environment().get_template(template).render(context)
