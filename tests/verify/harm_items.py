"""Faults of items as a whole: missing, stale, moved, made up; and of keys, figures and times to live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from migrator.plan.items import expiry_seconds, slot_attribute_names
from migrator.plan.plan import TABLE_SLOT, Entity

from tests.verify.harm import EXACT, Harm, Identity, Wire, fault, other_value, same
from tests.verify.harm_values import FAULTS as FAULTS


def _dropped(name: str, *kinds: str) -> None:
    def put(harm: Harm) -> bool:
        identity = harm.one(*kinds)
        return identity is not None and bool(harm.items.pop(identity))

    FAULTS[name] = put


def _stale(name: str, *kinds: str) -> None:
    """Every value of an item is that of an earlier time, its key apart."""

    def put(harm: Harm) -> bool:
        found = [i for i in harm.those(*kinds) if _free(harm, i)]
        if not found:
            return False
        identity = harm.chance.choice(found)
        for attribute in _free(harm, identity):
            harm.put(identity, attribute, other_value(harm.items[identity][attribute]))
        return True

    FAULTS[name] = put


def _free(harm: Harm, identity: Identity) -> list[str]:
    """The values that can change without their row being another one."""
    entity = harm.entity(harm.items[identity])
    return [n for n in harm.values(identity) if entity and entity.attribute(n).column not in entity.source_key]


_dropped("an item is missing", "row")
_dropped("a guard is missing", "guard")
_dropped("a second item is missing", "edge")
_dropped("a group's figures are missing", "aggregate")
_dropped("a pair of a stored join is missing", "copy")
_stale("an item is of an earlier time", "row")
_stale("a second item is of an earlier time", "edge")
_stale("a pair of a stored join is of an earlier time", "copy")


@fault("a guard names another row")
def _guard_of_another(harm: Harm) -> bool:
    guards = harm.those("guard")
    harm.chance.shuffle(guards)
    for first in guards:
        for second in guards:
            one, other = harm.items[first], harm.items[second]
            entity = harm.entity(one)
            if entity is None or harm.entity(other) is not entity:
                continue
            keys = [a.name for a in entity.attributes if a.column in entity.source_key]
            if any(n in one and n in other and not same(one[n], other[n]) for n in keys):
                for name in keys:
                    harm.put(first, name, other.get(name))
                return True
    return False


@fault("all items of a type are missing")
def _all_missing(harm: Harm) -> bool:
    one = harm.one()
    entity = harm.entity(harm.items[one]) if one else None
    for identity in [i for i in harm.items if one and harm.entity(harm.items[i]) is entity]:
        del harm.items[identity]
    return one is not None


@fault("all items of a partition are missing")
def _no_partition(harm: Harm) -> bool:
    one = harm.one()
    for identity in [i for i in harm.items if one and i[0] == one[0]]:
        del harm.items[identity]
    return one is not None


@fault("the contents of two items are exchanged")
def _exchanged(harm: Harm) -> bool:
    found = harm.those()
    if len(found) < 2:
        return False
    first, second = harm.chance.sample(found, 2)
    one, other = harm.items.pop(first), harm.items.pop(second)
    return harm.add(first, other) and harm.add(second, one)


def _moved(name: str, to: Callable[[Harm, Identity], Identity], keep: bool) -> None:
    def put(harm: Harm) -> bool:
        found = harm.those()
        harm.chance.shuffle(found)
        for identity in found:
            target = to(harm, identity)
            if target not in harm.items:
                return harm.add(target, harm.items[identity]) if keep else harm.move(identity, target)
        return False

    FAULTS[name] = put


def _elsewhere(harm: Harm, identity: Identity) -> Identity:
    """The partition of another item, with its own sort key."""
    return harm.chance.choice(sorted(harm.items))[0], identity[1]


_moved("an item stands under another partition key", lambda _, i: (f"{i[0]}999", i[1]), keep=False)
_moved("an item stands under another sort key", lambda _, i: (i[0], f"{i[1]}999"), keep=False)
_moved("an item stands under a key of another case", lambda _, i: (i[0].swapcase(), i[1]), keep=False)
_moved("an item stands in another entity's partition", _elsewhere, keep=False)
_moved("an item is there twice, under another partition key", lambda _, i: (f"{i[0]}999", i[1]), keep=True)
_moved("an item is there twice, under another sort key", lambda _, i: (i[0], f"{i[1]}999"), keep=True)
_moved("an item is there twice, in another entity's partition", _elsewhere, keep=True)


def _extra(name: str, *kinds: str) -> None:
    """An item of a row that the source does not have: like another one, with values of its own."""

    def put(harm: Harm) -> bool:
        identity = harm.one(*kinds)
        if identity is None:
            return False
        item = dict(harm.items[identity])
        for attribute in harm.values(identity):
            item[attribute] = other_value(item[attribute])
        return harm.add((f"{identity[0]}999", identity[1]), item)

    FAULTS[name] = put


_extra("an item that no row made", "row")
_extra("a guard that no row made", "guard")
_extra("a second item that no row made", "edge")
_extra("figures of a group that is not", "aggregate")
_extra("a pair of rows that do not meet", "copy")


@fault("an item of a type that is not in the plan")
def _unknown(harm: Harm) -> bool:
    return harm.add(("STRAY#1", "STRAY#"), {harm.plan.type_attribute: {"S": "STRAY"}, "n": {"N": "1"}})


@fault("an item with nothing but a key")
def _bare(harm: Harm) -> bool:
    return harm.add(("STRAY#2", "STRAY#"), {})


@fault("an item among those of the run's record")
def _in_the_record(harm: Harm) -> bool:
    identity = harm.one()
    return identity is not None and harm.add(("MIGRATE#RUN", identity[1]), harm.items[identity])


def _slots(harm: Harm) -> Iterator[tuple[Identity, Entity, str, tuple[str, str]]]:
    """Every item with every index that its type has a key in."""
    for identity in harm.those():
        entity = harm.entity(harm.items[identity])
        for keys in entity.keys if entity else ():
            if entity and keys.slot != TABLE_SLOT:
                yield identity, entity, keys.slot, slot_attribute_names(harm.plan, keys.slot)


def _indexed(name: str, change: Callable[[Harm, Identity, tuple[str, str]], None]) -> None:
    """A fault of an item's keys in an index that it stands in."""

    def put(harm: Harm) -> bool:
        there = [(i, names) for i, _, _, names in _slots(harm) if names[0] in harm.items[i]]
        if there:
            change(harm, *harm.chance.choice(there))
        return bool(there)

    FAULTS[name] = put


def _append(harm: Harm, identity: Identity, name: str) -> None:
    harm.put(identity, name, {"S": harm.items[identity][name]["S"] + "0"})


def _neither(harm: Harm, identity: Identity, names: tuple[str, str]) -> None:
    for name in names:
        harm.put(identity, name, None)


_indexed("a partition key of an index is another one", lambda h, i, names: _append(h, i, names[0]))
_indexed("a sort key of an index is another one", lambda h, i, names: _append(h, i, names[1]))
_indexed("a partition key of an index is missing", lambda h, i, names: h.put(i, names[0], None))
_indexed("a sort key of an index is missing", lambda h, i, names: h.put(i, names[1], None))
_indexed("both keys of an index are missing", _neither)


@fault("an item stands in an index that is not for it")
def _in_the_index(harm: Harm) -> bool:
    there = list(_slots(harm))
    for index in harm.plan.indexes:
        names = (index.partition_key, index.sort_key)
        outside = [i for i in harm.those() if names[0] not in harm.items[i]]
        like = [i for i, _, slot, _ in there if slot == index.name and names[0] in harm.items[i]]
        if outside and like:
            identity, other = harm.chance.choice(outside), harm.chance.choice(like)
            for name in names:
                harm.put(identity, name, harm.items[other][name])
            return True
    return False


@fault("an item is in another write shard")
def _shard(harm: Harm) -> bool:
    for identity, entity, slot, names in _slots(harm):
        keys, item = entity.slot(slot), harm.items[identity]
        if keys is None or not keys.shards or names[0] not in item:
            continue
        before, behind = keys.partition.split("{shard}")
        shard = int(item[names[0]]["S"].removeprefix(before).removesuffix(behind))
        harm.put(identity, names[0], {"S": f"{before}{(shard + 1) % keys.shards}{behind}"})
        return True
    return False


def _figure(name: str, function: str, by: str) -> None:
    def put(harm: Harm) -> bool:
        places = [
            (identity, measure.name)
            for identity in harm.those("aggregate")
            for entity in [harm.entity(harm.items[identity])]
            for measure in (entity.measures if entity else ())
            if measure.function == function
        ]
        if places:
            identity, measured = harm.chance.choice(places)
            figure = Decimal(harm.items[identity].get(measured, {"N": "0"})["N"])
            harm.put(identity, measured, {"N": str(EXACT.add(figure, Decimal(by)))})
        return bool(places)

    FAULTS[name] = put


_figure("a count is one too high", "count", "1")
_figure("a count is one too low", "count", "-1")
_figure("a sum is a cent too high", "sum", "0.01")


def _expiring(name: str, change: Callable[[int], Wire | None]) -> None:
    def put(harm: Harm) -> bool:
        ttl = harm.plan.table.ttl_attribute
        found = [i for i in harm.those() if ttl and ttl in harm.items[i] and _expires(harm, i)]
        if found and ttl:
            identity = harm.chance.choice(found)
            harm.put(identity, ttl, change(int(harm.items[identity][ttl]["N"])))
        return bool(found)

    FAULTS[name] = put


def _expires(harm: Harm, identity: Identity) -> bool:
    """Whether the item's time to live is computed: an attribute of that name may be a column's."""
    entity = harm.entity(harm.items[identity])
    if entity is None or entity.expires is None or entity.expires not in harm.items[identity]:
        return False
    return expiry_seconds(harm.items[identity][entity.expires], entity.expires) > 0


_expiring("the time to live is an hour off", lambda seconds: {"N": str(seconds + 3_600)})
_expiring("the time to live is in milliseconds", lambda seconds: {"N": str(seconds * 1_000)})
_expiring("the time to live is a text", lambda seconds: {"S": str(seconds)})
_expiring("the time to live is missing", lambda _: None)


@fault("a time to live where nothing expires")
def _mortal(harm: Harm) -> bool:
    ttl = harm.plan.table.ttl_attribute
    found = [i for i in harm.those() if ttl and ttl not in harm.items[i]]
    if found and ttl:
        harm.put(harm.chance.choice(found), ttl, {"N": "4000000000"})
    return bool(found)
