"""Faults of one item: of its values, its type, and what it says of itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.verify.harm import EXACT, Harm, Identity, Wire, fault, other_value, same
from tests.verify.harm import FAULTS as FAULTS


def _value(name: str, change: Callable[[Wire], Wire | None], copies: bool = False) -> None:
    """A fault of one value: `change` gives another one, or None where it does not apply."""

    def put(harm: Harm) -> bool:
        places = [(i, n) for i in harm.mixed() for n in harm.values(i) if not copies or _is_copy(harm, i, n)]
        for identity, attribute in places:
            before = harm.items[identity][attribute]
            after = change(before)
            if after is not None and not same(before, after):
                harm.put(identity, attribute, after)
                return True
        return False

    FAULTS[name] = put


def _is_copy(harm: Harm, identity: Identity, name: str) -> bool:
    entity = harm.entity(harm.items[identity])
    return entity is not None and entity.attribute(name).copied_from is not None


def _on(tag: str, change: Callable[[Any], Any]) -> Callable[[Wire], Wire | None]:
    """A change within one type; None leaves the value alone."""

    def changed(wire: Wire) -> Wire | None:
        after = change(wire[tag]) if tag in wire else None
        return None if after is None else {tag: after}

    return changed


def _last_digit(text: str) -> str | None:
    """Another last digit of a number of at least 15."""
    digits = text.partition("E")[0]
    if sum(map(str.isdigit, digits)) < 15:
        return None
    return digits[:-1] + str((int(digits[-1]) + 1) % 10 or 1) + text[len(digits) :]


def _normalised(text: str) -> str | None:
    return next((t for t in (unicodedata.normalize(form, text) for form in ("NFC", "NFD")) if t != text), None)


def _later(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(" " if " " in text else "T")


def _number_of_text(wire: Wire) -> Wire | None:
    return {"N": wire["S"]} if "S" in wire and re.fullmatch(r"-?\d{1,30}", wire["S"]) else None


def _nested(wire: Wire) -> Wire | None:
    """Another value at the bottom of a document."""
    ((tag, value),) = wire.items()
    if tag == "M" and value:
        name = sorted(value)[-1]
        return {"M": {**value, name: _nested(value[name]) or other_value(value[name])}}
    if tag == "L" and value:
        return {"L": [*value[:-1], _nested(value[-1]) or other_value(value[-1])]}
    return None if tag in ("M", "L", "NULL") else other_value(wire)


def _inside(change: Callable[[list[Wire]], list[Wire] | None]) -> Callable[[Wire], Wire | None]:
    """A change of the first list that a document holds."""

    def changed(wire: Wire) -> Wire | None:
        if "L" in wire:
            after = change(wire["L"])
            return None if after is None else {"L": after}
        for name, inner in sorted(wire.get("M", {}).items()):
            deep = changed(inner) if "M" in inner or "L" in inner else None
            if deep is not None:
                return {"M": {**wire["M"], name: deep}}
        return None

    return changed


_value("a value is another one", other_value)
_value("a number has become text", lambda w: {"S": w["N"]} if "N" in w else None)
_value("a text of digits has become a number", _number_of_text)
_value("a text has become bytes", lambda w: {"B": w["S"].encode()} if "S" in w else None)
_value("bytes have become text", lambda w: {"S": bytes(w["B"]).decode("latin-1")} if "B" in w else None)
_value("a boolean has become a number", lambda w: {"N": str(int(w["BOOL"]))} if "BOOL" in w else None)
_value("a boolean has become text", lambda w: {"S": str(w["BOOL"]).lower()} if "BOOL" in w else None)
_value("a value has become NULL", lambda w: None if "NULL" in w else {"NULL": True})
_value("a value has become a list of itself", lambda w: {"L": [w]})
_value("a text is cut short", _on("S", lambda text: text[:-1] or None))
_value("a text has become empty", _on("S", lambda text: "" if text else None))
_value("a text has a space more behind it", _on("S", lambda text: f"{text} "))
_value("a text has a space more before it", _on("S", lambda text: f" {text}"))
_value("a text has lost the spaces around it", _on("S", lambda text: text.strip(" ") if text.strip(" ") else None))
_value("a text has a character that does not show", _on("S", lambda text: f"{text}\u200b"))
_value("a text has another case", _on("S", lambda text: text.swapcase()))
_value("a text is normalised otherwise", _on("S", _normalised))
_value("a text was decoded as Latin-1", _on("S", lambda text: text.encode().decode("latin-1")))
_value("a text has other line ends", _on("S", lambda text: text.replace("\n", "\r\n")))
_value("two letters of a text are swapped", _on("S", lambda text: text[1::-1] + text[2:]))
_value("a time is a second later", _on("S", _later))
_value("the last digit of a long number", _on("N", _last_digit))
_value("a long number went through a float", _on("N", lambda text: str(Decimal(repr(float(text))))))
_value("a number has lost its fraction", _on("N", lambda text: str(int(Decimal(text)))))
_value("a number has lost its sign", _on("N", lambda text: text.removeprefix("-")))
_value("a number is a hundred times as large", _on("N", lambda text: str(EXACT.scaleb(Decimal(text), 2))))
_value("bytes have lost the last one", _on("B", lambda value: bytes(value)[:-1] or None))
_value("a document is kept as its text", lambda w: {"S": str(w)} if "M" in w or "L" in w else None)
_value("a list has become a map", lambda w: {"M": {str(n): x for n, x in enumerate(w["L"])}} if "L" in w else None)
_value("a map has become a list", lambda w: {"L": list(w["M"].values())} if "M" in w else None)
_value("a value deep in a document is another one", lambda w: _nested(w) if "M" in w or "L" in w else None)
_value("a list within a document has another order", _inside(lambda inner: inner[::-1]))
_value("a list within a document has lost an element", _inside(lambda inner: inner[:-1] if inner else None))
_value("a list within a document has become a set", lambda w: _as_set(w))
_value("a copied value is stale", other_value, copies=True)


def _as_set(wire: Wire) -> Wire | None:
    if "L" in wire and wire["L"] and all("N" in inner for inner in wire["L"]):
        return {"NS": [inner["N"] for inner in wire["L"]]}
    for name, inner in sorted(wire.get("M", {}).items()):
        deep = _as_set(inner)
        if deep is not None:
            return {"M": {**wire["M"], name: deep}}
    return None


@fault("a value is missing")
def _missing_value(harm: Harm) -> bool:
    places = [(identity, name) for identity in harm.those() for name in harm.values(identity)]
    if not places:
        return False
    harm.put(*harm.chance.choice(places), None)
    return True


def _absent_value(name: str, wire: Wire) -> None:
    def put(harm: Harm) -> bool:
        places = [
            (identity, attribute.name)
            for identity in harm.those()
            for entity in [harm.entity(harm.items[identity])]
            for attribute in (entity.attributes if entity else ())
            if attribute.name not in harm.items[identity]
        ]
        if places:
            harm.put(*harm.chance.choice(places), wire)
        return bool(places)

    FAULTS[name] = put


_absent_value("an absent value is there as NULL", {"NULL": True})
_absent_value("an absent value is there as an empty text", {"S": ""})
_absent_value("an absent value is there as 0", {"N": "0"})


@fault("two rows' values are swapped")
def _swapped_rows(harm: Harm) -> bool:
    first = harm.one()
    for name in harm.values(first) if first else ():
        here = harm.items[first] if first else {}
        others = [i for i in harm.those() if name in harm.values(i) and not same(harm.items[i][name], here[name])]
        if first and others:
            second = harm.chance.choice(others)
            mine, its = harm.items[first][name], harm.items[second][name]
            harm.put(first, name, its)
            harm.put(second, name, mine)
            return True
    return False


@fault("two values of a row are swapped")
def _swapped_values(harm: Harm) -> bool:
    found = harm.those()
    harm.chance.shuffle(found)
    for identity in found:
        names, item = harm.values(identity), harm.items[identity]
        for one, other in pairwise(names):
            if not same(item[one], item[other]):
                harm.put(identity, one, item[other])
                harm.put(identity, other, item[one])
                return True
    return False


@fault("a value stands under another name")
def _renamed(harm: Harm) -> bool:
    for identity in harm.those():
        for name in harm.values(identity):
            wire = harm.items[identity][name]
            harm.put(identity, name, None)
            harm.put(identity, name + "_", wire)
            return True
    return False


@fault("an attribute that no column has")
def _more(harm: Harm) -> bool:
    identity = harm.one()
    if identity:
        harm.put(identity, "something else", {"S": "x"})
    return bool(identity)


@fault("an item says that it is of another type")
def _typed_otherwise(harm: Harm) -> bool:
    identity = harm.one()
    others = [e.name for e in harm.plan.entities if identity and e is not harm.entity(harm.items[identity])]
    if identity and others:
        harm.put(identity, harm.plan.type_attribute, {"S": harm.chance.choice(others)})
    return bool(others)


@fault("an item does not say its type")
def _untyped(harm: Harm) -> bool:
    identity = harm.one()
    if identity:
        harm.put(identity, harm.plan.type_attribute, None)
    return bool(identity)
