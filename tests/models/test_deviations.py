"""How far a truck was from its route, and what proves it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import text

from console.models import deviations, fleet
from tests.deviations import BACK, INSIDE, OUTSIDE, left_its_route
from tests.monitored import NIGHT, TRUCK

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from console.models.deviations import Evidence
    from tests.monitored import City

SECOND = timedelta(seconds=1)


def told(city: City, alarm_id: int, login: str = "shift_leader01") -> Evidence:
    with city.engine(login).connect() as connection:
        found = deviations.evidence(connection, alarm_id)
    assert found is not None
    return found


@pytest.mark.parametrize("away_m", [180.0, -180.0])
def test_offsets_are_signed_by_the_side_of_the_route(database: Engine, away_m: float) -> None:
    city, alarm_id = left_its_route(database, away_m, messages=False)
    found = told(city, alarm_id)
    assert (found.track.at - NIGHT.timestamp()).tolist() == [*INSIDE, *OUTSIDE, *BACK]
    expected = [5.0] * len(INSIDE) + [away_m] * len(OUTSIDE) + [5.0] * len(BACK)
    assert found.offsets.offset_m.tolist() == pytest.approx(expected, abs=0.5)
    assert found.corridor_m == 50
    assert set(found.offsets.numbers) == set(
        city.ask("SELECT array_agg(permit_no) FROM city.route_permit WHERE vehicle_id = :id", id=TRUCK)
    )
    assert found.messages == ()


def test_without_a_permit_there_is_no_offset(database: Engine) -> None:
    city, _ = left_its_route(database, messages=False)
    with database.begin() as connection:
        connection.execute(text("UPDATE city.trip SET permit_id = NULL"))
        connection.execute(text("DELETE FROM city.route_permit WHERE vehicle_id = :id"), {"id": TRUCK})
    with database.connect() as connection:
        driven = fleet.track(connection, TRUCK, NIGHT, NIGHT + 400 * SECOND)
        found = deviations.offsets(connection, TRUCK, driven)
    assert len(driven)
    assert np.isnan(found.offset_m).all()
    assert (found.permit == -1).all()
    city.close()


def test_the_checksum_tells_whether_anything_was_altered(database: Engine) -> None:
    city, alarm_id = left_its_route(database)
    before = told(city, alarm_id)
    assert told(city, alarm_id).checksum == before.checksum
    assert told(city, alarm_id, "dispatcher01").checksum == before.checksum
    with database.begin() as connection:
        connection.execute(
            text(
                "UPDATE city.vehicle_fix SET geom = public.ST_Translate(geom, 1, 0) WHERE vehicle_id = :id AND at = :at"
            ),
            {"id": TRUCK, "at": NIGHT + OUTSIDE[1] * SECOND},
        )
    assert told(city, alarm_id).checksum != before.checksum


def test_messages_are_for_those_who_may_read_them(database: Engine) -> None:
    city, alarm_id = left_its_route(database)
    messages = told(city, alarm_id).messages
    assert messages is not None
    assert len(messages) == len([*INSIDE, *OUTSIDE, *BACK]) - 1
    assert told(city, alarm_id, "acceptor01").messages is None


def test_only_a_deviation_of_a_truck_is_told(database: Engine) -> None:
    city, alarm_id = left_its_route(database, messages=False)
    with database.begin() as connection:
        assert deviations.latest(connection, TRUCK) == alarm_id
        assert deviations.latest(connection, TRUCK + 1) is None
        connection.execute(text("UPDATE city.alarm SET kind = 'overspeed' WHERE id = :id"), {"id": alarm_id})
        assert deviations.evidence(connection, alarm_id) is None
        assert deviations.evidence(connection, alarm_id + 1000) is None
    city.close()
