from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from console.simulation.generator.fleet import Fleet, generate_fleet, plan_routes
from console.simulation.generator.fleet.fleet import FIX_INTERVAL_S, REST_INTERVAL_S
from console.simulation.generator.scale import SMALL

if TYPE_CHECKING:
    from tests.simulation.conftest import Ground

END = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # two o'clock in the afternoon in the city


def make(ground: Ground, seed: int = 1) -> Fleet:
    rng = np.random.default_rng(seed)
    return generate_fleet(SMALL, *plan_routes(SMALL, ground.areas, ground.streets, rng), END, rng)


@pytest.fixture(scope="module")
def fleet(ground: Ground) -> Fleet:
    return make(ground)


def by_truck(fleet: Fleet) -> list[np.ndarray]:
    """Rows of the fixes of each truck, in the order of time."""
    vehicle = fleet.tables["vehicle_fix"]["vehicle_id"]
    return [np.flatnonzero(vehicle == truck) for truck in range(1, SMALL.vehicles + 1)]


def test_fixes_come_in_the_order_of_time_and_never_twice(fleet: Fleet) -> None:
    fixes = fleet.tables["vehicle_fix"]
    assert np.all(np.diff(fixes["at"]) >= np.timedelta64(0, "s"))
    for rows in by_truck(fleet):
        assert np.all(np.diff(fixes["at"][rows]) > np.timedelta64(0, "s"))
    assert fixes["at"][-1] <= np.datetime64(END.replace(tzinfo=None), "s")


def test_a_truck_that_drives_reports_every_half_minute(fleet: Fleet) -> None:
    fixes = fleet.tables["vehicle_fix"]
    for rows in by_truck(fleet):
        gap = np.diff(fixes["at"][rows]).astype(int)
        driving = (fixes["speed_kmh"][rows][1:] > 0) & (fixes["speed_kmh"][rows][:-1] > 0)
        assert np.all(gap[driving] == FIX_INTERVAL_S)
        assert gap.max() <= REST_INTERVAL_S + FIX_INTERVAL_S


def test_the_counter_agrees_with_the_way_driven(fleet: Fleet) -> None:
    fixes = fleet.tables["vehicle_fix"]
    for rows in by_truck(fleet):
        mileage = fixes["mileage_m"][rows]
        assert np.all(np.diff(mileage) >= 0)
        moved = np.hypot(np.diff(fixes["geom"].x[rows]), np.diff(fixes["geom"].y[rows]))
        still = np.diff(mileage) == 0
        assert moved[still].max() < 150  # noise, and the way across the work site
        assert np.all(moved[~still] < np.diff(mileage)[~still] + 150)


def test_daily_mileage_agrees_with_the_fixes(fleet: Fleet) -> None:
    fixes, days = fleet.tables["vehicle_fix"], fleet.tables["vehicle_day"]
    local = (fixes["at"] + np.timedelta64(8, "h")).astype("M8[D]")
    silent = {vehicle for vehicle, _ in fleet.silent}
    for truck, rows in enumerate(by_truck(fleet), 1):
        if truck in silent:
            continue
        for day in np.unique(local[rows])[1:-1]:
            mine = rows[local[rows] == day]
            counted = int(np.ptp(fixes["mileage_m"][mine]))
            row = (days["vehicle_id"] == truck) & (days["day"] == day)
            # The counter is read twice a minute, the day ends at midnight.
            assert abs(float(days["distance_m"][row][0]) - counted) < 600


def test_trips_of_a_day_are_those_that_ended_on_it(fleet: Fleet) -> None:
    trips, days = fleet.tables["trip"], fleet.tables["vehicle_day"]
    done = ~np.isnat(trips["dumped_at"])
    assert days["trips"].sum() == done.sum()
    assert np.all(trips["dumped_at"][done] > trips["loaded_at"][done])
    assert np.all(trips["distance_m"] >= 0)


def test_loads_are_taken_on_the_site_and_left_at_the_dump(fleet: Fleet) -> None:
    fixes, permits = fleet.tables["vehicle_fix"], fleet.tables["route_permit"]
    full = fixes["load"].codes == fixes["load"].words.index("full")
    for truck, rows in enumerate(by_truck(fleet), 1):
        route = permits["geom"][permits["vehicle_id"] == truck][0]
        hauling = rows[full[rows] & (fixes["speed_kmh"][rows] > 5)]
        away = shapely.distance(route, shapely.points(fixes["geom"].x[hauling], fixes["geom"].y[hauling]))
        assert np.percentile(away, 99) < 15
        assert fixes["lid_closed"][hauling].mean() > 0.85


def test_routes_lead_from_the_work_site_to_a_dump_outside_the_city(fleet: Fleet, ground: Ground) -> None:
    permits, sites, dumps = (fleet.tables[name] for name in ("route_permit", "work_site", "dump_site"))
    for row, route in enumerate(permits["geom"]):
        ends = shapely.get_point(route, 0), shapely.get_point(route, -1)
        assert shapely.covers(sites["geom"][permits["work_site_id"][row] - 1], ends[0])
        assert shapely.covers(dumps["geom"][permits["dump_site_id"][row] - 1], ends[1])
    assert not shapely.intersects(ground.areas.outline, dumps["geom"]).any()
    assert shapely.covers(ground.areas.outline, sites["geom"]).all()
    assert shapely.is_valid(np.concatenate((sites["geom"], dumps["geom"]))).all()


def test_the_latest_state_is_the_last_fix(fleet: Fleet) -> None:
    fixes, state = fleet.tables["vehicle_fix"], fleet.tables["vehicle_state"]
    for truck, rows in enumerate(by_truck(fleet)):
        for name in ("at", "speed_kmh", "heading", "mileage_m"):
            assert state[name][truck] == fixes[name][rows[-1]]


def test_the_same_seed_gives_the_same_fleet(fleet: Fleet, ground: Ground) -> None:
    again = make(ground)
    for table, columns in fleet.tables.items():
        for name, column in columns.items():
            other = again.tables[table][name]
            for part in ("codes", "x", "y") if not isinstance(column, np.ndarray) else ("",):
                if not part or hasattr(column, part):
                    mine, theirs = (getattr(value, part) if part else value for value in (column, other))
                    assert np.array_equal(mine, theirs, equal_nan=mine.dtype.kind in "fM"), (table, name)
