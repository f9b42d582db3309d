"""Plans made by hand: a rich one, one whose names try to break a document, and one with nothing in it."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.query import Field, Output, ParameterUse, Select, TableRef
from migrator.model.schema import Kind
from migrator.plan.plan import (
    FORMAT,
    Action,
    Attribute,
    ChecklistItem,
    CopySource,
    Cost,
    Entity,
    FrontierPoint,
    Hazard,
    IndexSettings,
    KeyPair,
    NamedReason,
    Optimality,
    Part,
    PatternParameter,
    Plan,
    PlannedPattern,
    RejectedPath,
    Request,
    Resolution,
    SlotKeys,
    SortCondition,
    Source,
    SourceColumn,
    SourceForeignKey,
    SourceTable,
    TableSettings,
)
from migrator.plan.templates import quote_literal, quote_name

NASTY_NAMES = (
    "a|b",
    "back`tick``s",
    "<script>alert(1)</script>",
    "line\nbreak",
    "naïve 表 🎉",
    "with  spaces ",
    "\"quoted\" 'twice'",
    "back\\slash\\|pipe\\",
    "{{ 7 * 7 }} {% raw %}",
    "*bold* _under_ [link](http://x)",
    "order",
    "end",
    "PK",
    "100%",
    "",
    "tab\there\x00",
    "\u202egnol",
)


def column(name: str, sql_type: str = "TEXT", nullable: bool = False) -> SourceColumn:
    return SourceColumn(name, sql_type, nullable, 90, 0.125 if nullable else 0.0, 12.3456, 40)


def attribute(name: str, kind: Kind = Kind.TEXT, of: str | None = None, copied: CopySource | None = None) -> Attribute:
    type_ = "N" if kind is Kind.INTEGER else "S"
    return Attribute(name, of or name, "INTEGER" if type_ == "N" else "TEXT", kind, type_, copied)


CUSTOMERS = SourceTable(
    "customers",
    100,
    12_000,
    400,
    False,
    ("id",),
    (column("id", "INTEGER"), column("email", "VARCHAR(80)"), column("city", nullable=True)),
    uniques=(("email",),),
    indexes=(("city",),),
    checks=("length(city) > 0 OR city = '|'",),
)
ORDERS = SourceTable(
    "orders",
    5_000,
    640_000,
    900,
    True,
    ("id",),
    (
        column("id", "INTEGER"),
        column("customer_id", "INTEGER"),
        column("coupon_id", "INTEGER", nullable=True),
        column("placed_at"),
        column("total", "DECIMAL(10, 2)"),
    ),
    (
        SourceForeignKey(("customer_id",), "customers", ("id",), 50.0, 300, 1_200, 2),
        SourceForeignKey(("coupon_id",), "coupons", ("id",), 1.5, 3, 9, 0),
    ),
)

CUSTOMER = Entity(
    "Customer",
    "row",
    "customers",
    ("id",),
    (
        SlotKeys("table", "CUSTOMER#{id}", "A#CUSTOMER"),
        SlotKeys("GSI1", "CITY#{city:text}\t", "{email:text}", ("city",)),
    ),
    (attribute("id", Kind.INTEGER), attribute("email"), attribute("city")),
    co_located_because=("customer_with_orders reads both in one request",),
)
EMAIL_GUARD = Entity(
    "CustomerEmail",
    "guard",
    "customers",
    ("id",),
    (SlotKeys("table", "EMAIL#{email}", "EMAIL"),),
    (attribute("id", Kind.INTEGER), attribute("email")),
    guards=("email",),
)
ORDER = Entity(
    "Order",
    "row",
    "orders",
    ("id",),
    (
        SlotKeys("table", "CUSTOMER#{customer_id}", "ORDER#{placed_at:text}\t{id:int19}"),
        SlotKeys("GSI1", "ORDER#{id}", "{customer_email}", ("id",)),
    ),
    (
        attribute("id", Kind.INTEGER),
        attribute("customer_id", Kind.INTEGER),
        attribute("placed_at"),
        attribute("total"),
        attribute("customer_email", of="email", copied=CopySource("customers", "email", ("orders_customer",))),
    ),
    expires="placed_at",
)

_SELECT = Select((TableRef("o", "orders"),), "o", (), (), (Output("id", Field("o", "id")),))

ORDERS_OF_CUSTOMER = PlannedPattern(
    "orders_of_customer",
    "SELECT id, total\nFROM orders\nWHERE customer_id = :customer_id\nORDER BY placed_at DESC LIMIT 20",
    "read",
    40,
    160,
    "served",
    requests=(
        Request(
            "Query",
            ("Order",),
            None,
            "CUSTOMER#{:customer_id}",
            SortCondition("begins_with", ("ORDER#",)),
            ("{total} > {:minimum}", "attribute_exists({customer_email})"),
            False,
            "20",
            True,
        ),
        Request(
            "BatchGetItem",
            ("Customer",),
            after=(0,),
            keys=(KeyPair("CUSTOMER#{0.customer_id}", "A#CUSTOMER"),),
        ),
    ),
    parts=(Part("SELECT 1", _SELECT, "Order", (0,), (Resolution("c", "item", "Customer", (1,)),), False),),
    parameters=(
        PatternParameter(ParameterUse("customer_id", "equality", "orders", "customer_id"), Kind.INTEGER),
        PatternParameter(ParameterUse("minimum", "range", "orders", "total"), Kind.DECIMAL),
    ),
    assemble="Items of request 0 are the rows, in the order they come.",
    round_trips=2,
    read_units=1.5,
    monthly_usd=6.57,
    rejected=(
        RejectedPath("a local secondary index", "cannot be added later | and limits partitions"),
        RejectedPath("GSI by date", "costs writes", 12.5, 1),
    ),
    notes=("The limit is the request's own.",),
)
BY_CITY = PlannedPattern(
    "customers_by_city",
    "SELECT * FROM customers WHERE city = :city",
    "read",
    0.001,
    0.004,
    "served",
    requests=(
        Request(
            "Query",
            ("Customer",),
            "GSI1",
            "CITY#{:city:text}\t{shard}",
            SortCondition("between", ("{:low:text}", "{:high:text}")),
            limit="{:count}",
            shards=4,
        ),
    ),
    parts=(Part("SELECT 1", _SELECT, "Customer", (0,), (Resolution("x", "copy", "Customer"),)),),
    round_trips=1,
    read_units=0.5,
    monthly_usd=0.00001,
)
PLACE_ORDER = PlannedPattern(
    "place_order",
    "INSERT INTO orders VALUES (:id, :customer_id)",
    "write",
    2,
    8,
    "served",
    requests=(
        Request(
            "TransactWriteItems",
            ("Order",),
            actions=(
                Action("Put", "Order", KeyPair("CUSTOMER#{:customer_id}", "ORDER#{:id}"), "attribute_not_exists(PK)"),
                Action("Update", "Customer", KeyPair("CUSTOMER#{:customer_id}", "A"), None, "SET {city} = {:city}"),
            ),
        ),
    ),
    round_trips=1,
    write_units=4,
    monthly_usd=13.14,
)
REFUSED = PlannedPattern(
    "search_text",
    "SELECT * FROM orders WHERE note LIKE '%x%'",
    "read",
    1,
    4,
    "refused",
    "DynamoDB has no substring search.",
    "Send the stream to a search service.",
)
ACCEPTED_REFUSAL = replace(REFUSED, name="report", accepted="runs on the warehouse")

RICH = Plan(
    FORMAT,
    Source(
        "sqlite",
        "abc123",
        (CUSTOMERS, ORDERS),
        ("recent_orders",),
        (NamedReason("coupons", "excluded in migrate.toml"),),
    ),
    TableSettings(
        "shop",
        ttl_attribute="ttl",
        stream_view_type="NEW_AND_OLD_IMAGES",
        kms_key="alias/shop",
        tags=(("team", "web|shop"),),
        max_on_demand=4000,
        provisioned=(5, 10),
    ),
    (IndexSettings("GSI1", "GSI1PK", "GSI1SK", "INCLUDE", ("total",)),),
    (CUSTOMER, EMAIL_GUARD, ORDER),
    (ORDERS_OF_CUSTOMER, BY_CITY, PLACE_ORDER, REFUSED, ACCEPTED_REFUSAL),
    (
        Hazard("hot_key", "Order", "One customer has 24 % of all orders.", "hot_key.Order"),
        Hazard("collation", "Customer", "NOCASE is not kept.", "collation.Customer", "addresses are lower case"),
        Hazard("lost_scale", "Order", "12.50 is shown as 12.5."),
        Hazard("orphans", "Order", "Two orders name no customer.", "hot_key.Order"),
    ),
    Cost(21.35, 6.57, 14.7, 0.08, 0.02, 15_300, 1.2, ("TAG",), ("On-demand prices of us-east-1.",)),
    Optimality(
        19.71,
        19.71,
        0.0,
        1_234,
        "HiGHS 1.9",
        (FrontierPoint(0, 40.0, 9, 2), FrontierPoint(1, 19.71, 5)),
        "No design among the candidates costs less.",
    ),
    (ChecklistItem("Point-in-time recovery", True, "table"), ChecklistItem("Alarms", False, "yours to set")),
    assumptions=("Writes without a rate: 1/s.",),
)

EMPTY = Plan(
    FORMAT,
    Source("sqlite", "0", ()),
    TableSettings("app"),
    (),
    (),
    (),
    (),
    Cost(0, 0, 0, 0, 0, 0),
    Optimality(0, None, None, 0, "none"),
)


def nasty(name: str) -> Plan:
    """A plan in which everything that a source or a user can name has that name."""
    inner, outer = quote_name(name), quote_literal(name)
    table = SourceTable(
        name,
        1,
        10,
        10,
        False,
        (name,),
        (column(name, name), column(name + "2", name, True)),
        (SourceForeignKey((name + "2",), name, (name,), 1.0, 1, 1, 0),),
        ((name, name + "2"),),
        checks=(name,),
    )
    entity = Entity(
        name,
        "row",
        name,
        (name,),
        (SlotKeys("table", f"{outer}#{{{inner}}}", outer),),
        (Attribute(name, name, name, Kind.TEXT, "S", CopySource(name, name, (name,))),),
        expires=name,
        co_located_because=(name,),
    )
    request = Request(
        "Query",
        (name,),
        None,
        f"{outer}#{{:{inner}}}",
        SortCondition("=", (outer,)),
        (f"{{{inner}}} = {{:{inner}}}", name),
        keys=(KeyPair(outer, outer),),
        condition=name,
        actions=(Action("Put", name, KeyPair(outer, outer), name, name),),
    )
    served = PlannedPattern(
        name,
        f"SELECT '{name}'\n```\n## not a heading",
        "read",
        1,
        4,
        "served",
        requests=(request,),
        parameters=(PatternParameter(ParameterUse(name, "equality", name, name), Kind.TEXT),),
        assemble=name,
        rejected=(RejectedPath(name, name),),
        notes=(name,),
    )
    return replace(
        EMPTY,
        source=Source("sqlite", "0", (table,), (name,), (NamedReason(name, name),)),
        entities=(entity,),
        access_patterns=(served, replace(REFUSED, name=name, reason=name, way_out=name)),
        hazards=(Hazard(name, name, name, name), Hazard(name, name, name, name, name)),
        checklist=(ChecklistItem(name, False, name),),
        assumptions=(name,),
    )
