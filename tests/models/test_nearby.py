"""Who is near a flood point, how that is known, and asking one of them in the same breath as the report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.cases.reporting import Report
from console.models.nearby import Helper, helpers, send
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

POINT = 1


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def found(desks: Desks, now: datetime | None = None) -> list[Helper]:
    with desks.engine(desks.login("shift_leader")).connect() as connection:
        return helpers(connection, POINT, now=now)


def report(desks: Desks, class_id: int | None = None) -> Report:
    x, y = desks.all("SELECT public.ST_X(geom), public.ST_Y(geom) FROM city.flood_point WHERE id = :id", id=POINT)[0]
    return Report(source="sensor", description="积水 22 厘米", x=x, y=y, class_id=class_id)


def flooding(desks: Desks) -> int:
    return int(desks.ask("SELECT id FROM city.case_class WHERE kind = 'event' AND code = '0506' AND in_use"))


def test_inspectors_are_known_by_home_until_they_look_at_a_case(desks: Desks) -> None:
    zone = desks.ask("SELECT zone_id FROM city.flood_point WHERE id = :id", id=POINT)
    mine = [h for h in found(desks) if h.kind == "inspector" and h.distance_m == 0]
    at_home = desks.ask(
        "SELECT count(*) FROM city.staff AS s JOIN city.team AS t ON t.id = s.team_id WHERE s.active"
        " AND s.role = 'inspector' AND t.zone_id = :zone",
        zone=zone,
    )
    assert len(mine) == at_home > 0
    assert {h.known_by for h in mine} == {"home"}
    condition = desks.condition("WH")
    case_id = desks.bring_to("pending_close", condition)
    checked = desks.all(
        "SELECT e.staff_id, public.ST_Distance(f.geom, p.geom) AS far FROM city.case_event AS e"
        " JOIN city.case_file AS f ON f.id = e.case_id, city.flood_point AS p"
        " WHERE e.case_id = :id AND e.move = 'check' AND p.id = :point",
        id=case_id,
        point=POINT,
    )[0]
    now = next(h for h in found(desks) if h.kind == "inspector" and h.id == checked.staff_id)
    assert now.known_by == "case"
    assert now.distance_m == pytest.approx(checked.far)
    assert now.at is not None


def test_trucks_come_by_distance_and_silent_ones_last(desks: Desks) -> None:
    with desks.owner.begin() as connection:
        connection.execute(text("UPDATE city.vehicle_state SET at = now() - interval '3 hours'"))
        connection.execute(
            text("""
                UPDATE city.vehicle_state SET at = now(), geom = (
                    SELECT public.ST_Translate(p.geom, 30, 40) FROM city.flood_point AS p WHERE p.id = :point)
                WHERE vehicle_id = 2
            """),
            {"point": POINT},
        )
    trucks = [h for h in found(desks) if h.kind == "truck"]
    assert (trucks[0].id, trucks[0].silent) == (2, False)
    assert trucks[0].distance_m == pytest.approx(50.0)
    assert all(h.silent for h in trucks[1:])


def test_the_crews_are_those_of_the_department_of_the_point(desks: Desks) -> None:
    crews = {h.id for h in found(desks) if h.kind == "crew"}
    expected = desks.all(
        "SELECT s.id FROM city.staff AS s JOIN city.flood_point AS p ON p.department_id = s.department_id"
        " WHERE p.id = :id AND s.role = 'department' AND s.active",
        id=POINT,
    )
    assert crews == {row.id for row in expected} != set()
    assert all(h.distance_m is None for h in found(desks) if h.kind == "crew")


def test_the_roster_tells_who_is_on_duty(desks: Desks) -> None:
    day = desks.ask("SELECT max(day) FROM city.roster")
    noon = datetime.fromisoformat(f"{day} 12:00+08:00")
    assert {h.on_duty for h in found(desks, noon) if h.kind == "inspector"} <= {True, False}
    assert {h.on_duty for h in found(desks, noon + timedelta(days=30))} == {None}


def test_an_inspector_is_asked_with_the_report_and_only_once(desks: Desks) -> None:
    inspector = next(h for h in found(desks) if h.kind == "inspector")
    handed = report(desks, flooding(desks))
    for _ in range(2):
        with desks.engine(desks.login("acceptor")).begin() as connection:
            made = send(connection, handed, POINT, inspector)
    row = desks.row(made.id)
    assert (row.state, row.inspector_id) == ("pending_verify", inspector.id)
    events = desks.all("SELECT move::text FROM city.case_event WHERE case_id = :id ORDER BY seq", id=made.id)
    assert [event.move for event in events] == ["report", "order_verify"]


def test_a_case_for_a_crew_is_accepted_for_its_department(desks: Desks) -> None:
    crew = next(h for h in found(desks) if h.kind == "crew")
    with desks.engine(desks.login("acceptor")).begin() as connection:
        made = send(connection, report(desks, flooding(desks)), POINT, crew)
    assert desks.row(made.id).state == "pending_register"


def test_without_a_class_nobody_is_asked_and_nothing_is_reported(desks: Desks) -> None:
    before = desks.ask("SELECT count(*) FROM city.case_file")
    inspector = next(h for h in found(desks) if h.kind == "inspector")
    with pytest.raises(ConsoleError), desks.engine(desks.login("acceptor")).begin() as connection:
        send(connection, report(desks), POINT, inspector)
    assert desks.ask("SELECT count(*) FROM city.case_file") == before


def test_a_driver_is_told_by_those_who_may_and_else_nothing_is_reported(desks: Desks) -> None:
    truck = next(h for h in found(desks) if h.kind == "truck")
    with desks.engine(desks.login("shift_leader")).begin() as connection:
        send(connection, report(desks), POINT, truck, words="请到解放路立交桥")
    told = desks.all("SELECT vehicle_id, content ->> 'words' AS words FROM city.terminal_command")
    assert [row.vehicle_id for row in told] == [truck.id]
    before = desks.ask("SELECT count(*) FROM city.case_file")
    with pytest.raises((Refused, ConsoleError)), desks.engine(desks.login("acceptor")).begin() as connection:
        send(connection, report(desks), POINT, truck, words="请到解放路立交桥")
    assert desks.ask("SELECT count(*) FROM city.case_file") == before
