"""The loader that everyone writes: rows by SQLAlchemy, items by hand, boto3's batch_writer. And a second one, which
sends them in transactions of 100.

`python -m benchmarks.naive batch_writer|transactions DATABASE ENDPOINT TABLE ROWS` loads the first rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.engine import RowMapping

Item = dict[str, Any]
Rows = Iterable[RowMapping]


def customer(row: RowMapping) -> Item:
    """The item of a customer, keys and all, as the plan has it."""
    return {
        "PK": f"CUSTOMERS#{row['id']}",
        "SK": "CUSTOMERS#",
        "GSI1PK": f"CUSTOMERS#EMAIL#{row['email']}",
        "GSI1SK": f"CUSTOMERS#{row['id']}",
        "GSI2PK": f"CUSTOMERS#CITY#{row['city']}",
        "GSI2SK": f"CUSTOMERS#{row['name']}\t{row['id']}",
        "type": "CUSTOMERS",
        **_values(row),
    }


def order(row: RowMapping) -> Item:
    """The item of an order."""
    return {
        "PK": f"ORDERS#{row['id']}",
        "SK": "ORDERS#",
        "GSI1PK": f"CUSTOMERS#{row['customer_id']}",
        "GSI1SK": f"ORDERS#{row['placed_at']}\t{row['id']}",
        "GSI2PK": f"ORDERS#CARRIER#{row['carrier']}",
        "GSI2SK": f"ORDERS#{row['placed_at']}\t{row['id']}",
        "type": "ORDERS",
        **_values(row),
    }


def _values(row: RowMapping) -> Item:
    return {
        name: str(value) if isinstance(value, datetime) else value for name, value in row.items() if value is not None
    }


MAKERS: dict[str, Callable[[RowMapping], Item]] = {"customers": customer, "orders": order}


def items(database: str, rows: int) -> Iterator[Item]:
    """The items of the first rows: one in ten a customer."""
    engine = create_engine(f"sqlite:///{database}")
    metadata = MetaData()
    metadata.reflect(engine)
    customers = max(1, rows // 10)
    with engine.connect() as connection:
        for name, most in (("customers", customers), ("orders", rows - customers)):
            table = metadata.tables[name]
            result = connection.execution_options(yield_per=1000).execute(
                select(table).order_by(table.c.id).limit(most)
            )
            yield from map(MAKERS[name], result.mappings())


def batch_writer(made: Iterator[Item], endpoint: str, table: str) -> None:
    """boto3's own way to write many items."""
    resource = boto3.resource("dynamodb", endpoint_url=endpoint)
    with resource.Table(table).batch_writer() as batch:
        for item in made:
            batch.put_item(Item=item)


def transactions(made: Iterator[Item], endpoint: str, table: str) -> None:
    """The client's transact_write_items with 100 puts."""
    client, serializer = boto3.client("dynamodb", endpoint_url=endpoint), TypeSerializer()
    while some := list(islice(made, 100)):
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": {name: serializer.serialize(value) for name, value in item.items()},
                        "ConditionExpression": "attribute_not_exists(PK)",
                    }
                }
                for item in some
            ]
        )


LOADERS = {"batch_writer": batch_writer, "transactions": transactions}


def main() -> None:
    loader, database, endpoint, table, rows = sys.argv[1:]
    LOADERS[loader](items(database, int(rows)), endpoint, table)


if __name__ == "__main__":
    main()
