"""What a statement's columns are, and its parameters read as they have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from migrator.model.query import Field, Parameter, Select, Value
from migrator.model.schema import Kind
from migrator.plan.plan import Entity, Plan
from migrator.plan.values import Unstorable, from_wire, read_parameter, to_wire


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a statement's tables, as `rows_of` names the entity of each table's rows. `parameters` are values
    as given."""

    select: Select
    rows_of: Mapping[str, Entity]
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, plan: Plan, select: Select, parameters: Mapping[str, Any]) -> Columns:
        return cls(select, {ref.table: plan.entities_of(ref.table)[0] for ref in select.tables}, parameters)

    def kind(self, field: Field) -> tuple[Kind, str | None]:
        """What a field's values are, and the collation that compares them."""
        entity = self.rows_of[self.select.table(field.alias)]
        for attribute in entity.attributes:
            if attribute.copied_from is None and attribute.column == field.column:
                return attribute.kind, attribute.collation
        raise KeyError(f"{field.alias}.{field.column}")

    def collation(self, field: Field | None) -> str | None:
        return self.kind(field)[1] if field is not None else None

    def value(self, value: Value, kind: Kind) -> Any:
        """A value of the statement, read as a column of this kind has it."""
        raw = self.parameters[value.name] if isinstance(value, Parameter) else value.value
        try:
            return from_wire(read_parameter(kind, raw))
        except Unstorable:
            return from_wire(to_wire(Kind.UNKNOWN, raw))

    def number(self, value: Value | None) -> int | None:
        """A limit or an offset; None when there is none, or less than nothing."""
        given = self.parameters[value.name] if isinstance(value, Parameter) else value.value if value else None
        return None if given is None or int(given) < 0 else int(given)
