"""What is to be designed: the schema as measured, with what every query wants of the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from migrator.design.asking import finder_needs, pattern_needs
from migrator.design.attributes import Domain, alias_paths, steps
from migrator.design.branches import NOTHING, Asked, asked_alone, asked_together
from migrator.design.bundles import head_views
from migrator.design.counting import Circumstances, replaces
from migrator.design.data import Data
from migrator.design.design import Template
from migrator.design.embedding import Ground
from migrator.design.identity import guarded, row_keys
from migrator.design.lifetime import expiry_column
from migrator.design.meeting import meeting_needs, pair_rates, pairs_usd
from migrator.design.needs import Need
from migrator.design.nesting import Nest, nests_of
from migrator.design.pins import pins
from migrator.design.price import WriteRates, monthly_requests
from migrator.design.rates import write_rates
from migrator.design.weighing import Weigher
from migrator.design.work import Work
from migrator.model.query import AccessPattern, Refusal, Workload
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Task:
    """A design's givens. `needs`: what each pattern's statements ask of the keys, or why it is refused. `keys`: those
    that may name each table's rows."""

    data: Data
    workload: Workload
    settings: Settings
    rates: Mapping[str, WriteRates]
    keys: Mapping[str, tuple[tuple[str, ...], ...]]
    needs: Mapping[str, tuple[Need, ...] | Refusal]
    work: Work

    @classmethod
    def of(cls, schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> Task:
        carries = {table.name: settings.override(table.name).copies for table in schema.tables}
        rates = {name: replace(write_rates(workload, name), carries=carries[name]) for name in carries}
        keys = {t.name: row_keys(t, settings, rates[t.name].columns) for t in schema.tables}
        data = Data(schema, statistics)
        rates |= {name: pair_rates(data, rates, join) for name, join in schema.joins()}
        reads = [pattern for pattern in workload.patterns if pattern.kind == "read"]
        needs = {pattern.name: pattern_needs(data, rates, pattern) for pattern in reads}
        writes = [pattern for pattern in workload.patterns if pattern.kind == "write"]
        needs |= {pattern.name: found for pattern in writes if (found := _looked_for(data, keys, pattern))}
        work = Work.of(settings.limits.proof_steps, sum(len(pattern.statements) for pattern in workload.patterns))
        return cls(data, workload, settings, rates, keys, needs, work)

    @property
    def schema(self) -> Schema:
        return self.data.schema

    def open_needs(self) -> list[tuple[Need, ...]]:
        """The needs of the patterns that are not refused."""
        return [needs for needs in self.needs.values() if not isinstance(needs, Refusal)]

    def ground(self) -> Ground:
        keys, _ = self._named()
        return Ground(self.data, self.settings, self.workload, keys)

    def nests(self) -> tuple[Nest, ...]:
        """What may be embedded in what."""
        return nests_of(self.ground(), self.rates)

    def weighers(self) -> dict[str, Weigher]:
        """A weigher for each table, with the templates that other tables ask of it."""
        keys, base_key = self._named()
        extra: dict[str, list[Template]] = {}
        for needs in self.open_needs():
            for name, view in head_views(self.data, needs):
                extra.setdefault(name, []).append(view)
        for nest in self.nests():
            mine = [need for needs in self.open_needs() for need in needs if need.table == nest.made.table]
            extra.setdefault(nest.made.parent, []).extend(nest.templates(mine, keys[nest.made.parent][0]))
        asked = self._asked()
        return {
            table.name: replace(self._weigher(table, keys, base_key, extra), asked=asked.get(table.name, NOTHING))
            for table in self.schema.tables
        }

    def _asked(self) -> dict[str, Asked]:
        """What makes branches worth weighing, by the tables whose rows some pattern wants with another's."""
        single = frozenset(given for needs in self.open_needs() for given in asked_alone(self.data, needs))
        together: dict[str, set[frozenset[Domain]]] = {}
        for needs in self.open_needs():
            for name, home in asked_together(self.data, needs):
                together.setdefault(name, set()).add(home)
        return {name: Asked(frozenset(homes), single) for name, homes in together.items()}

    def expires(self, table: Table) -> str | None:
        """The column that rows of a table expire by."""
        return None if table.joined else expiry_column(table, self.settings.override(table.name))

    def about(self, table: str) -> Circumstances:
        """What its counter items have to live with."""
        return Circumstances(
            write_rates(self.workload, table, at_peak=True),
            replaces(self.workload, table),
            self.expires(self.schema.table(table)) is not None,
        )

    def _weigher(
        self,
        table: Table,
        keys: Mapping[str, tuple[tuple[str, ...], ...]],
        base_key: Mapping[str, frozenset[str]],
        extra: Mapping[str, list[Template]],
    ) -> Weigher:
        mine = keys[table.name]
        return Weigher(
            self.data,
            self.settings.limits,
            self.settings.prices,
            table.name,
            mine,
            tuple(need for needs in self.open_needs() for need in needs if need.table == table.name),
            self.rates,
            {frozenset(key): guarded(table, key) for key in mine},
            base_key,
            tuple(dict.fromkeys(extra.get(table.name, ()))),
            pins(self.schema, self.settings, table.name, mine[0]),
        )

    def _named(self) -> tuple[dict[str, tuple[tuple[str, ...], ...]], dict[str, frozenset[str]]]:
        """Keys that may name each table's rows, and for joined tables the one that their children refer to."""
        referred: dict[str, set[tuple[str, ...]]] = {}
        for need in (need for needs in self.open_needs() for need in needs):
            for path in alias_paths(need.select).values():
                for _, key in steps(self.schema, need.table, path)[-1:]:
                    referred.setdefault(key.referred_table, set()).add(key.referred_columns)
        keys = dict(self.keys)
        for name, listed in referred.items():
            held = tuple(key for key in keys[name] if any(set(key) <= set(columns) for columns in listed))
            keys[name] = (held or keys[name])[:1]
        return keys, {name: frozenset(keys[name][0]) for name in referred}

    def beside(self) -> float:
        """Dollars a month of asking a pattern's statements side by side, before any is gathered with another, and of
        keeping the pairs of stored joins."""
        prices = self.settings.prices
        several = [needs for needs in self.open_needs() if len(needs) > 1]
        asked = sum(monthly_requests(prices, needs[0].rate, len(needs) - 1) for needs in several)
        kept = (pairs_usd(self.data, prices, self.rates, name, join) for name, join in self.schema.joins())
        return asked + sum(kept)


def _looked_for(
    data: Data, keys: Mapping[str, tuple[tuple[str, ...], ...]], pattern: AccessPattern
) -> tuple[Need, ...]:
    """What a write needs of an index: to find its rows, and those that pair with them."""
    return (*finder_needs(data, keys, pattern), *meeting_needs(data, keys, pattern))
