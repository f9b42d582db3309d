"""Served reads to DynamoDB requests, with placeholders where the call's values go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product

from migrator.design.attributes import Attr, attribute, canonical, column_of
from migrator.design.branches import Branching, crossed, mixed
from migrator.design.design import TABLE, Design, EntityDesign, JoinStep, KeyPart, Path, Served, Template
from migrator.design.needs import Bound, Equality, predicate_attrs, read_condition
from migrator.model.query import Field, Literal, Parameter, Predicate, Related, Value
from migrator.model.schema import Kind, Schema
from migrator.plan.entities import KeyWriter
from migrator.plan.keys import AFTER_NULL, encode, null_text, terminator
from migrator.plan.naming import key_label
from migrator.plan.plan import KeyPair, Request, SortCondition
from migrator.plan.templates import Piece, Placeholder, quote_literal, write_template
from migrator.plan.truth import aliases_of
from migrator.plan.values import Unstorable, read_parameter
from migrator.plan.words import predicate_template, value_template

Values = Mapping[Attr, Value]

NEVER = "%\x00never"
"""Text no key holds, for plain texts escape `%` and ordered ones U+0000: stands for a literal that the column cannot
hold, so that nothing is found."""


@dataclass(frozen=True, slots=True)
class RequestWriter:
    """Writes the requests of one design."""

    schema: Schema
    design: Design
    writer: KeyWriter

    def drive(self, part: Served, first: int) -> tuple[Request, ...]:
        """Requests that give the driver's rows; `first` is the number of the first one in its pattern."""
        if part.through is not None:
            drawn = self.drive(replace(part, need=part.through, through=None, steps=()), first)
            return tuple(replace(request, filter=()) for request in drawn)
        if part.path.via_guard:
            return self._through_guard(part, first)
        kept = self.design.entity(part.need.table)
        slot = kept.slot_of(part.path.view)
        combinations = list(self.combinations(part))
        whole = part.path.matched == len(part.path.view.template.sort)
        if slot == TABLE and whole:
            return (self._get(part, kept, combinations),)
        found = tuple(self._query(part, kept, slot, values) for values in combinations)
        return (*found, self._hydrate(part, first, len(found))) if part.path.hydrated else found

    def _hydrate(self, part: Served, first: int, count: int) -> Request:
        """Reads the rows by the table's keys that entries of an index carry."""
        numbers = tuple(range(first, first + count))
        table, names = part.need.table, self.writer.names
        if part.path.view.edge:
            kept = self.design.entity(table)
            pairs = [self._key_from(table, kept, lambda c: names.attributes[(table, Attr((), c))], n) for n in numbers]
        else:
            pairs = [KeyPair(*(write_template((_item(name, "", n),)) for name in names.table_key)) for n in numbers]
        return Request(
            "BatchGetItem",
            (names.tags[table],),
            keys=tuple(pairs),
            filter=self.filters(part),
            consistent=part.need.strong,
            after=numbers,
        )

    def combinations(self, part: Served) -> list[dict[Attr, Value]]:
        """Values of the key's fixed parts, one for each request or whole key."""
        template = part.path.view.template
        fixed = [kept.attr for kept in (*template.partition, *template.sort[: part.path.matched])]
        lists = []
        for attr in fixed:
            equality = part.need.equality(attr)
            lists.append(equality.values if equality else ())
        return [dict(zip(fixed, chosen, strict=True)) for chosen in product(*lists)]

    def _get(self, part: Served, kept: EntityDesign, combinations: list[dict[Attr, Value]]) -> Request:
        keys = tuple(self.base_key(part.need.table, kept, values) for values in combinations)
        return Request(
            "GetItem" if len(keys) == 1 else "BatchGetItem",
            (self.writer.names.tags[part.need.table],),
            filter=self.filters(part),
            keys=tuple(dict.fromkeys(keys)),
            consistent=part.need.strong,
        )

    def base_key(self, table: str, kept: EntityDesign, values: Values, slot: str = TABLE) -> KeyPair:
        """The row's key in the table, from values of all its parts; an aggregate's, under its name as slot."""
        template = kept.template(slot)
        partition = self._partition(table, kept, slot, values)
        sort = self._prefix(table, slot, template, values, None)
        return KeyPair(write_template(partition), write_template(sort))

    def partition_text(self, table: str, kept: EntityDesign, slot: str, values: Values) -> str:
        """A slot's partition as a request template."""
        return write_template(self._partition(table, kept, slot, values))

    def path_text(self, part: Served, depth: int) -> str:
        """What the sort keys of the branch begin with that a part names, so many levels deep."""
        table, template = part.need.table, part.path.view.template
        pieces = self._prefix(table, TABLE, template, self.combinations(part)[0], template.cuts[depth - 1])
        label = self.writer.labels_in(table, TABLE, template)[template.cuts[depth - 1]]
        return write_template(pieces).removesuffix(quote_literal(label))

    def _partition(self, table: str, kept: EntityDesign, slot: str, values: Values) -> tuple[Piece, ...]:
        template = kept.template(slot)
        pieces: list[Piece] = [*self.writer.home(slot)]
        if not template.partition:
            return (*pieces, *self.writer.partition(table, template, kept.shard_count(slot)))
        for label, part in self.writer.labelled(table, template):
            pieces += [label, self._value(table, part.attr, "fold" if part.fold else "", values[part.attr])]
        return tuple(pieces)

    def _prefix(
        self, table: str, slot: str, template: Template, values: Values, count: int | None
    ) -> tuple[Piece, ...]:
        """What sort keys begin with whose first parts have these values; the whole key without a count."""

        def piece_of(part: KeyPart, encoding: str) -> Piece:
            return self._value(table, part.attr, encoding, values[part.attr])

        return self.writer.sort_pieces(table, slot, template, piece_of, count)

    def _value(self, table: str, attr: Attr, encoding: str, value: Value) -> Piece:
        kind = column_of(self.schema, table, attr).kind
        if isinstance(value, Parameter):
            return Placeholder("parameter", value.name, encoding)
        return literal_text(kind, encoding, value)

    def _query(self, part: Served, kept: EntityDesign, slot: str, values: Values) -> Request:
        path, table = part.path, part.need.table
        shards = kept.shard_count(slot)
        return Request(
            "Query",
            (self.writer.names.entity(table, slot), *self._passengers(table, path)),
            index=slot if path.view.indexed else None,
            partition=write_template(self._partition(table, kept, slot, values)),
            sort=self.sort_condition(part, slot, values),
            filter=() if path.hydrated else self.filters(part),
            forward=path.forward,
            limit=limit_text(part.need.limit, part.need.offset) if path.limited else None,
            consistent=part.need.strong,
            shards=shards if shards > 1 else None,
        )

    def _passengers(self, table: str, path: Path) -> tuple[str, ...]:
        """Entities whose items a request reads over in the block that it reads into."""
        if not (path.view.base and mixed(path)):
            return ()
        mine, depth = Branching.of(self.schema, table, path.view.template), crossed(path)
        others = ((kept.table, kept.template(TABLE)) for kept in self.design.entities if kept.views)
        return tuple(
            sorted(
                self.writer.names.tags[other]
                for other, template in others
                if other != table and mine.crosses(depth, Branching.of(self.schema, other, template))
            )
        )

    def sort_condition(self, part: Served, slot: str, values: Values) -> SortCondition:
        """The stretch of the slot's sort keys that the path reads."""
        path, table, sort = part.path, part.need.table, part.path.view.template.sort
        if path.matched == len(sort):
            return SortCondition("=", (write_template(self._prefix(table, slot, path.view.template, values, None)),))
        prefix = self._prefix(table, slot, path.view.template, values, path.matched)
        if not path.bounds:
            return SortCondition("begins_with", (write_template(prefix),))
        following = sort[path.matched]
        encoding = self.writer.encoding(table, slot, following)
        starts = next((bound for bound in path.bounds if bound.op == "prefix"), None)
        if starts is not None:
            piece = self._value(table, following.attr, encoding, starts.value)
            return SortCondition("begins_with", (write_template((*prefix, piece)),))
        last = path.matched == len(sort) - 1
        return SortCondition(
            "between",
            (
                write_template((*prefix, *self._low(table, following, encoding, path.bounds, last))),
                write_template(self._high(table, following, encoding, path.bounds, last, prefix)),
            ),
        )

    def _low(
        self, table: str, part: KeyPart, encoding: str, bounds: tuple[Bound, ...], last: bool
    ) -> tuple[Piece, ...]:
        """The least text that may be wanted; what it lets through too much, the assembly drops. An empty value
        that ends its key lies below the text of NULL."""
        low = next((bound for bound in bounds if bound.op in (">", ">=")), None)
        if low is None or self._is_beyond(table, part, encoding, low):
            return () if not encoding or (last and encoding in ("text", "fold", "hex")) else (AFTER_NULL,)
        piece = self._value(table, part.attr, encoding, low.value)
        return (piece, _after(terminator(encoding))) if low.op == ">" and not last else (piece,)

    def _high(
        self,
        table: str,
        part: KeyPart,
        encoding: str,
        bounds: tuple[Bound, ...],
        last: bool,
        prefix: tuple[Piece, ...],
    ) -> tuple[Piece, ...]:
        high = next((bound for bound in bounds if bound.op in ("<", "<=")), None)
        if high is None or self._is_beyond(table, part, encoding, high):
            end = prefix[-1]
            return (*prefix[:-1], end[:-1] + _after(end[-1])) if isinstance(end, str) else prefix
        piece = self._value(table, part.attr, encoding, high.value)
        if high.op == "<=" and not last:
            return (*prefix, piece, _after(terminator(encoding)))
        if encoding in ("text", "fold"):  # numbers lie above the empty text and below what ends it
            return (*prefix, piece, terminator(encoding))
        return (*prefix, piece)

    def _is_beyond(self, table: str, part: KeyPart, encoding: str, bound: Bound) -> bool:
        """Whether the bound is a literal that no key of the column holds (7.5 for an integer): that side of the
        range stays open, and the assembly drops what fails the condition."""
        kind = column_of(self.schema, table, part.attr).kind
        return isinstance(bound.value, Literal) and literal_text(kind, encoding, bound.value) == NEVER

    def filters(self, part: Served) -> tuple[str, ...]:
        """Expression templates of what the items read may still fail, as far as they tell themselves."""
        elsewhere = {step.alias for step in part.steps if step.how != "copy"}
        return tuple(
            predicate_template(predicate, lambda field: self._field_name(part, field))
            for predicate in self.loose(part)
            if not isinstance(predicate, Related) and not elsewhere & aliases_of(predicate)
        )

    def loose(self, part: Served) -> tuple[Predicate, ...]:
        """The conditions that no key of the requests keeps; the assembly drops the rows that fail them."""
        need, path = part.need, part.path
        template = path.view.template
        fixed = {kept.attr for kept in (*template.partition, *template.sort[: path.matched])}
        if path.via_guard:
            fixed = {Attr((), column) for column in path.via_guard}
        carried = {(bound.attr, bound.op) for bound in path.bounds}
        carried |= {(one.attr, "present") for one in template.where if not one.values}
        loose = []
        for predicate in need.select.predicates:
            condition = read_condition(self.schema, need.select, predicate)
            if isinstance(condition, Equality) and (condition.attr in fixed or self._is_said(path, condition)):
                continue
            if isinstance(condition, Bound) and (condition.attr, condition.op) in carried:
                continue
            if not predicate_attrs(self.schema, need.select, predicate) & need.apart:
                loose.append(predicate)
        return tuple(loose)

    def _is_said(self, path: Path, equality: Equality) -> bool:
        """Whether the rows of the path's index fulfil an equality without being asked."""
        return any(one.says(equality) for one in path.view.template.where)

    def _field_name(self, part: Served, field: Field) -> str:
        attr = attribute(self.schema, part.need.select, field)
        return self.writer.names.attributes.get((part.need.table, attr), f"{field.alias}.{field.column}")

    def _through_guard(self, part: Served, first: int) -> tuple[Request, ...]:
        table = part.need.table
        kept, names = self.design.entity(table), self.writer.names
        columns = part.path.via_guard
        pieces: list[Piece] = [f"UNIQUE#{names.tags[table]}"]
        for column in columns:
            attr = Attr((), column)
            equality = part.need.equality(attr)
            encoding = "fold" if column_of(self.schema, table, attr).collation == "NOCASE" else ""
            value = equality.values[0] if equality else Literal(None)
            pieces += [f"#{key_label(self.schema.table(table), column)}#", self._value(table, attr, encoding, value)]
        guard = names.guards[(table, columns)]
        pair = KeyPair(write_template(tuple(pieces)), "UNIQUE#")
        return (
            Request("GetItem", (guard,), keys=(pair,), consistent=part.need.strong),
            Request(
                "GetItem",
                (names.tags[table],),
                keys=(self._key_from(table, kept, lambda column: names.attributes[(table, Attr((), column))], first),),
                filter=self.filters(part),
                consistent=part.need.strong,
                after=(first,),
            ),
        )

    def _key_from(self, table: str, kept: EntityDesign, name_of: Callable[[str], str], request: int) -> KeyPair:
        """The table key of `table`, its columns taken from attributes of an earlier request's items."""
        template = kept.template(TABLE)
        partition: list[Piece] = []
        for label, part in self.writer.labelled(table, template):
            partition += [label, _item(name_of(part.attr.column), "fold" if part.fold else "", request)]
        sort = self.writer.sort_pieces(
            table, TABLE, template, lambda part, encoding: _item(name_of(part.attr.column), encoding, request)
        )
        return KeyPair(write_template(tuple(partition)), write_template(sort))

    def join(self, part: Served, step: JoinStep, holders: tuple[int, ...]) -> tuple[Request, ...]:
        """Requests that give the rows of a joined alias; `holders` gave the items that hold its key."""
        kept, names = self.design.entity(step.table), self.writer.names
        key = self.schema.table(self._owner(part, step)).foreign_key(step.path[-1])
        if step.how == "known":
            return (self._known(part, step, kept),)

        def held(column: str) -> str:
            local = key.columns[key.referred_columns.index(column)]
            return self._held_name(part, step, local)

        pairs = tuple(self._key_from(step.table, kept, held, request) for request in holders)
        return (
            Request("BatchGetItem", (names.tags[step.table],), keys=pairs, consistent=part.need.strong, after=holders),
        )

    def _owner(self, part: Served, step: JoinStep) -> str:
        table = part.need.table
        for name in step.path[:-1]:
            table = self.schema.table(table).foreign_key(name).referred_table
        return table

    def _held_name(self, part: Served, step: JoinStep, column: str) -> str:
        """The attribute that holds a reference: on the item of the alias before, or on the driver's own."""
        names = self.writer.names.attributes
        if step.after is not None:
            return names[(self._owner(part, step), Attr((), column))]
        attr = canonical(self.schema, part.need.table, Attr(step.path[:-1], column))
        return names[(part.need.table, attr)]

    def _known(self, part: Served, step: JoinStep, kept: EntityDesign) -> Request:
        key = self.schema.table(self._owner(part, step)).foreign_key(step.path[-1])
        values: dict[Attr, Value] = {}
        for column in key.referred_columns:
            equality = part.need.equality(canonical(self.schema, part.need.table, Attr(step.path, column)))
            if equality is not None:
                values[Attr((), column)] = equality.values[0]
        pair = self.base_key(step.table, kept, values)
        return Request("GetItem", (self.writer.names.tags[step.table],), keys=(pair,), consistent=part.need.strong)


def literal_text(kind: Kind, encoding: str, value: Literal) -> str:
    """A literal's text in a key."""
    if value.value is None:
        return null_text(encoding)
    try:
        return encode(encoding, kind, read_parameter(kind, value.value))
    except Unstorable:
        return NEVER


def _item(name: str, encoding: str, request: int) -> Placeholder:
    return Placeholder("item", name, encoding, request)


def _after(character: str) -> str:
    return chr(ord(character) + 1)


def limit_text(limit: Value | None, offset: Value | None) -> str | None:
    """How many rows a request that stops has to give: the limit, and after it the rows that OFFSET leaves out.

    >>> limit_text(Parameter("n"), Literal(20)), limit_text(Literal(10), Parameter("k"))
    ('{:n}+20', '10+{:k}')
    """
    if limit is None or offset is None:
        return None if limit is None else value_template(limit)
    if isinstance(limit, Literal) and isinstance(offset, Literal):
        return str(int(limit.value or 0) + int(offset.value or 0))
    return f"{value_template(limit)}+{value_template(offset)}"
