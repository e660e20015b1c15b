"""What waits at each desk, as the logins of the city see it under their own rights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.models import cases
from console.models.cases import CaseColumn, CaseFilter, CaseSort, Preset, Waiting, pages
from console.models.cases.presets import presets_of
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

WAY = {
    "reported": ("acceptor", Preset.TO_ACCEPT),
    "pending_register": ("shift_leader", Preset.TO_FILE),
    "pending_dispatch": ("dispatcher", Preset.TO_DISPATCH),
    "pending_handle": ("department", Preset.TO_TAKE_ON),
    "handling": ("department", Preset.HANDLING),
    "handle_finish": ("dispatcher", Preset.TO_FEED_BACK),
    "pending_check": ("acceptor", Preset.TO_ORDER_CHECK),
    "checking": ("inspector", Preset.CHECKING),
    "pending_close": ("shift_leader", Preset.TO_CLOSE),
}


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def queue(desks: Desks, login: str, preset: Preset) -> list[int]:
    """What a login finds in a queue of its role."""
    role = desks.ask("SELECT role::text FROM city.staff WHERE login = :login", login=login)
    with desks.engine(login).connect() as connection:
        return cases.page_ids(connection, CaseFilter(preset=preset, role=role), CaseSort(), limit=1000)


def counts(desks: Desks, login: str) -> dict[Preset, Waiting]:
    role = desks.ask("SELECT role::text FROM city.staff WHERE login = :login", login=login)
    with desks.engine(login).connect() as connection:
        return cases.preset_counts(connection, role)


def holder(desks: Desks, case_id: int, state: str) -> str:
    """The login whose turn it is on the plain way."""
    return desks.plain_way(case_id, desks.condition("UH"))[state][1]


def test_a_case_waits_in_the_inbox_of_whoever_leads_it_on_and_of_nobody_else(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(condition)
    for state, (role, preset) in WAY.items():
        desks.bring_to(state, condition, case_id)
        login = holder(desks, case_id, state)
        assert case_id in queue(desks, login, preset), state
        assert case_id in queue(desks, login, Preset.POST), state
        for other in ("acceptor", "dispatcher", "department", "inspector"):
            # Accepting, shift leaders may do as well as acceptors.
            if other != role:
                named = {"department_id": condition.competent_id} if other == "department" else {}
                assert case_id not in queue(desks, desks.login(other, **named), Preset.POST), (state, other)
    desks.bring_to("closed", condition, case_id)
    assert case_id not in queue(desks, desks.login("shift_leader"), Preset.POST)


def test_counts_are_what_the_queues_hold(desks: Desks) -> None:
    for role in ("acceptor", "shift_leader", "dispatcher", "department", "inspector", "supervisor"):
        login = desks.login(role)
        found = counts(desks, login)
        assert list(found) == [preset for preset in presets_of(role) if preset is not Preset.ALL]
        for preset, waiting in found.items():
            assert waiting.cases == len(queue(desks, login, preset)), (role, preset)
            assert waiting.soon + waiting.overdue <= waiting.cases
        assert found[Preset.OVERDUE].overdue == found[Preset.OVERDUE].cases


def test_what_comes_back_to_a_post_is_for_whoever_moved_it_there_before(desks: Desks) -> None:
    condition = desks.condition("UH")
    first, second = desks.all("SELECT login FROM city.staff WHERE role = 'acceptor' AND active ORDER BY login LIMIT 2")
    case_id = desks.report(condition)
    desks.move(second.login, case_id, "accept", condition_id=condition.id)
    assert case_id not in queue(desks, second.login, Preset.MINE), "it waits for the shift leader"
    desks.bring_to("pending_check", condition, case_id)
    assert case_id in queue(desks, second.login, Preset.MINE)
    assert case_id not in queue(desks, first.login, Preset.MINE)
    assert counts(desks, second.login)[Preset.MINE].cases >= 1


def test_what_is_assigned_to_a_person_is_that_persons(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    unit = condition.competent_id
    lead, member = (
        desks.login("department", department_id=unit, lead=True),
        desks.login("department", department_id=unit),
    )
    assert case_id in queue(desks, member, Preset.MINE), "who accepted it"
    lead_id = desks.ask("SELECT id FROM city.staff WHERE login = :login", login=lead)
    desks.move(member, case_id, "assign", staff_id=lead_id)
    assert case_id in queue(desks, lead, Preset.MINE)
    assert case_id not in queue(desks, member, Preset.MINE)
    assert case_id in queue(desks, member, Preset.HANDLING)


def test_requests_wait_for_whoever_answers_them(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    unit = condition.competent_id
    desks.move(desks.login("department", department_id=unit), case_id, "request_extension", opinion="需要配件")
    lead, dispatcher = desks.login("department", department_id=unit, lead=True), desks.login("dispatcher")
    assert case_id in queue(desks, lead, Preset.REQUESTS)
    assert case_id not in queue(desks, dispatcher, Preset.REQUESTS)
    desks.move(lead, case_id, "endorse")
    assert case_id in queue(desks, dispatcher, Preset.REQUESTS)
    assert case_id in queue(desks, dispatcher, Preset.POST)
    assert counts(desks, dispatcher)[Preset.REQUESTS].cases == 1
    desks.move(dispatcher, case_id, "extend")
    assert case_id not in queue(desks, dispatcher, Preset.REQUESTS)


def test_work_that_failed_its_check_is_marked_for_the_department(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handle_finish", condition)
    unit = desks.login("department", department_id=condition.competent_id)
    assert case_id not in queue(desks, unit, Preset.REWORKED)
    desks.move(desks.login("dispatcher"), case_id, "rework", opinion="未清理干净")
    assert case_id in queue(desks, unit, Preset.REWORKED)
    assert case_id in queue(desks, unit, Preset.TO_TAKE_ON)


def test_the_number_of_all_cases_is_what_counting_them_would_tell(desks: Desks) -> None:
    condition = desks.condition("UH")
    inspector = desks.login("inspector")
    desks.bring_to("handling", condition)
    elsewhere = desks.all(
        "SELECT f.id FROM city.case_file AS f JOIN city.staff AS s ON s.login = :login"
        " JOIN city.team AS t ON t.id = s.team_id WHERE f.zone_id <> t.zone_id ORDER BY f.id LIMIT 3",
        login=inspector,
    )
    with desks.owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE city.case_file DISABLE TRIGGER USER")
        # One that he is asked to look at, one that he has reported, one that is both.
        for column, places in (("inspector_id", (0, 2)), ("reporter_id", (1, 2))):
            connection.execute(
                text(
                    f"UPDATE city.case_file SET {column} = (SELECT id FROM city.staff WHERE login = :login)"
                    " WHERE id = ANY(:ids)"
                ),
                {"login": inspector, "ids": [elsewhere[place].id for place in places]},
            )
        connection.exec_driver_sql("ALTER TABLE city.case_file ENABLE TRIGGER USER")
    logins = [desks.login(role) for role in ("acceptor", "shift_leader", "dispatcher", "supervisor", "department")]
    for login in (*logins, desks.login("department", department_id=condition.competent_id), inspector):
        with desks.engine(login).connect() as connection:
            counted = connection.exec_driver_sql("SELECT count(*) FROM city.case_file").scalar_one()
            assert cases.count(connection, CaseFilter()) == counted, login
            assert len(cases.page_ids(connection, CaseFilter(), CaseSort(), limit=50)) == min(50, counted)
    with desks.owner.connect() as connection:
        assert cases.count(connection, CaseFilter()) == desks.ask("SELECT count(*) FROM city.case_file")


VISIBLE = {
    "department": "responsible_id = (SELECT department_id FROM city.staff WHERE login = :login)",
    "inspector": "zone_id = (SELECT t.zone_id FROM city.staff AS s JOIN city.team AS t ON t.id = s.team_id"
    " WHERE s.login = :login) OR (SELECT id FROM city.staff WHERE login = :login) IN (inspector_id, reporter_id)",
}


@pytest.mark.parametrize("role", ["inspector", "department"])
def test_a_desk_that_sees_a_part_finds_of_each_queue_what_is_its_to_see_in_the_same_order(
    desks: Desks, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("WALKED", 60), ("GATHERED", 100), ("RARE", 5)):
        monkeypatch.setattr(pages, name, number)
    x, y = desks.place
    corners = ((x - 4000, y - 4000), (x + 4000, y - 4000), (x + 4000, y + 4000), (x - 4000, y + 4000))
    unit = desks.ask(
        "SELECT responsible_id FROM city.case_file WHERE responsible_id IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    login = desks.login(role, department_id=unit) if role == "department" else desks.login(role)
    with desks.owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE city.case_file DISABLE TRIGGER USER")
        # Cases all over the city that an inspector was asked to look at, or has reported.
        for column, rest in (("inspector_id", 1), ("reporter_id", 2)):
            connection.execute(
                text(
                    f"UPDATE city.case_file SET {column} = (SELECT id FROM city.staff WHERE login = :login)"
                    " WHERE id % 31 = :rest"
                ),
                {"login": login, "rest": rest},
            )
        connection.exec_driver_sql("ALTER TABLE city.case_file ENABLE TRIGGER USER")
    visible = set(desks.ask(f"SELECT array_agg(id) FROM city.case_file WHERE {VISIBLE[role]}", login=login))
    # Words are looked for in the texts of some cases, or by the index of words.
    asked = (
        (CaseFilter(), CaseColumn.ZONE, 0),
        (CaseFilter(polygon=corners), CaseColumn.REPORTED, 0),
        (CaseFilter(polygon=corners), CaseColumn.DEADLINE, 0),
        (CaseFilter(text="路"), CaseColumn.DEADLINE, 0),
        (CaseFilter(text="垃圾 路与", modes=frozenset({"closed_loop", "direct_assess"})), CaseColumn.CLASS, 5),
        (CaseFilter(text="垃圾 路与", modes=frozenset({"closed_loop", "direct_assess"})), CaseColumn.CLASS, 100_000),
        (CaseFilter(states=frozenset({"closed"})), CaseColumn.REPORTED, 0),
    )
    with desks.engine(login).connect() as connection, desks.owner.connect() as owner:
        for wanted, column, read in asked:
            monkeypatch.setattr(pages, "READ", read)
            sort = CaseSort(column, descending=column is not CaseColumn.DEADLINE)
            everybodys = cases.page_ids(owner, wanted, sort, limit=cases.count(owner, wanted))
            expected = [case_id for case_id in everybodys if case_id in visible]
            total, middle = len(expected), len(expected) // 2 - 1
            assert total > 7
            assert cases.count(connection, wanted) == total
            ids = partial(cases.page_ids, connection, wanted, sort)
            assert ids(limit=total + 1) == expected, (wanted, column)
            assert ids(limit=7, total=total) == expected[:7]
            assert ids(offset=middle, limit=7) == expected[middle:][:7]
            assert ids(offset=middle, limit=7, total=total) == expected[middle:][:7]
            assert ids(offset=total - 3, limit=7, total=total) == expected[-3:]
            (row,) = cases.rows(connection, expected[middle : middle + 1])
            assert ids(after=row, limit=7) == expected[middle + 1 :][:7]
            assert cases.position_of(connection, expected[middle], wanted, sort) == middle
