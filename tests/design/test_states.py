"""Indexes of the rows in one literal state: when they are made, what they hold, what they cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from migrator.design.attributes import Attr
from migrator.design.conditions import Condition
from migrator.design.data import Data
from migrator.design.entries import entry_writes
from migrator.design.rates import write_rates
from migrator.model.query import Literal
from migrator.model.settings import Limits
from migrator.plan.plan import KeyCondition, SlotKeys
from migrator.plan.recheck import recheck
from migrator.workload.read import read_workload

from tests.design.test_decisions import assert_answers
from tests.design.world import World, make_settings, world

JOBS = """
CREATE TABLE job(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, state TEXT, urgent BOOLEAN NOT NULL, made TEXT NOT NULL,
  gone_at TEXT);
"""
WRITES = """
-- name: add
-- rate: 100
INSERT INTO job (id, tenant, state, urgent, made) VALUES (:id, :tenant, :state, :urgent, :made);
-- name: touch
-- rate: 300
UPDATE job SET made = :made WHERE id = :id;
"""
OPEN = KeyCondition("state", (Literal("OPEN"),))


def jobs(folder: Path, queries: str, one_in: int = 20) -> World:
    """Two hundred and forty jobs: one in so many is open, one more held; few are urgent, few are not gone."""
    states = {0: "OPEN", 1: "HELD"}
    rows = [
        (n, f"t{n % 4}", states.get(n % one_in, "DONE"), n % 30 == 0, f"{n:04}", f"{n:04}" if n % 24 else None)
        for n in range(240)
    ]
    made = world(folder, JOBS, queries, {"job": rows})
    assert_answers(made)
    return made


def index_of(made: World) -> SlotKeys:
    (keys,) = (keys for keys in made.plan.entity("JOB").keys if keys.slot != "table")
    return keys


def read(sql: str, name: str = "wanted") -> str:
    return f"-- name: {name}\n-- rate: 5\n{sql};\n"


NEWEST = read("SELECT * FROM job WHERE state = 'OPEN' ORDER BY made DESC LIMIT 10")


def test_the_few_rows_in_a_state_stand_alone_in_an_index_whose_key_leaves_the_state_out(tmp_path: Path) -> None:
    made = jobs(tmp_path, NEWEST + WRITES)
    keys = index_of(made)
    assert (keys.partition, keys.where) == ("JOB#ALL", (OPEN,))
    (request,) = made.pattern("wanted").requests
    assert (request.index, request.filter, request.limit, request.forward) == (keys.slot, (), "10", False)


def test_a_state_of_most_rows_gets_no_index_of_its_own(tmp_path: Path) -> None:
    sql = "SELECT * FROM job WHERE state = 'DONE' ORDER BY made DESC LIMIT 10"
    assert index_of(jobs(tmp_path, read(sql) + WRITES)).where == ()


ALL = read("SELECT * FROM job ORDER BY made DESC LIMIT 10", "all")


@pytest.mark.parametrize("condition", ["gone_at IS NULL", "state = 'DONE'"])
def test_most_rows_are_found_in_order_by_one_request_of_a_plain_view(tmp_path: Path, condition: str) -> None:
    """Alone it gets a view of all rows, by the state and the order; where a list of all rows is there already, it takes
    that and drops the few others, which costs no more entries."""
    sql = read(f"SELECT * FROM job WHERE {condition} ORDER BY made DESC LIMIT 10")
    alone = mostly_done(tmp_path, sql + WRITES)
    (request,) = alone.pattern("wanted").requests
    assert (request.filter, request.limit, request.forward, index_of(alone).where) == ((), "10", False, ())
    both = mostly_done(tmp_path, sql + ALL + WRITES)
    (request,) = both.pattern("wanted").requests
    assert (both.indexes(), index_of(both).where, request.limit, len(request.filter)) == (1, (), "10", 1)
    assert both.pattern("wanted").read_units == pytest.approx(both.pattern("all").read_units, rel=0.1)


def test_others_that_may_be_many_are_not_read_over(tmp_path: Path) -> None:
    """Rows of a state may all be the newest ones: a filter would read over them at every call."""
    sql = read("SELECT * FROM job WHERE state = 'DONE' ORDER BY made DESC LIMIT 10")
    made = mostly_done(tmp_path, sql + ALL + WRITES, Limits(bounded_items=100))
    assert made.indexes() == 2
    assert made.pattern("wanted").requests[0].filter == ()


def mostly_done(folder: Path, queries: str, limits: Limits | None = None) -> World:
    """2,400 jobs, too many to be listed; one in twenty is open and gone. These are the newest."""
    rows = [
        (n, f"t{n % 4}", "OPEN" if n >= 2_280 else "DONE", False, f"{n:04}", f"{n:04}" if n >= 2_280 else None)
        for n in range(2_400)
    ]
    made = world(folder, JOBS, queries, {"job": rows}, make_settings(limits or Limits()))
    assert_answers(made)
    return made


def test_a_state_that_a_parameter_names_gets_no_index_of_its_own(tmp_path: Path) -> None:
    sql = "SELECT * FROM job WHERE state = :state ORDER BY made DESC LIMIT 10"
    assert index_of(jobs(tmp_path, read(sql) + WRITES)).where == ()


@pytest.mark.parametrize(
    ("condition", "attribute", "value"),
    [("gone_at IS NULL", "gone_at", None), ("urgent = 1", "urgent", 1), ("urgent = TRUE", "urgent", True)],
)
def test_null_and_truth_are_states_too(tmp_path: Path, condition: str, attribute: str, value: object) -> None:
    sql = f"SELECT * FROM job WHERE tenant = :tenant AND {condition} ORDER BY made LIMIT 10"
    keys = index_of(jobs(tmp_path, read(sql) + WRITES))
    assert keys.partition.endswith("{tenant}")
    assert [(one.attribute, one.values[0].value) for one in keys.where] == [(attribute, value)]


def test_several_states_together_are_read_in_order_by_one_request(tmp_path: Path) -> None:
    sql = "SELECT * FROM job WHERE state IN ('OPEN', 'HELD') ORDER BY made LIMIT 10"
    made = jobs(tmp_path, read(sql) + WRITES)
    assert index_of(made).where == (KeyCondition("state", (Literal("HELD"), Literal("OPEN"))),)
    assert len(made.pattern("wanted").requests) == 1


def test_a_query_for_one_of_several_states_shares_their_index(tmp_path: Path) -> None:
    several = read("SELECT * FROM job WHERE tenant = :tenant AND state IN ('OPEN', 'HELD')", "several")
    one = read("SELECT * FROM job WHERE tenant = :tenant AND state = 'HELD'", "one")
    made = jobs(tmp_path, several + one + WRITES)
    assert index_of(made).where == (KeyCondition("state", (Literal("HELD"), Literal("OPEN"))),)
    assert made.operations("one")[0] == ("Query", "GSI1")


def test_a_query_that_wants_other_rows_does_not_use_the_index_of_a_state(tmp_path: Path) -> None:
    other = read("SELECT * FROM job WHERE state = 'DONE' AND tenant = :tenant", "other")
    made = jobs(tmp_path, NEWEST + other + WRITES)
    slots = {keys.slot: keys for keys in made.plan.entity("JOB").keys}
    assert slots[made.pattern("other").requests[0].index or ""].where == ()


def test_what_the_state_costs_is_what_its_rows_are_measured_to_be(tmp_path: Path) -> None:
    """Three values, and yet not a third of the rows."""
    made = jobs(tmp_path, NEWEST + WRITES, one_in=40)
    data = Data(made.schema, made.statistics)
    open_jobs = Condition(Attr((), "state"), (Literal("OPEN"),))
    assert data.share("job", (open_jobs,)) == pytest.approx(6 / 240)
    assert made.pattern("add").write_units == pytest.approx(1 + 6 / 240)


STATE = (Condition(Attr((), "state"), (Literal("OPEN"),)),)
SHARE = 12 / 240


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        ("INSERT INTO job (id, tenant, state, urgent, made) VALUES (:i, :t, 'OPEN', 0, :m)", 1.0),
        ("INSERT INTO job (id, tenant, state, urgent, made) VALUES (:i, :t, 'DONE', 0, :m)", 0.0),
        ("INSERT INTO job (id, tenant, state, urgent, made) VALUES (:i, :t, :s, 0, :m)", SHARE),
        ("UPDATE job SET state = 'DONE' WHERE id = :i", 1.0),
        ("UPDATE job SET state = 'OPEN' WHERE id = :i", 1.0),
        ("UPDATE job SET state = :s WHERE id = :i", 2 * SHARE),
        ("UPDATE job SET made = :m WHERE id = :i", 2 * SHARE),
        ("UPDATE job SET urgent = :u WHERE id = :i", SHARE),
        ("DELETE FROM job WHERE id = :i", SHARE),
    ],
)
def test_entries_are_written_as_rows_come_into_the_state_and_leave_it(
    tmp_path: Path, statement: str, writes: float
) -> None:
    made = jobs(tmp_path, NEWEST)
    workload = read_workload(f"-- name: w\n-- rate: 1\n{statement};", made.schema, "q.sql")
    rates = write_rates(workload, "job")
    keyed = frozenset({"state", "made", "id"})
    found = entry_writes(Data(made.schema, made.statistics), "job", rates, STATE, keyed, None)
    assert found == pytest.approx(writes)


def test_the_recheck_refuses_a_plan_that_reads_an_index_without_the_rows_that_are_wanted(tmp_path: Path) -> None:
    made = jobs(tmp_path, NEWEST + WRITES)
    assert recheck(made.plan) == ()
    entity = made.plan.entity("JOB")
    held = KeyCondition("state", (Literal("HELD"),))
    keys = tuple(replace(keys, where=(held,)) if keys.where else keys for keys in entity.keys)
    wrong = replace(made.plan, entities=(replace(entity, keys=keys),))
    assert any("has only some rows by state" in fault for fault in recheck(wrong))
