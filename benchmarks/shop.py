"""A shop of any size, the same rows for the same size: what the loaders of `benchmarks.load` load.

One row in ten is a customer, the others are orders. Every row becomes one item of about 400 bytes with two index keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

SCHEMA = """
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, city TEXT NOT NULL, street TEXT NOT NULL,
    joined DATETIME NOT NULL, credit DECIMAL(10, 2) NOT NULL, note TEXT
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), status TEXT NOT NULL,
    placed_at DATETIME NOT NULL, total DECIMAL(10, 2) NOT NULL, pieces INTEGER NOT NULL, carrier TEXT NOT NULL,
    tracking TEXT NOT NULL, note TEXT
);
"""

QUERIES = """
-- name: customer
-- rate: 20/s
SELECT * FROM customers WHERE id = :id;

-- name: customers_of_city
-- rate: 5/s
SELECT * FROM customers WHERE city = :city ORDER BY name;

-- name: customers_by_email
-- rate: 5/s
SELECT * FROM customers WHERE email = :email;

-- name: order
-- rate: 50/s
SELECT * FROM orders WHERE id = :id;

-- name: orders_of_customer
-- rate: 20/s
SELECT * FROM orders WHERE customer_id = :customer ORDER BY placed_at DESC LIMIT 20;

-- name: orders_by_carrier
-- rate: 10/s
SELECT * FROM orders WHERE carrier = :carrier AND placed_at BETWEEN :since AND :until ORDER BY placed_at;
"""

CITIES = ("Aachen", "Bergen", "Córdoba", "Dover", "Essen", "Faro", "Gent", "Halle", "Izmir", "Kraków")
STATES = ("pending", "paid", "shipped", "delivered", "cancelled")
WORDS = ("blue", "large", "gift", "fragile", "second", "floor", "ring", "twice", "leave", "with", "neighbour", "thanks")


def build(path: Path, rows: int) -> None:
    """Writes a new SQLite file with that many rows in all."""
    customers = max(1, rows // 10)
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _customers(customers))
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _orders(rows, customers))
    connection.close()


def _customers(count: int) -> Iterator[tuple[object, ...]]:
    for n in range(1, count + 1):
        city = CITIES[n % 10]
        name = f"{WORDS[n % 7].title()} {WORDS[n * 5 % 12].title()}son"
        street = f"{n % 300 + 1} {WORDS[n * 7 % 12].title()} Street"
        credit = n * 37 % 50_000 / 100
        yield n, f"customer{n}@example.org", name, city, street, _moment(n * 61), credit, _note(n)


def _orders(rows: int, customers: int) -> Iterator[tuple[object, ...]]:
    for n in range(1, rows - customers + 1):
        total = n * 7919 % 100_000 / 100
        state, carrier = STATES[n % 5], f"carrier-{n % 12}"
        customer = n * 7 % customers + 1
        yield n, customer, state, _moment(n), total, n % 9 + 1, carrier, f"TRACK-{n * 1_000_003 % 10**12:012}", _note(n)


def _moment(n: int) -> str:
    """Ten seconds apart, from 2020 on."""
    day, second = divmod(n * 10, 86_400)
    year, day = divmod(day % 9_000, 336)
    time = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{2020 + year}-{day // 28 + 1:02}-{day % 28 + 1:02} {time}"


def _note(n: int) -> str | None:
    """None for one row in five."""
    return None if n % 5 == 0 else " ".join(WORDS[(n * step + step) % 12] for step in range(1, 19 + n % 5))
