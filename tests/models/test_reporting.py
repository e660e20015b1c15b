"""A report becomes a case: once, with its component, seen by who reported it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.models.cases.reporting import Report, report_case
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def test_a_report_is_taken_in_once_with_all_that_was_told(desks: Desks) -> None:
    component = desks.all("""
        SELECT c.code, c.class_id, public.ST_X(c.geom) AS x, public.ST_Y(c.geom) AS y FROM city.component AS c
        WHERE public.ST_Dimension(c.geom) = 0 ORDER BY c.code LIMIT 1
    """)[0]
    told = Report(
        source="hotline_12345",
        description=" 井盖缺失 ",
        x=component.x,
        y=component.y,
        address="红旗街",
        component_code=component.code,
        level="serious",
        caller_name="王女士",
        caller_phone="0359-1234567",
        wants_call_back=True,
        request_id=uuid.uuid4(),
    )
    with desks.engine("acceptor01").begin() as connection:
        first = report_case(connection, told)
        assert report_case(connection, told) == first
    row = desks.row(first.id)
    assert (row.case_no, row.state, row.description, row.address) == (first.case_no, "reported", "井盖缺失", "红旗街")
    assert (row.component_code, row.class_id, row.kind) == (component.code, component.class_id, "component")
    assert (row.level, row.source, row.caller_phone, row.wants_call_back) == (
        "serious",
        "hotline_12345",
        "0359-1234567",
        True,
    )
    other = desks.other_class(component.class_id)
    with desks.engine("acceptor01").begin() as connection:
        for wrong in (
            replace(told, class_id=other, request_id=uuid.uuid4()),
            replace(told, component_code="1408020102999999", request_id=uuid.uuid4()),
        ):
            with pytest.raises(Refused, check=lambda refused: refused.code == "CT014"), connection.begin_nested():
                report_case(connection, wrong)
        with pytest.raises(Refused, check=lambda refused: refused.code == "CT004"), connection.begin_nested():
            report_case(connection, replace(told, x=told.x + 90_000, component_code=None, request_id=uuid.uuid4()))


def test_an_inspector_sees_what_he_reported_in_another_zone_and_nothing_else_of_it(desks: Desks) -> None:
    x, y = desks.place
    zone = desks.ask("SELECT zone_id FROM city.unit_grid ORDER BY code LIMIT 1")
    away = desks.ask("SELECT min(zone_id) FROM city.team WHERE zone_id <> :zone", zone=zone)
    inspector = desks.login("inspector", zone_id=away)
    count = text("SELECT count(*) FROM city.case_file WHERE zone_id = :zone")
    with desks.engine(inspector).begin() as connection:
        before = connection.scalar(count, {"zone": zone}) or 0
        case_id = report_case(connection, Report(source="inspector", description="占道经营", x=x, y=y)).id
        assert connection.scalar(count, {"zone": zone}) == before + 1
        assert connection.scalar(text("SELECT count(*) FROM city.case_event WHERE case_id = :id"), {"id": case_id}) == 1
        assert connection.scalar(text("SELECT id FROM city.case_as_of(:id, clock_timestamp())"), {"id": case_id})
        assert not list(connection.execute(text("SELECT * FROM city.case_moves(:id)"), {"id": case_id}))
