"""Sample items: short, masked where they look personal, keys included."""

from __future__ import annotations

from dataclasses import replace

import pytest
from migrator.model.errors import MigrateError
from migrator.model.schema import Kind
from migrator.plan.plan import Attribute, Plan, SlotKeys
from migrator.ports import Item
from migrator.render.samples import Samples, is_personal, make_samples, mask, samples_json

from .plans import CUSTOMER, RICH

PERSONAL = """
email Email user_email emailAddress password passwordHash pwd api_key apiKey access_token secret ssn
SSN phone phone_number PhoneNo street shipping_address ip_address date_of_birth birthday FirstName
last_name full_name surname iban card_number credit_card cvv postal_code Fax username national_id
session_id Telefonnummer
"""
HARMLESS = """
id name title total city order_id placed_at description status quantity price country address_id
card_id opinion shipping discard_reason Composer Milliseconds mailbox_size 表 company
"""
ANN: Item = {
    "type": {"S": "Customer"},
    "city": {"S": "Rome"},
    "PK": {"S": "CUSTOMER#1"},
    "SK": {"S": "A#CUSTOMER"},
    "GSI1PK": {"S": "CITY#Rome\t"},
    "GSI1SK": {"S": "ann@example.com"},
    "id": {"N": "1"},
    "email": {"S": "ann@example.com"},
}
GUARD: Item = {
    "PK": {"S": "EMAIL#ann@example.com"},
    "SK": {"S": "EMAIL"},
    "id": {"N": "1"},
    "email": {"S": "ann@example.com"},
}


def sample(item: Item, entity: str = "Customer", show: bool = False, plan: Plan = RICH) -> dict[str, str]:
    (made,) = make_samples(plan, {entity: [item]}, show).of(entity)
    return dict(made)


@pytest.mark.parametrize(
    "name",
    PERSONAL.split(),
)
def test_what_looks_personal_is(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name",
    HARMLESS.split(),
)
def test_what_does_not_look_personal_is_not(name: str) -> None:
    assert not is_personal(name)


def test_a_mask_shows_at_most_one_character_and_nothing_of_a_secret() -> None:
    assert mask("email", "ann@example.com") == "a•••"
    assert mask("email", "ann") == "•••"
    assert mask("email", "") == "•••"
    assert mask("password", "correct horse") == "•••"


def test_keys_that_embed_a_masked_value_are_masked_too() -> None:
    assert sample(ANN)["GSI1SK"] == "a•••"
    assert sample(ANN)["GSI1PK"] == "CITY#Rome\t"
    assert sample(GUARD, "CustomerEmail")["PK"] == "EMAIL#a•••"
    assert "ann@" not in samples_json(make_samples(RICH, {"Customer": [ANN], "CustomerEmail": [GUARD]}, False))


def test_a_renamed_attribute_is_masked_by_its_column() -> None:
    attribute = Attribute("contact", "email", "TEXT", Kind.TEXT, "S")
    entity = replace(
        CUSTOMER,
        keys=(SlotKeys("table", "C#{contact}", "C"),),
        attributes=(attribute,),
    )
    plan = replace(RICH, entities=(entity,))
    item: Item = {"PK": {"S": "C#ann@example.com"}, "SK": {"S": "C"}, "contact": {"S": "ann@example.com"}}

    assert sample(item, plan=plan) == {"PK": "C#•••", "SK": "C", "contact": "•••"}


def test_a_key_whose_attribute_is_unknown_is_hidden() -> None:
    entity = replace(CUSTOMER, keys=(SlotKeys("table", "C#{elsewhere}", "C"),), attributes=())
    item: Item = {"PK": {"S": "C#ann@example.com"}, "SK": {"S": "C"}}

    assert sample(item, plan=replace(RICH, entities=(entity,)))["PK"] == "C#•••"


def test_a_personal_value_repeated_elsewhere_in_the_item_is_masked_there() -> None:
    assert sample({**ANN, "note": {"S": "write to ann@example.com"}})["note"] == "write to a•••"


def test_personal_members_of_a_document_are_masked() -> None:
    document = {"M": {"phone": {"S": "555-1234"}, "tags": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}}}

    assert sample({**ANN, "extra": document})["extra"] == '{"phone": "5•••", "tags": [1, true, null]}'


def test_values_are_shown_briefly() -> None:
    item: Item = {
        **ANN,
        "photo": {"B": b"x" * 12},
        "long": {"S": "x" * 500},
        "flag": {"BOOL": False},
        "none": {"NULL": True},
        "set": {"SS": ["a", "b"]},
    }
    shown = sample(item)

    assert shown["photo"] == "<12 bytes>"
    assert len(shown["long"]) == 60
    assert shown["long"].endswith("…")
    assert (shown["flag"], shown["none"], shown["set"]) == ("false", "null", '["a", "b"]')


def test_show_masks_nothing() -> None:
    shown = sample(ANN, show=True)

    assert shown["email"] == "ann@example.com"
    assert shown["GSI1SK"] == "ann@example.com"


def test_keys_come_first_then_attributes_in_the_plans_order() -> None:
    assert list(sample(ANN)) == ["PK", "SK", "GSI1PK", "GSI1SK", "type", "id", "email", "city"]


def test_samples_survive_their_file() -> None:
    samples = make_samples(RICH, {"Customer": [ANN, ANN], "CustomerEmail": [GUARD], "Order": []}, False)

    assert Samples.from_json(samples_json(samples)) == samples
    assert [name for name, _ in samples.entities] == ["Customer", "CustomerEmail"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"entities": [1]}', '{"entities": {"a": [1]}}', '{"entities": {"a": 1}}']
)
def test_a_file_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(MigrateError, match=r"samples\.json"):
        Samples.from_json(text)
