"""What DynamoDB allows (developer guide: "Quotas", "Designing partition keys")."""

from __future__ import annotations

MAX_INDEXES = 20
"""Global secondary indexes of a table."""
PARTITION_READ_UNITS = 3_000
PARTITION_WRITE_UNITS = 1_000
"""Units a second that one partition key value has."""
