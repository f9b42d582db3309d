"""Fills the sample shop: the same seed and scale give the same rows, whatever the machine or the day.

`tables(scale)` makes the rows as plain values, parents before children; `generate(path, scale)` writes them to a
new SQLite file; `generate_on(url, scale)` to an empty database of PostgreSQL, MySQL or MariaDB. `queries(dialect)` is
what the shop asks, in the words of each.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import re
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SEED = "shop 1"
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
"""The first order that is kept; everybody here has registered before."""
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment the data is from: no row is younger, and sessions before it have expired."""

CUSTOMERS, PRODUCTS, ORDERS, SESSIONS, TICKETS, EMPLOYEES = 1500, 800, 4200, 1200, 1000, 40
"""Rows at scale 1; the other tables follow from these, or are fixed lists."""
SIGNED_IN_FOR = timedelta(days=14)
REMEMBERED_FOR = timedelta(days=3650)

Value = bool | int | str | bytes | Decimal | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's rows; `columns` in the order of each row's values."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def pick(self, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of every row."""
        places = [self.columns.index(column) for column in columns]
        return [tuple(row[place] for place in places) for row in self.rows]


Tables = dict[str, Rows]


def generate(path: Path, scale: float = 1.0) -> dict[str, int]:
    """Write the shop to a SQLite file at `path` (replaced in one step) and return rows by table.

    Raises ValueError for a scale that is not positive, FileExistsError when a journal or write-ahead log lies
    beside an older file of that name: somebody has it open.
    """
    for suffix in ("-wal", "-journal"):
        if path.with_name(path.name + suffix).exists():
            raise FileExistsError(f"{path} is in use ({path.name}{suffix} exists); close it or choose another name")
    shop = tables(scale)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript((HERE / "schema.sql").read_text(encoding="utf-8"))
            for name, table in shop.items():
                _insert(connection, name, table)
            connection.commit()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return {name: len(table.rows) for name, table in shop.items()}


def _insert(connection: sqlite3.Connection, name: str, table: Rows) -> None:
    places = ", ".join("?" * len(table.columns))
    sql = f"INSERT INTO {name} ({', '.join(table.columns)}) VALUES ({places})"  # noqa: S608
    connection.executemany(sql, (tuple(map(_bindable, row)) for row in table.rows))


def _bindable(value: Value) -> bool | int | str | bytes | None:
    return str(value) if isinstance(value, Decimal) else value


TYPES = {
    "sqlite": {},
    "postgresql": {"DATETIME": "TIMESTAMP", "BLOB": "BYTEA"},
    "mysql": {"BLOB": "LONGBLOB"},
}
"""Names of types where they differ from SQLite's; in the schema they stand alone as words in capitals."""
WORDING = {
    "sqlite": {},
    "postgresql": {"substr(o.placed_at, 1, 7)": "to_char(o.placed_at, 'YYYY-MM')"},
    "mysql": {
        ":prefix || '%'": "CONCAT(:prefix, '%')",
        "'%' || :words || '%'": "CONCAT('%', :words, '%')",
        "ON CONFLICT (customer_id, label) DO UPDATE SET": "ON DUPLICATE KEY UPDATE",
    },
}
"""What the queries say otherwise where SQLite's words are no SQL of another database."""
AT_ONCE = 500


def ddl(dialect: str) -> tuple[str, ...]:
    """The schema's statements for sqlite, postgresql or mysql (which is MariaDB's too)."""
    text = re.sub(r"--[^\n]*", "", (HERE / "schema.sql").read_text(encoding="utf-8"))
    for ours, theirs in TYPES[dialect].items():
        text = re.sub(rf"\b{ours}\b", theirs, text)
    return tuple(statement.strip() for statement in text.split(";") if statement.strip())


def queries(dialect: str) -> str:
    """The text of queries.sql for sqlite, postgresql or mysql."""
    text = (HERE / "queries.sql").read_text(encoding="utf-8")
    for ours, theirs in WORDING[dialect].items():
        text = text.replace(ours, theirs)
    return text


def generate_on(url: str, scale: float = 1.0) -> dict[str, int]:
    """Write the shop to the empty database that a SQLAlchemy URL names, in one transaction, and return rows by
    table. MySQL and MariaDB: the database compares by bytes (COLLATE utf8mb4_bin), as the others do."""
    from sqlalchemy import create_engine

    shop = tables(scale)
    engine = create_engine(url)
    dialect = "postgresql" if engine.dialect.name == "postgresql" else "mysql"
    with engine.begin() as connection:
        for statement in ddl(dialect):
            connection.exec_driver_sql(statement)
        for name, table in shop.items():
            places = ", ".join(["%s"] * len(table.columns))
            sql = f"INSERT INTO {name} ({', '.join(table.columns)}) VALUES ({places})"  # noqa: S608
            for start in range(0, len(table.rows), AT_ONCE):
                connection.exec_driver_sql(sql, list(table.rows[start : start + AT_ONCE]))
    engine.dispose()
    return {name: len(table.rows) for name, table in shop.items()}


def tables(scale: float = 1.0) -> Tables:
    """Every table's rows, parents before children."""
    if not scale > 0:
        raise ValueError(f"scale is {scale}; it must be above 0")
    words = json.loads((HERE / "words.json").read_text(encoding="utf-8"))
    shop: Tables = {}
    for name, fill in FILLERS.items():
        shop[name] = fill(words, shop, _random(name), scale)
    shop["order_line"] = shop.pop("order_line")  # made before its parent, loaded after it
    return shop


def _random(name: str) -> random.Random:
    """A stream of its own for each table: a change to one leaves the others as they were."""
    return random.Random(f"{SEED} {name}")  # noqa: S311


def _count(base: int, scale: float) -> int:
    return max(24, round(base * scale))


def _popularity(count: int, offset: int) -> list[int]:
    """Zipf weights as integers, so that no machine rounds differently; a larger offset flattens the top."""
    return [1_000_000 // (rank + offset) for rank in range(1, count + 1)]


def _skewed(rng: random.Random, values: Sequence[Any], offset: int, count: int) -> list[Any]:
    """Draw `count` values, a few of them very often; which ones is up to `rng`, not to their order."""
    ranked = rng.sample(values, len(values))
    weights = list(itertools.accumulate(_popularity(len(ranked), offset)))
    return rng.choices(ranked, cum_weights=weights, k=count)


def _moments(rng: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    """`count` different seconds in order, so that "the latest" is never a matter of luck."""
    seconds = rng.sample(range(int((end - start).total_seconds())), count)
    return [start + timedelta(seconds=second) for second in sorted(seconds)]


def _moment(rng: random.Random, start: datetime, end: datetime) -> datetime:
    return start + timedelta(seconds=rng.randrange(max(1, int((end - start).total_seconds()))))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def countries(words: Any, _shop: Tables, _rng: random.Random, _scale: float) -> Rows:
    rows = tuple((code, name, currency, Decimal(vat)) for code, name, currency, vat in words["countries"])
    return Rows(("code", "name", "currency", "vat_percent"), rows)


def categories(words: Any, _shop: Tables, _rng: random.Random, _scale: float) -> Rows:
    rows: list[Row] = []
    for top, children in words["categories"].items():
        parent = len(rows) + 1
        rows.append((parent, None, top))
        rows.extend((parent + place, parent, child) for place, child in enumerate(children, start=1))
    return Rows(("category_id", "parent_id", "name"), tuple(rows))


def products(words: Any, shop: Tables, rng: random.Random, scale: float) -> Rows:
    kinds = {child: kind for children in words["categories"].values() for child, kind in children.items()}
    shelves = [(key, *kinds[name]) for key, name in shop["category"].pick("category_id", "name") if name in kinds]
    taken: set[str] = set()
    rows = []
    for number, shelf in enumerate(_skewed(rng, shelves, 4, _count(PRODUCTS, scale)), start=1):
        category, prefix, *nouns = shelf
        name = _product_name(words, rng, nouns, taken)
        rows.append((number, f"{prefix}-{number:05d}", name, *_product_details(words, rng, category)))
    columns = ("product_id", "sku", "name", "description", "category_id", "price", "stock", "attributes", "thumbnail")
    return Rows((*columns, "discontinued_on"), tuple(rows))


def _product_name(words: Any, rng: random.Random, nouns: list[str], taken: set[str]) -> str:
    name = f"{rng.choice(words['styles'])} {rng.choice(words['materials'])} {rng.choice(nouns)}"
    if name in taken:
        name = f"{name} {len(taken) + 1}"
    taken.add(name)
    return name


def _product_details(words: Any, rng: random.Random, category: int) -> Row:
    gone = date(2024, 6, 1) + timedelta(days=rng.randrange(570)) if rng.random() < 0.06 else None
    return (
        rng.choice(words["descriptions"]) if rng.random() < 0.85 else None,
        category,
        _money(rng.choice([95, 90, 50, 99, 0]) + 100 * int(rng.paretovariate(1.1) * 4) % 90_000),
        0 if gone else rng.randrange(400),
        _json(_attributes(words, rng)),
        rng.randbytes(rng.randrange(24, 97)) if rng.random() < 0.9 else None,
        gone.isoformat() if gone else None,
    )


def _attributes(words: Any, rng: random.Random) -> dict[str, object]:
    attributes: dict[str, object] = {
        "colours": rng.sample(words["colours"], rng.randrange(4)),
        "size_mm": {"w": rng.randrange(20, 600), "h": rng.randrange(20, 600)},
        "weight_kg": rng.randrange(1, 4000) / 1000,
        "fragile": rng.random() < 0.3,
    }
    if rng.random() < 0.3:
        attributes["care"] = rng.choice([None, "", "30 °C", "hand wash only"])
    return attributes


def tags(words: Any, _shop: Tables, _rng: random.Random, _scale: float) -> Rows:
    return Rows(("tag_id", "name"), tuple(enumerate(words["tags"], start=1)))


def product_tags(_words: Any, shop: Tables, rng: random.Random, _scale: float) -> Rows:
    keys = [key for (key,) in shop["tag"].pick("tag_id")]
    rows = []
    for (product,) in shop["product"].pick("product_id"):
        for tag in sorted(set(rng.choices(keys, weights=_popularity(len(keys), 2), k=rng.randrange(7)))):
            rows.append((product, tag, _text(_moment(rng, OPENED, AS_OF))))
    return Rows(("product_id", "tag_id", "tagged_at"), tuple(rows))


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    mailbox: str
    home: dict[str, Any]
    """The group of `words.json` with this person's cities and streets."""


def _people(words: Any, rng: random.Random, count: int) -> Iterator[Person]:
    """Invented people; mailboxes are different."""
    groups = words["people"]
    seen: dict[str, int] = {}
    for group in rng.choices(groups, weights=[group["weight"] for group in groups], k=count):
        given, given_latin = rng.choice(group["given"])
        family, family_latin = rng.choice(group["family"])
        mailbox = f"{given_latin}.{family_latin}"
        seen[mailbox] = seen.get(mailbox, 0) + 1
        name = f"{family} {given}" if group["family_first"] else f"{given} {family}"
        yield Person(name, mailbox if seen[mailbox] == 1 else f"{mailbox}+{seen[mailbox]}", group)


def employees(words: Any, _shop: Tables, rng: random.Random, scale: float) -> Rows:
    rows: list[Row] = []
    leads = len(words["teams"])
    for number, person in enumerate(_people(words, rng, _count(EMPLOYEES, scale)), start=1):
        manager = None if number == 1 else 1 if number <= leads + 1 else 2 + number % leads
        team = "desk" if number == 1 else words["teams"][(number if number > leads + 1 else number - 2) % leads]
        hired = date(2019, 3, 1) + timedelta(days=rng.randrange(1700))
        rows.append((number, manager, f"{person.mailbox}@example.org", person.name, team, hired.isoformat()))
    return Rows(("employee_id", "manager_id", "email", "name", "team", "hired_on"), tuple(rows))


def customers(words: Any, _shop: Tables, rng: random.Random, scale: float) -> Rows:
    rows = []
    for number, person in enumerate(_people(words, rng, _count(CUSTOMERS, scale)), start=1):
        name = f"{person.name} {rng.choice(['🌻', '🦊', '“Pip”'])}" if rng.random() < 0.02 else person.name
        credit = rng.randrange(-2500, 10_000) if rng.random() < 0.1 else 0
        rows.append(
            (
                number,
                f"{person.mailbox}@example.com",
                name,
                person.home["country"],
                rng.choice([None, None, "", f"+00 555 {rng.randrange(10**6):06d}"]),
                hashlib.sha256(f"{SEED} {number}".encode()).digest(),
                rng.random() < 0.4,
                _money(credit),
                _json(_preferences(rng)) if rng.random() < 0.7 else None,
                _text(_moment(rng, OPENED - timedelta(days=900), OPENED)),
            )
        )
    columns = ("customer_id", "email", "name", "country_code", "phone", "password_hash", "newsletter")
    return Rows((*columns, "store_credit", "preferences", "registered_at"), tuple(rows))


def _preferences(rng: random.Random) -> dict[str, object]:
    preferences: dict[str, object] = {"theme": rng.choice(["light", "dark"]), "lists": {"Wünsche": rng.randrange(9)}}
    if rng.random() < 0.3:
        preferences["sizes"] = rng.sample(["S", "M", "L", "XL"], rng.randrange(4))
    return preferences


def addresses(words: Any, shop: Tables, rng: random.Random, _scale: float) -> Rows:
    homes = {group["country"]: group for group in words["people"]}
    rows = []
    for customer, name, country in shop["customer"].pick("customer_id", "name", "country_code"):
        count = rng.choice([0, 1, 1, 1, 1, 2, 2, 3])
        for label in sorted(["home", *rng.sample(words["address_labels"][1:], 2)][:count]):
            city, postal_code = rng.choice(homes[country]["cities"])
            street = rng.choice(homes[country]["streets"]).replace("{n}", str(rng.randrange(1, 190)))
            extra = rng.choice([None, None, None, "", *words["extra_lines"]])
            rows.append((customer, label, name, street, extra, city, postal_code, country))
    columns = ("customer_id", "label", "recipient", "street", "extra_line", "city", "postal_code", "country_code")
    return Rows(columns, tuple(rows))


def order_lines(_words: Any, shop: Tables, rng: random.Random, scale: float) -> Rows:
    """Orders get their totals from these lines, so the lines come first."""
    prices = dict(shop["product"].pick("product_id", "price"))
    orders = _count(ORDERS, scale)
    bought = iter(_skewed(rng, list(prices), 1, orders * 8))
    rows: list[Row] = []
    for order in range(1, orders + 1):
        basket = dict.fromkeys(itertools.islice(bought, rng.choice([1, 1, 1, 2, 2, 3, 4, 8])))
        for line, product in enumerate(basket, start=1):
            rows.append((order, line, product, rng.choice([1, 1, 1, 1, 2, 2, 3, 6, 12]), prices[product]))
    return Rows(("order_id", "line_no", "product_id", "quantity", "unit_price"), tuple(rows))


def orders(words: Any, shop: Tables, rng: random.Random, scale: float) -> Rows:
    count = _count(ORDERS, scale)
    totals: dict[int, Decimal] = {}
    for order, quantity, price in shop["order_line"].pick("order_id", "quantity", "unit_price"):
        totals[order] = totals.get(order, Decimal(0)) + quantity * price
    labels: dict[int, list[str]] = {}
    for customer, label in shop["customer_address"].pick("customer_id", "label"):
        labels.setdefault(customer, []).append(label)
    buyers = _skewed(rng, [key for (key,) in shop["customer"].pick("customer_id")], 3, count)
    rows = []
    for number, placed in enumerate(_moments(rng, OPENED, AS_OF, count), start=1):
        buyer = buyers[number - 1]
        ship_to = rng.choice([*labels.get(buyer, []), None])
        note = rng.choice(words["order_notes"]) if rng.random() < 0.15 else None
        rows.append((number, buyer, ship_to, _order_status(rng, placed), _text(placed), totals[number], note))
    return Rows(("order_id", "customer_id", "ship_to", "status", "placed_at", "total", "note"), tuple(rows))


def _order_status(rng: random.Random, placed: datetime) -> str:
    if AS_OF - placed > timedelta(days=12):
        return rng.choices(["delivered", "cancelled", "returned"], weights=[90, 6, 4])[0]
    return rng.choice(["pending", "paid", "paid", "shipped", "shipped", "delivered", "cancelled"])


def sessions(words: Any, shop: Tables, rng: random.Random, scale: float) -> Rows:
    """Most last two weeks; a quarter are remembered devices, which stay for ten years."""
    owners = _skewed(rng, [key for (key,) in shop["customer"].pick("customer_id")], 20, _count(SESSIONS, scale))
    rows = []
    for owner in owners:
        started = _moment(rng, AS_OF - timedelta(days=30), AS_OF)
        expires = started + (REMEMBERED_FOR if rng.random() < 0.25 else SIGNED_IN_FOR)
        agent = rng.choice(words["user_agents"])
        rows.append((rng.randbytes(16).hex(), owner, agent, _text(started), int(expires.timestamp())))
    return Rows(("token", "customer_id", "user_agent", "started_at", "expires_at"), tuple(rows))


def tickets(words: Any, shop: Tables, rng: random.Random, scale: float) -> Rows:
    orders = shop["orders"].pick("order_id", "customer_id")
    placed = [moment for (moment,) in shop["orders"].pick("placed_at")]
    names = [name for (name,) in shop["product"].pick("name")]
    desk = [key for (key,) in shop["employee"].pick("employee_id")]
    count = _count(TICKETS, scale)
    first = _read(placed[len(placed) // 20])
    agents = _skewed(rng, desk, 2, count)
    rows = []
    for number, opened in enumerate(_moments(rng, first, AS_OF, count), start=1):
        until = bisect_left(placed, _text(opened))
        order, customer = orders[rng.randrange(until // 2, until)]
        status = _ticket_status(rng, opened)
        closed = min(opened + timedelta(hours=rng.randrange(120, 220)), AS_OF) if status == "closed" else None
        rows.append(
            (
                number,
                customer,
                order if rng.random() < 0.6 else None,
                rng.choice(desk) if rng.random() < 0.25 else None,
                None if status == "new" else agents[number - 1],
                status,
                rng.choice(words["subjects"]).replace("{product}", rng.choice(names)),
                _text(opened),
                _text(closed) if closed else None,
            )
        )
    columns = ("ticket_id", "customer_id", "order_id", "opened_by", "assigned_to", "status", "subject")
    return Rows((*columns, "opened_at", "closed_at"), tuple(rows))


def _ticket_status(rng: random.Random, opened: datetime) -> str:
    if AS_OF - opened > timedelta(days=60):
        return "closed"
    return rng.choice(["new", "open", "open", "waiting", "closed", "closed"])


def ticket_messages(words: Any, shop: Tables, rng: random.Random, _scale: float) -> Rows:
    names = [name for (name,) in shop["product"].pick("name")]
    rows: list[Row] = []
    for ticket, opener, agent, opened in shop["ticket"].pick("ticket_id", "opened_by", "assigned_to", "opened_at"):
        sent = _read(opened)
        rows.append((ticket, 1, opener, _text(sent), _message(words["questions"], names, rng)))
        for number in range(2, 2 + rng.choice([0, 1, 1, 2, 2, 3, 4, 7]) * (agent is not None)):
            sent = min(sent + timedelta(minutes=rng.randrange(5, 900)), AS_OF)
            author = agent if number % 2 == 0 else None
            text = _message(words["questions" if author is None else "answers"], names, rng)
            rows.append((ticket, number, author, _text(sent), text))
    return Rows(("ticket_id", "message_no", "author_id", "sent_at", "body"), tuple(rows))


def _message(templates: list[str], names: list[str], rng: random.Random) -> str:
    return rng.choice(templates).replace("{product}", rng.choice(names))


FILLERS: dict[str, Callable[[Any, Tables, random.Random, float], Rows]] = {
    "country": countries,
    "category": categories,
    "product": products,
    "tag": tags,
    "product_tag": product_tags,
    "employee": employees,
    "customer": customers,
    "customer_address": addresses,
    "order_line": order_lines,
    "orders": orders,
    "session": sessions,
    "ticket": tickets,
    "ticket_message": ticket_messages,
}
"""In the order in which one needs another's rows."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the sample shop to a SQLite file, or to a server's database.")
    parser.add_argument("place", help="a path, or a SQLAlchemy URL of an empty database")
    parser.add_argument("--scale", type=float, default=1.0, help="rows relative to the usual size (default 1)")
    arguments = parser.parse_args()
    place, scale = arguments.place, arguments.scale
    made = generate_on(place, scale) if "://" in place else generate(Path(place), scale)
    for name, rows in made.items():
        print(f"{rows:>8,} {name}")


if __name__ == "__main__":
    main()
