"""A mixed-integer programme, solved to the end with HiGHS: one thread, a fixed seed, no gap allowed, and work
limited in steps of its own, so that the answer does not depend on the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import highspy

INTEGRAL = 1e-6


class Unsolved(Exception):
    """The programme has no answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """A linear constraint: low <= sum of coefficient x variable <= high."""

    terms: tuple[tuple[int, float], ...]
    low: float
    high: float


@dataclass(slots=True)
class Model:
    """Variables between 0 and 1, by number, each integral unless said otherwise."""

    costs: list[float] = field(default_factory=list)
    integral: list[bool] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def variable(self, cost: float = 0.0, integral: bool = True) -> int:
        self.costs.append(cost)
        self.integral.append(integral)
        return len(self.costs) - 1

    def at_most(self, numbers: list[int], most: float) -> None:
        self.rows.append(Row(tuple((number, 1.0) for number in numbers), -highspy.kHighsInf, most))

    def exactly(self, numbers: list[int], total: float) -> None:
        self.rows.append(Row(tuple((number, 1.0) for number in numbers), total, total))

    def implies(self, number: int, any_of: list[int]) -> None:
        """The variable may be 1 only as far as the others add up to 1."""
        self.rows.append(Row(((number, 1.0), *((other, -1.0) for other in any_of)), -highspy.kHighsInf, 0.0))

    def at_most_beside(self, numbers: list[int], most: float, spare: list[int]) -> None:
        """The variables add up to at most `most`, and one more for each of `spare`."""
        terms = (*((number, 1.0) for number in numbers), *((number, -1.0) for number in spare))
        self.rows.append(Row(terms, -highspy.kHighsInf, most))

    def at_most_each(self, numbers: list[int], most: float, each: list[int]) -> None:
        """The variables add up to at most `most` for each of `each` that is 1."""
        terms = (*((number, 1.0) for number in numbers), *((number, -most) for number in each))
        self.rows.append(Row(terms, -highspy.kHighsInf, 0.0))

    def both(self, number: int, one: int, other: int) -> None:
        """The variable is 1 where both others are; nothing but its cost keeps it down."""
        self.rows.append(Row(((one, 1.0), (other, 1.0), (number, -1.0)), -highspy.kHighsInf, 1.0))

    def at_least_both(self, number: int, one: int, any_of: list[int], instead: list[int]) -> None:
        """The variable is 1 where `one` and any of the others are, and none of `instead`."""
        terms = ((one, 1.0), *((n, 1.0) for n in any_of), *((n, -1.0) for n in (number, *instead)))
        self.rows.append(Row(terms, -highspy.kHighsInf, 1.0))

    def spend(self, terms: tuple[tuple[int, float], ...], most: float) -> None:
        """The sum of coefficient x variable stays within `most`."""
        self.rows.append(Row(terms, -highspy.kHighsInf, most))


@dataclass(frozen=True, slots=True)
class Solved:
    """The variables' values, their cost, and the proven lower bound of any answer's cost. No values when none were
    found within the steps allowed. `steps`: how many were used."""

    values: tuple[float, ...]
    cost: float
    bound: float
    steps: int = 0

    def chosen(self, number: int) -> bool:
        return self.values[number] > 0.5

    @property
    def proven(self) -> bool:
        return self.cost <= self.bound


def minimise(model: Model, steps: int) -> Solved:
    """The cheapest values of the variables. Unsolved when there are none. `steps`: how often the solver looks whether
    it may go on, at nodes, in dives and between rounds of cuts; after that it gives what it has.

    >>> model = Model()
    >>> dear, cheap = model.variable(3.0), model.variable(2.0)
    >>> model.exactly([dear, cheap], 1)
    >>> minimise(model, 10).values
    (0.0, 1.0)
    """
    if not model.costs:
        return Solved((), 0.0, 0.0)
    solver = _solver()
    used = _limit(solver, steps)
    _load(solver, model)
    solver.run()
    return _read(solver, model, used[0])


def _limit(solver: highspy.Highs, steps: int) -> list[int]:
    """Stops the solver after so many steps; counts them."""
    used = [0]

    def look(event: highspy.HighsCallbackEvent) -> None:
        used[0] += 1
        if used[0] > steps:
            event.interrupt()

    solver.cbMipInterrupt.subscribe(look)
    return used


def _read(solver: highspy.Highs, model: Model, used: int) -> Solved:
    info, status = solver.getInfo(), solver.getModelStatus()
    stopped = status == highspy.HighsModelStatus.kInterrupt
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        if stopped:
            return Solved((), math.inf, float(info.mip_dual_bound), used)
        raise Unsolved(str(status))
    found = zip(solver.getSolution().col_value, model.integral, strict=True)
    values = tuple(_settled(float(value), whole) for value, whole in found)
    cost = sum(cost * value for cost, value in zip(model.costs, values, strict=True))
    return Solved(values, cost, min(cost, float(info.mip_dual_bound)) if stopped else cost, used)


def _settled(value: float, whole: bool) -> float:
    """The value without the tolerance that the solver allows itself."""
    return float(round(value)) if whole or abs(value - round(value)) < 10 * INTEGRAL else value


def _solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("log_to_console", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.0),
        ("mip_feasibility_tolerance", INTEGRAL),
    ):
        solver.setOptionValue(option, value)
    return solver


def _load(solver: highspy.Highs, model: Model) -> None:
    programme = highspy.HighsLp()
    programme.num_col_ = len(model.costs)
    programme.num_row_ = len(model.rows)
    programme.col_cost_ = model.costs
    programme.col_lower_ = [0.0] * len(model.costs)
    programme.col_upper_ = [1.0] * len(model.costs)
    programme.row_lower_ = [row.low for row in model.rows]
    programme.row_upper_ = [row.high for row in model.rows]
    starts, columns, coefficients = [0], list[int](), list[float]()
    for row in model.rows:
        columns += [number for number, _ in row.terms]
        coefficients += [coefficient for _, coefficient in row.terms]
        starts.append(len(columns))
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = starts
    programme.a_matrix_.index_ = columns
    programme.a_matrix_.value_ = coefficients
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    programme.integrality_ = [kinds[whole] for whole in model.integral]
    solver.passModel(programme)
