"""A case goes its way by moves alone: each by the login whose post may make it, every other one is refused."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.models.cases.moves import Move, attempt, keep, possible
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@pytest.fixture
def centre(database: Engine) -> Iterator[Desks]:
    centre = Desks(database)
    yield centre
    centre.close()


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def folded(centre: Desks, case_id: int) -> None:
    """The row is the fold of its history."""
    assert centre.ask(
        "SELECT city.folded_columns(f) = city.folded_columns(city.fold_case(id)) FROM city.case_file f WHERE id = :id",
        id=case_id,
    )


def test_a_case_goes_from_report_to_closure_through_five_posts(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.report(condition)
    for name, login, given in centre.plain_way(case_id, condition).values():
        with centre.engine(login).connect() as connection:
            assert name in {one.move for one in possible(connection, case_id)}
        moved = centre.move(login, case_id, name, **given)
        assert moved.version == moved.seq == centre.row(case_id).version
        folded(centre, case_id)
    row = centre.row(case_id)
    assert (row.state, row.is_overdue, row.responsible_id) == ("closed", False, condition.competent_id)
    assert row.deadline == row.dispatched_at + timedelta(hours=condition.limit_value)
    moves = centre.ask("SELECT array_agg(move::text ORDER BY seq) FROM city.case_event WHERE case_id = :id", id=case_id)
    assert moves == ["report", *(name for name, _, _ in centre.plain_way(case_id, condition).values())]
    assert (
        centre.ask("SELECT count(*) FROM city.change_log WHERE subject = 'case_file' AND key = :key", key=str(case_id))
        >= 10
    )


def test_the_second_writer_is_told_what_changed(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.report(condition)
    centre.move("acceptor01", case_id, "accept", condition_id=condition.id)
    with refused("CT010") as caught:
        centre.move("acceptor02", case_id, "accept", version=1, condition_id=condition.id)
    assert caught.value.values["version"] == 2
    assert "受理员" in caught.value.text("zh_CN")
    assert centre.row(case_id).version == 2


def test_a_move_that_is_repeated_is_made_once_and_answered_the_same(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.report(condition)
    request = uuid.uuid4()
    first = centre.move("acceptor01", case_id, "accept", version=1, request_id=request)
    centre.move(centre.login("shift_leader"), case_id, "file", condition_id=condition.id)
    assert centre.move("acceptor01", case_id, "accept", version=1, request_id=request) == first
    assert centre.row(case_id).version == 3
    with refused("CT014"):
        centre.move("acceptor01", case_id, "refuse", version=3, opinion="x", request_id=request)


def test_a_department_neither_sees_nor_moves_the_case_of_another(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.bring_to("pending_handle", condition)
    other = str(
        centre.ask(
            "SELECT min(login) FROM city.staff WHERE role = 'department' AND department_id <> :own",
            own=condition.competent_id,
        )
    )
    with refused("CT013"):
        centre.move(other, case_id, "department_accept")
    with centre.engine(other).connect() as connection:
        assert possible(connection, case_id) == ()
        for table, key in (("case_file", "id"), ("case_event", "case_id")):
            query = text(f"SELECT count(*) FROM city.{table} WHERE {key} = :id")
            assert connection.scalar(query, {"id": case_id}) == 0
    own = centre.login("department", department_id=condition.competent_id)
    with centre.engine(own).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.case_event WHERE case_id = :id"), {"id": case_id}) == 4


def test_who_gains_a_post_by_the_list_of_staff_gains_no_right(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.report(condition)
    with centre.owner.begin() as connection:
        connection.execute(text("ALTER TABLE city.staff DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE city.staff SET role = 'acceptor' WHERE login = 'engineer01'"))
    with refused("CT016"):
        centre.move("engineer01", case_id, "accept")


def test_nobody_disposes_of_what_he_filed(centre: Desks) -> None:
    """监管分离: the same person, moved from the centre to a department meanwhile, may not judge his own work."""
    condition = centre.condition("UH")
    case_id = centre.bring_to("pending_close", condition)
    unit = centre.login("department", department_id=condition.competent_id)
    with centre.owner.begin() as connection:
        connection.execute(text("ALTER TABLE city.staff DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE city.staff SET role = 'shift_leader' WHERE login = :login"), {"login": unit})
        connection.execute(text(f"GRANT shift_leader TO {unit}"))
    try:
        with refused("CT015"):
            centre.move(unit, case_id, "close")
    finally:
        # Logins are the whole server's, also that of other tests.
        with centre.owner.begin() as connection:
            connection.execute(text(f"REVOKE shift_leader FROM {unit}"))
    centre.move("shift_leader01", case_id, "close")


def test_what_a_move_requires_must_be_given_and_fit(centre: Desks) -> None:
    condition = centre.condition("UH")
    other_class = centre.ask(
        "SELECT id FROM city.filing_condition WHERE class_id <> :own ORDER BY id LIMIT 1", own=condition.class_id
    )
    case_id = centre.bring_to("pending_register", condition)
    leader = centre.login("shift_leader")
    for given in ({}, {"condition_id": other_class}, {"condition_id": condition.id, "passed": True}):
        with refused("CT014"):
            centre.move(leader, case_id, "file", **given)
    with refused("CT011"):
        centre.move(centre.login("dispatcher"), case_id, "dispatch", department_id=condition.competent_id)
    with refused("CT012"):
        centre.move("acceptor01", case_id, "file", condition_id=condition.id)
    assert centre.row(case_id).version == 2


def test_an_extension_is_asked_for_endorsed_and_granted_twice_at_most(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.bring_to("handling", condition)
    unit = centre.login("department", department_id=condition.competent_id)
    lead = centre.login("department", department_id=condition.competent_id, lead=True)
    dispatcher = centre.login("dispatcher")
    before = centre.row(case_id)
    for granted in (1, 2):
        centre.move(unit, case_id, "request_extension", opinion="道路封闭")
        with refused("CT011"):
            centre.move(dispatcher, case_id, "extend")
        with refused("CT012"):
            centre.move(unit, case_id, "endorse")
        centre.move(lead, case_id, "endorse")
        centre.move(dispatcher, case_id, "extend")
        row = centre.row(case_id)
        assert row.extensions == granted
        assert row.deadline == before.deadline + granted * timedelta(hours=condition.limit_value)
        folded(centre, case_id)
    with refused("CT017"):
        centre.move(unit, case_id, "request_extension", opinion="道路封闭")


def test_a_suspension_stops_the_clock_once_and_for_a_year_at_most(centre: Desks) -> None:
    condition = centre.condition("WH")
    case_id = centre.bring_to("handling", condition)
    dispatcher = centre.login("dispatcher")
    today = centre.ask("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
    with refused("CT017"):
        centre.move(dispatcher, case_id, "suspend", until=today + timedelta(days=370))
    centre.move(dispatcher, case_id, "suspend", until=today, opinion="待春季")
    row = centre.row(case_id)
    assert (row.state, row.running_since, row.due_at) == ("suspended", None, None)
    centre.move(dispatcher, case_id, "resume")
    assert centre.row(case_id).running_since is not None
    folded(centre, case_id)
    with refused("CT017"):
        centre.move(dispatcher, case_id, "suspend", until=today)


def test_the_keeper_marks_what_is_overdue_and_resumes_what_is_due(centre: Desks) -> None:
    due = "SELECT array_agg(id) FROM city.case_file WHERE state = 'suspended' AND suspended_until < CURRENT_DATE"
    late = """
        SELECT array_agg(id) FROM city.case_file
        WHERE state IN ('pending_handle', 'handling') AND NOT is_overdue AND deadline < clock_timestamp()
    """
    with centre.owner.begin() as connection:
        connection.execute(text("ALTER TABLE city.case_event DISABLE TRIGGER USER"))
        # As if the newest suspension had been for a day that has passed.
        case_id = centre.ask("SELECT max(id) FROM city.case_file WHERE state = 'suspended'")
        connection.execute(
            text("""
                UPDATE city.case_event SET detail = jsonb_build_object('until', CURRENT_DATE - 1)
                WHERE case_id = :id AND move = 'suspend'
            """),
            {"id": case_id},
        )
        connection.execute(
            text("UPDATE city.case_file SET suspended_until = CURRENT_DATE - 1 WHERE id = :id"), {"id": case_id}
        )
    resumed, marked = centre.ask(due), centre.ask(late)
    assert case_id in resumed
    assert marked
    with centre.engine("acceptor01").begin() as connection:
        assert keep(connection) == len(resumed) + len(marked)
    with centre.engine("acceptor02").begin() as connection:
        # What was resumed may have had nothing left.
        assert keep(connection) <= len(resumed)
    for one in (case_id, marked[0]):
        folded(centre, one)
    assert centre.row(marked[0]).is_overdue
    assert centre.row(case_id).state == "handling"
    assert centre.row(case_id).running_since == centre.ask(
        "SELECT CURRENT_DATE::timestamp AT TIME ZONE 'Asia/Shanghai'"
    )


def test_overdue_is_one_mark_for_ever_that_a_granted_appeal_leaves_out_of_the_figures(centre: Desks) -> None:
    condition = centre.condition("UH")
    unit = centre.login("department", department_id=condition.competent_id)
    counted = "SELECT sum(closed_overdue) FROM city.case_fact WHERE id = :id"
    for granted in (True, False):
        case_id = centre.close_late(condition)
        assert centre.row(case_id).is_overdue
        assert centre.ask(counted, id=case_id) == 1
        centre.move(unit, case_id, "appeal", opinion="因道路封闭无法进场")
        with refused("CT011"):
            centre.move(centre.login("acceptor"), case_id, "decide_appeal", passed=True)
        centre.move(centre.login("dispatcher"), case_id, "review_appeal", passed=True)
        assert centre.ask(counted, id=case_id) == 1  # not granted yet
        centre.move(centre.login("acceptor"), case_id, "decide_appeal", passed=granted)
        assert centre.row(case_id).is_overdue
        assert centre.ask(counted, id=case_id) == (0 if granted else 1)
        with refused("CT017"):
            centre.move(unit, case_id, "appeal", opinion="再次申诉")
    in_time = centre.bring_to("closed", condition)
    with refused("CT017"):
        centre.move(unit, in_time, "appeal", opinion="因道路封闭无法进场")


def test_another_department_starts_anew_and_the_same_goes_on(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.bring_to("handling", condition)
    unit = centre.login("department", department_id=condition.competent_id)
    dispatcher = centre.login("dispatcher")
    first = centre.row(case_id)
    centre.move(unit, case_id, "return", opinion="不属本单位职责")
    assert centre.row(case_id).running_since is None
    used = centre.row(case_id).consumed_minutes
    centre.move(dispatcher, case_id, "dispatch", department_id=condition.competent_id)
    assert centre.row(case_id).dispatched_at == first.dispatched_at
    assert centre.row(case_id).consumed_minutes == used > 0
    centre.move(unit, case_id, "return", opinion="不属本单位职责")
    other = centre.ask(
        "SELECT department_id FROM city.staff WHERE is_lead AND department_id <> :own ORDER BY 1 LIMIT 1",
        own=condition.competent_id,
    )
    centre.move(dispatcher, case_id, "dispatch", department_id=other)
    assert centre.row(case_id).consumed_minutes == 0
    assert centre.row(case_id).dispatched_at > first.dispatched_at
    folded(centre, case_id)


def test_a_failed_check_goes_back_to_the_unit_and_counts_as_rework(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.bring_to("checking", condition)
    inspector = centre.login("inspector", zone_id=centre.row(case_id).zone_id)
    centre.move(inspector, case_id, "check", passed=False)
    assert centre.row(case_id).state == "check_not_pass"
    before = centre.row(case_id)
    centre.move(centre.login("dispatcher"), case_id, "rework", opinion="未清理干净")
    row = centre.row(case_id)
    assert (row.state, row.reworks, row.consumed_minutes) == ("pending_handle", 1, before.consumed_minutes)
    folded(centre, case_id)


def test_a_duplicate_points_to_the_case_that_it_repeats(centre: Desks) -> None:
    condition = centre.condition("UH")
    first, second = centre.report(condition), centre.report(condition)
    with refused("CT014"):
        centre.move("acceptor01", second, "merge", other_case_id=second)
    centre.move("acceptor01", second, "merge", other_case_id=first)
    assert (centre.row(second).state, centre.row(second).merged_into) == ("not_accepted", first)
    with refused("CT014"):
        centre.move("acceptor01", first, "merge", other_case_id=second)


def test_many_moves_are_judged_one_by_one(centre: Desks) -> None:
    condition = centre.condition("UH")
    cases = [centre.report(condition) for _ in range(3)]
    centre.move("acceptor01", cases[1], "refuse", opinion="不在受理范围")
    wanted = [Move(case_id=one, move="accept", version=1) for one in cases]
    with centre.engine("acceptor02").begin() as connection:
        verdicts = [attempt(connection, one) for one in wanted]
    assert [verdict.refused.code if verdict.refused else None for verdict in verdicts] == [None, "CT010", None]
    assert [centre.row(one).state for one in cases] == ["pending_register", "not_accepted", "pending_register"]


def test_a_trial_tells_what_would_become_of_a_move_and_keeps_nothing(centre: Desks) -> None:
    condition = centre.condition("UH")
    case_id = centre.bring_to("pending_dispatch", condition)
    before, told = centre.row(case_id), centre.ask("SELECT count(*) FROM city.change_log")
    wanted = Move(case_id=case_id, move="dispatch", version=before.version, department_id=condition.competent_id)
    with centre.engine(centre.login("dispatcher")).begin() as connection:
        verdict = attempt(connection, wanted, trial=True)
        without = attempt(connection, replace(wanted, department_id=None), trial=True)
    assert verdict.moved is not None
    assert (verdict.moved.state, verdict.moved.deadline is None) == ("pending_handle", False)
    assert without.refused is not None
    assert without.refused.code == "CT014"
    assert centre.row(case_id) == before
    assert centre.ask("SELECT count(*) FROM city.change_log") == told
    folded(centre, case_id)
    centre.move(centre.login("dispatcher"), case_id, "dispatch", department_id=condition.competent_id)


def test_open_cases_of_the_seeded_city_can_be_moved(centre: Desks) -> None:
    states = centre.ask("SELECT array_agg(DISTINCT state::text) FROM city.case_file WHERE is_open")
    assert {"pending_dispatch", "handling", "pending_close"} <= set(states)
    connection: Connection
    for state, role, name, given in (
        ("reported", "acceptor", "accept", {}),
        ("handling", "dispatcher", "urge", {"opinion": "请抓紧"}),
        ("handle_finish", "dispatcher", "feed_back", {}),
        ("pending_close", "shift_leader", "close", {}),
    ):
        case_id = centre.ask("SELECT min(id) FROM city.case_file WHERE state = CAST(:s AS city.case_state)", s=state)
        if case_id is None:
            continue
        centre.move(centre.login(role), case_id, name, **given)
        folded(centre, case_id)
    with centre.owner.connect() as connection:
        unit = connection.execute(
            text("""
                SELECT f.id, s.login FROM city.case_file f JOIN city.staff s ON s.department_id = f.responsible_id
                WHERE f.state = 'handling' AND s.role = 'department' AND s.is_lead ORDER BY f.id LIMIT 1
            """)
        ).one()
    centre.move(unit.login, unit.id, "dispose", opinion="已处置")
    folded(centre, unit.id)
