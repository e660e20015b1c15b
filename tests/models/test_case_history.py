"""What the history of a case tells, and to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.models import cases
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

ROLES = ("acceptor", "dispatcher", "shift_leader", "department", "engineer", "supervisor", "inspector", "administrator")


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def test_each_move_names_post_unit_and_what_it_took(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handle_finish", condition)
    with desks.engine(desks.login("acceptor")).connect() as connection:
        found = cases.detail(connection, case_id)
    assert found is not None
    moves = [event.move for event in found.events]
    assert moves == ["report", "accept", "file", "dispatch", "department_accept", "dispose"]
    assert [event.role for event in found.events] == [
        "acceptor", "acceptor", "shift_leader", "dispatcher", "department", "department",
    ]  # fmt: skip
    done = found.events[-1]
    name = desks.ask("SELECT short_name FROM city.department WHERE id = :id", id=condition.competent_id)
    assert done.unit == name
    assert found.events[0].unit == ""
    assert done.opinion == "已清理"
    row = desks.row(case_id)
    assert done.disposal_minutes == row.consumed_minutes
    assert (done.limit_minutes, done.limit_unit) == (row.limit_minutes, "UH")
    assert {event.disposal_minutes for event in found.events[:-1]} == {None}


def test_after_rework_each_disposal_tells_its_own_time(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handle_finish", condition)
    first = desks.row(case_id).consumed_minutes
    desks.move(desks.login("dispatcher"), case_id, "rework", opinion="仍有残留")
    desks.bring_to("handle_finish", condition, case_id)
    with desks.engine(desks.login("dispatcher")).connect() as connection:
        found = cases.detail(connection, case_id)
    assert found is not None
    used = [event.disposal_minutes for event in found.events if event.move == "dispose"]
    assert used == [first, desks.row(case_id).consumed_minutes]
    assert None not in used
    assert len(set(used)) == 2, "the clock went on"


@pytest.mark.parametrize("role", ROLES)
def test_the_time_of_disposals_is_told_of_the_cases_that_one_sees_and_of_no_others(desks: Desks, role: str) -> None:
    disposed = "SELECT DISTINCT case_id FROM city.case_event WHERE move = 'dispose' ORDER BY case_id LIMIT 400"
    asked = [row.case_id for row in desks.all(disposed)]
    with desks.engine(desks.login(role)).connect() as connection:
        seen = set(connection.scalars(text("SELECT id FROM city.case_file WHERE id = ANY(:ids)"), {"ids": asked}))
        told = set(
            connection.scalars(
                text("SELECT w.id FROM unnest(CAST(:ids AS bigint[])) AS w (id), city.case_disposals(w.id)"),
                {"ids": asked},
            )
        )
    assert told == seen
    assert (seen < set(asked)) == (role in {"department", "inspector"})


def test_a_case_is_shown_as_it_was_after_each_of_its_moves(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(condition)
    was = [desks.row(case_id)]
    desks.move(desks.login("acceptor"), case_id, "amend", description="后来补充的描述", level="serious")
    was.append(desks.row(case_id))
    for state in ("pending_register", "pending_dispatch", "pending_handle", "handling", "handle_finish", "closed"):
        desks.bring_to(state, condition, case_id)
        if desks.row(case_id).version == was[-1].version + 1:
            was.append(desks.row(case_id))
    with desks.engine(desks.login("shift_leader")).connect() as connection:
        now = cases.detail(connection, case_id)
        assert now is not None
        assert now.as_of is None
        for row in was:
            at = now.events[row.version - 1].at
            then = cases.detail(connection, case_id, at)
            assert then is not None
            shown = then.row
            assert (shown.version, shown.state, shown.description, shown.level, shown.deadline, shown.due_at) == (
                row.version, row.state, row.description, row.level, row.deadline, row.due_at,
            )  # fmt: skip
            assert shown.is_open == row.is_open
            assert (then.as_of, then.events) == (at, now.events)
        assert cases.detail(connection, case_id, now.events[0].at - timedelta(seconds=1)) is None
    assert {row.description for row in was} == {"占道经营", "后来补充的描述"}


@pytest.mark.parametrize("role", ROLES)
def test_the_past_of_a_case_is_shown_to_those_who_see_it_and_callers_to_those_who_may_know_them(
    desks: Desks, role: str
) -> None:
    asked = [row.id for row in desks.all("SELECT id FROM city.case_file ORDER BY id DESC LIMIT 300")]
    with desks.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE city.case_file SET caller_phone = '13800000000'")
    with desks.engine(desks.login(role)).connect() as connection:
        seen = set(connection.scalars(text("SELECT id FROM city.case_file WHERE id = ANY(:ids)"), {"ids": asked}))
        query = """
            SELECT f.id, f.caller_phone FROM unnest(CAST(:ids AS bigint[])) AS w (id), city.case_as_of(w.id, now()) AS f
        """
        told = connection.execute(text(query), {"ids": asked}).all()
    assert {row.id for row in told} == seen
    knows = role in {"acceptor", "dispatcher", "shift_leader", "administrator"}
    assert {row.caller_phone for row in told} <= ({"13800000000"} if knows else {None})
