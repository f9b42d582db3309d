"""Faults of what is not an item of its own: rows that live within another's item, and objects that items point to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from migrator.plan.offload import Pointer, pointers
from migrator.plan.plan import Embedded

from tests.verify.harm import Harm, Identity, Wire, other_value

Counted = tuple[int, int, int]
"""Missing, different and too many."""

Apart = Callable[[Harm, dict[str, bytes]], Counted | None]
"""Puts itself into the items or the objects, and tells what that makes; None when nothing there can have it."""

APART: dict[str, Apart] = {}


def _within(name: str, change: Callable[[Harm, dict[str, Any], Embedded, str], object], done: Counted) -> None:
    """A fault of one of the rows that an item holds: `change` gets all of them, and the key of the chosen one."""

    def put(harm: Harm, objects: dict[str, bytes]) -> Counted | None:
        found = sorted(_holding(harm), key=lambda one: one[0])
        identity, held = harm.chance.choice(found)
        rows = {text: {"M": dict(row["M"])} for text, row in harm.items[identity][held.attribute]["M"].items()}
        change(harm, rows, held, harm.chance.choice(sorted(rows)))
        harm.put(identity, held.attribute, {"M": rows})
        return done

    APART[name] = put


def _holding(harm: Harm) -> Iterator[tuple[Identity, Embedded]]:
    """Items with rows within, two or more."""
    for entity, held in harm.plan.embedded():
        for identity in harm.those("row"):
            rows = harm.items[identity].get(held.attribute, {}).get("M", {})
            if harm.entity(harm.items[identity]) is entity and len(rows) > 1:
                yield identity, held


def _value(held: Embedded, row: Mapping[str, Wire]) -> str:
    """An attribute that does not name the row."""
    return next(a.name for a in held.attributes if a.column not in held.source_key and a.name in row)


def _changed(harm: Harm, rows: dict[str, Any], held: Embedded, key: str) -> None:
    name = _value(held, rows[key]["M"])
    rows[key]["M"][name] = other_value(rows[key]["M"][name])


def _retyped(harm: Harm, rows: dict[str, Any], held: Embedded, key: str) -> None:
    rows[key]["M"][_value(held, rows[key]["M"])] = {"L": []}


def _lost(harm: Harm, rows: dict[str, Any], held: Embedded, key: str) -> None:
    del rows[key]["M"][_value(held, rows[key]["M"])]


_within("a row within an item is missing", lambda _h, rows, _held, key: rows.pop(key), (1, 0, 0))
_within("a row within an item has another value", _changed, (0, 1, 0))
_within("a row within an item has a value of another type", _retyped, (0, 1, 0))
_within("a row within an item lacks a value", _lost, (0, 1, 0))
_within("a row within an item that no row made", lambda _h, rows, _held, key: rows.update({"zz": rows[key]}), (0, 1, 0))
_within(
    "a row within an item stands under another key",
    lambda _h, rows, _held, key: rows.update({f"{key}9": rows.pop(key)}),
    (1, 1, 0),
)
_within("a row within an item is no map", lambda _h, rows, _held, key: rows.update({key: {"S": "x"}}), (0, 1, 0))


def _object(name: str, change: Callable[[dict[str, bytes], str], object]) -> None:
    """A fault of an object that exactly one item points to."""

    def put(harm: Harm, objects: dict[str, bytes]) -> Counted | None:
        _, _, pointer = _pointed(harm)
        change(objects, pointer.key)
        return 0, 1, 0

    APART[name] = put


def _pointer(name: str, change: Callable[[Harm, dict[str, bytes], Pointer, Wire], Wire | None]) -> None:
    """A fault of what stands on an item in its object's place."""

    def put(harm: Harm, objects: dict[str, bytes]) -> Counted | None:
        identity, attribute, pointer = _pointed(harm)
        harm.put(identity, attribute, change(harm, objects, pointer, harm.items[identity][attribute]))
        return 0, 1, 0

    APART[name] = put


def _pointed(harm: Harm) -> tuple[Identity, str, Pointer]:
    return harm.chance.choice(sorted(_pointers(harm), key=lambda one: (one[0], one[1])))


def _pointers(harm: Harm) -> Iterator[tuple[Identity, str, Pointer]]:
    for identity in harm.those("row"):
        entity = harm.entity(harm.items[identity])
        for name, pointer in pointers(harm.plan, entity, harm.items[identity]) if entity else ():
            yield identity, name, pointer


def _told(wire: Wire, name: str, said: Wire) -> Wire:
    return {"M": {**wire["M"], name: said}}


def _of_another(harm: Harm, objects: dict[str, bytes], pointer: Pointer, wire: Wire) -> Wire:
    others = [(i, n) for i, n, other in _pointers(harm) if other.key != pointer.key]
    identity, name = harm.chance.choice(sorted(others))
    return harm.items[identity][name]


_object("an object is missing", lambda objects, key: objects.pop(key))
_object("an object has lost its last byte", lambda objects, key: objects.update({key: objects[key][:-1]}))
_object("an object has one byte more", lambda objects, key: objects.update({key: objects[key] + b"x"}))
_object("a byte of an object is another one", lambda objects, key: objects.update({key: b"?" + objects[key][1:]}))
_object("an object is empty", lambda objects, key: objects.update({key: b""}))
_pointer("a pointer leads to another row's object", _of_another)
_pointer("a pointer leads to no object", lambda _h, _o, p, w: _told(w, "key", {"S": f"{p.key}0"}))
_pointer("a pointer names another bucket", lambda _h, _o, p, w: _told(w, "bucket", {"S": f"{p.bucket}0"}))
_pointer("a pointer says another length", lambda _h, _o, p, w: _told(w, "bytes", {"N": str(p.size + 1)}))
_pointer("a pointer says another digest", lambda _h, _o, p, w: _told(w, "sha256", {"S": "0" * 64}))
_pointer("a pointer says another type", lambda _h, _o, p, w: _told(w, "type", {"S": "B" if p.type == "S" else "S"}))
_pointer("a pointer is missing", lambda _h, _o, _p, _w: None)
_pointer("a value stands in its pointer's place", lambda _h, o, p, _w: p.value(o[p.key]))
