"""Plans whose tables are set up in every way that CreateTable knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.plan.plan import IndexSettings, Plan

from tests.load.world import a_plan

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def settings(table: str) -> Mapping[str, Plan]:
    """Plans of one table, by what is special about it."""
    plain = a_plan(table)
    narrow = IndexSettings("by-total", "GSI2PK", "GSI2SK", "INCLUDE", ("total", "customer_id"))
    keys = IndexSettings("by-keys", "GSI3PK", "GSI3SK", "KEYS_ONLY")
    return {
        "plain": plain,
        "streamed": a_plan(table, stream_view_type="NEW_AND_OLD_IMAGES"),
        "tagged": a_plan(table, tags=(("team", "shop \"${a}\" 'b' %{c}"), ("cost centre", "42"))),
        "expiring": a_plan(table, ttl_attribute="expires at"),
        "encrypted": a_plan(table, kms_key=KEY),
        "bounded": a_plan(table, max_on_demand=500),
        "provisioned": a_plan(table, billing_mode="PROVISIONED", provisioned=(7, 9)),
        "unprotected": a_plan(table, deletion_protection=False, point_in_time_recovery=False),
        "infrequent": a_plan(table, table_class="STANDARD_INFREQUENT_ACCESS"),
        "indexed": replace(plain, indexes=(*plain.indexes, narrow, keys)),
        "unindexed": replace(plain, indexes=()),
    }


SPECIAL = tuple(settings("shop"))
