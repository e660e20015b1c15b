"""The record of a truck at an instant tells nothing of what came later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from console.models import fleet
from console.models.replay import vehicle_at

if TYPE_CHECKING:
    from sqlalchemy import Engine

END = datetime(2026, 11, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_truck_is_told_as_it_was(database: Engine) -> None:
    with database.connect() as connection:
        for minutes in np.random.default_rng(5).uniform(1, 700, 25):
            at = END - timedelta(minutes=float(minutes))
            states = fleet.vehicle_states_at(connection, at)
            for place, vehicle_id in enumerate(states.ids.tolist()):
                truck = vehicle_at(connection, vehicle_id, at)
                assert truck is not None
                assert truck.online
                assert truck.at is not None
                assert truck.at <= at
                assert truck.at.timestamp() == states.attributes["at"][place]
                assert truck.load == states.attributes["load"][place]
                assert truck.x == pytest.approx(states.geometries[place].x)
                assert all(trip.loaded_at <= at and (trip.dumped_at or at) <= at for trip in truck.trips)
        early = vehicle_at(connection, 1, END - timedelta(days=400))
        assert early is not None
        assert (early.at, early.online, early.distance_m, early.trips) == (None, False, 0.0, ())
        assert vehicle_at(connection, -1, END) is None


def test_the_mileage_of_the_day_comes_to_that_of_the_whole_day(database: Engine) -> None:
    evening = END.replace(hour=23, minute=59) - timedelta(days=1)
    with database.connect() as connection:
        for row in fleet.vehicles(connection, now=evening)[:5]:
            truck = vehicle_at(connection, row.id, evening)
            assert truck is not None
            assert truck.distance_m == pytest.approx(row.distance_m, rel=0.15, abs=500)
