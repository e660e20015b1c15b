"""The fleet's tables: from sites and approved routes over one schedule to fixes, trips and daily mileage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.database.bulk import Coded, Points
from console.simulation.generator.assumptions import Assumption
from console.simulation.generator.fleet.motion import Routes
from console.simulation.generator.fleet.permits import PERMIT_HOURS, make_trucks, truck_tables
from console.simulation.generator.fleet.schedule import (
    HAULING,
    LOADING,
    TIPPING,
    Moment,
    Schedule,
    at_moments,
    make_schedule,
)
from console.simulation.generator.fleet.sites import company_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from console.simulation.generator.fleet.motion import Path
    from console.simulation.generator.fleet.permits import Trucks
    from console.simulation.generator.fleet.sites import Sites
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.tables import Table

FIX_INTERVAL_S = 30.0  # on duty, as terminals in the field are set
REST_INTERVAL_S = 280.0  # with the engine off; below the five minutes after which a terminal counts as silent
GPS_NOISE_M = 2.6  # standard deviation each way: 3 to 5 m off as a rule
OVERSPEED_BIT = 1 << 1  # JT/T 808 alarm flag
OVERSPEED_KMH = 60.0
SILENCE_S = (1.0 * 3600, 60.0 * 3600)  # before the end of the history
HALF_AFTER = 0.4  # of the loading time the box is half full, after twice that full
LOADS = ("empty", "half", "full")
EMPTY, HALF, FULL = range(3)
_LOCAL_OFFSET_S = 8 * 3600  # Asia/Shanghai has no daylight saving time
_DAY_S = 86400.0


@dataclass(frozen=True)
class Fleet:
    """The fleet.

    Attributes:
        tables: rows by table and column, for `console.database.bulk.copy_into`.
        assumptions: what was assumed on the way.
        silent: ids of the trucks whose terminal has stopped talking, with the time (UTC) of the last fix of each.
    """

    tables: dict[str, Table]
    assumptions: list[Assumption]
    silent: list[tuple[int, np.datetime64]]


def generate_fleet(
    scale: Scale, work: Sites, dumps: Sites, site_dump: NDArray[np.int64], ways: Sequence[Path], end: datetime,
    rng: np.random.Generator,
) -> Fleet:  # fmt: skip
    """Make the fleet and its history.

    Args:
        scale: how many trucks, and how many days of trips and of fixes.
        work: where trucks load.
        dumps: where they tip.
        site_dump: index of the dump site of each work site.
        ways: the approved route of each work site, from the site to its dump.
        end: last moment of the history.
        rng: source of chance.
    """
    trucks = make_trucks(scale.vehicles, site_dump, rng)
    routes = Routes([*ways, *(way.reversed() for way in ways)], rng)
    clock = _Clock(end)
    schedule = make_schedule(
        routes,
        trucks.site,
        trucks.site + len(ways),
        trucks.opens_s,
        trucks.closes_s,
        clock.midnights(scale.trip_days + 1),
        rng,
    )
    # A terminal falls silent, and its truck is not heard of any more: its history ends there.
    until = np.where(trucks.silent, -rng.uniform(*SILENCE_S, len(trucks)), 0.0)
    history = _History(trucks, work, routes, _until(schedule, until), until, clock, rng)
    tables = truck_tables(trucks, work, dumps, company_names(scale.companies), list(ways), clock.today, rng)
    fixes = history.fixes(clock.midnights(scale.fix_days + 1)[0])
    tables["vehicle_fix"] = fixes
    tables["vehicle_state"] = state = _latest(fixes, len(trucks))
    tables["trip"] = history.trips()
    tables["vehicle_day"] = history.days(clock.midnights(scale.trip_days + 1))
    last = np.asarray(state["at"])
    return Fleet(
        tables,
        [Assumption("permit_hours", PERMIT_HOURS, "project")],
        [(int(truck) + 1, last[truck]) for truck in np.flatnonzero(trucks.silent)],
    )


class _Clock:
    """Seconds before the end of the history, which is 0, and the times that they stand for."""

    def __init__(self, end: datetime) -> None:
        self._end_s = round(end.timestamp())
        self._since_midnight_s = (self._end_s + _LOCAL_OFFSET_S) % int(_DAY_S)
        self.today = np.datetime64(self._end_s + _LOCAL_OFFSET_S, "s").astype("M8[D]")

    def midnights(self, days: int) -> NDArray[np.float64]:
        """The last `days` local midnights."""
        return -_DAY_S * np.arange(days - 1, -1, -1, dtype=np.float64) - self._since_midnight_s

    def utc(self, seconds: NDArray[np.float64]) -> NDArray[np.datetime64]:
        """Times as datetime64 in UTC, whole seconds."""
        return (np.rint(seconds).astype(np.int64) + self._end_s).astype("M8[s]")

    def day(self, seconds: NDArray[np.float64]) -> NDArray[np.datetime64]:
        """Local dates."""
        return (np.rint(seconds).astype(np.int64) + self._end_s + _LOCAL_OFFSET_S).astype("M8[s]").astype("M8[D]")


def _until(schedule: Schedule, until: NDArray[np.float64]) -> Schedule:
    """The activities that have begun by the time at which each truck's history ends."""
    begun = schedule.start_s <= until[schedule.vehicle]
    return Schedule(*(getattr(schedule, name)[begun] for name in Schedule.__dataclass_fields__))


class _History:
    """Reads the tables off the schedule."""

    def __init__(
        self, trucks: Trucks, work: Sites, routes: Routes, schedule: Schedule, until: NDArray[np.float64],
        clock: _Clock, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.trucks, self.routes, self.schedule, self.until, self.clock, self.rng = (
            trucks,
            routes,
            schedule,
            until,
            clock,
            rng,
        )
        count = len(trucks)
        # Where each truck rests on its site, and what its counter showed at the beginning.
        angle = rng.uniform(0, 2 * np.pi, count)
        reach = work.radius_m[trucks.site] * np.sqrt(rng.uniform(0.1, 0.8, count))
        self.rest_x = work.x[trucks.site] + reach * np.cos(angle)
        self.rest_y = work.y[trucks.site] + reach * np.sin(angle)
        self.rest_heading = rng.uniform(0, 360, count)
        self.counter_m = rng.integers(20_000, 260_000, count) * 1000.0
        self.phase_s = rng.uniform(0, FIX_INTERVAL_S, count)

    def fixes(self, first_s: float) -> Table:
        """Rows of vehicle_fix from `first_s` on, in the order of time."""
        vehicle, at = self._fix_times(first_s)
        moment = at_moments(self.schedule, self.routes, vehicle, at)
        noise = self.rng.normal(0.0, GPS_NOISE_M, (2, len(at)))
        x = np.where(moment.resting, self.rest_x[vehicle], moment.place.x) + noise[0]
        y = np.where(moment.resting, self.rest_y[vehicle], moment.place.y) + noise[1]
        activity = np.maximum(moment.activity, 0)
        drives = self.schedule.driving[activity] & ~moment.resting
        speed = np.where(drives, 3.6 * moment.place.speed_m_s * self.schedule.haste[activity], 0.0)
        heading = np.where(moment.resting, self.rest_heading[vehicle], moment.place.heading)
        order = np.argsort(at, kind="stable")
        load, lid_closed = self._load(moment, at)
        return {
            "vehicle_id": (vehicle + 1).astype(np.int32)[order],
            "at": self.clock.utc(at)[order],
            "speed_kmh": np.round(speed, 1).astype(np.float32)[order],
            "heading": (np.rint(heading) % 360).astype(np.int16)[order],
            "load": Coded(load[order], LOADS),
            "lid_closed": lid_closed[order],
            "mileage_m": np.rint(self.counter_m[vehicle] + moment.distance_m).astype(np.int32)[order],
            "alarm_bits": np.where(speed > OVERSPEED_KMH, OVERSPEED_BIT, 0).astype(np.int32)[order],
            "ignition": ~moment.resting[order],
            "geom": Points(np.round(x, 2)[order], np.round(y, 2)[order]),
        }

    def _fix_times(self, first_s: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Truck and time of every fix: each interval on duty, seldom at rest; in the order of truck and time."""
        schedule = self.schedule
        begins = np.flatnonzero(np.concatenate(([True], schedule.duty_end[:-1] | (np.diff(schedule.vehicle) > 0))))
        ends = np.append(begins[1:], len(schedule.vehicle)) - 1
        truck = schedule.vehicle[begins]
        start, stop = schedule.start_s[begins], np.minimum(schedule.end_s[ends], self.until[truck])
        after = np.where(np.append(np.diff(truck), 1) > 0, self.until[truck], np.append(start[1:], 0.0))
        # Before a truck's first duty it rests as well.
        everyone = np.arange(len(self.trucks))
        first_duty = np.searchsorted(truck, everyone)
        has_duty = (first_duty < len(truck)) & (truck[first_duty.clip(max=len(truck) - 1)] == everyone)
        before = np.where(has_duty, start[first_duty.clip(max=len(truck) - 1)], self.until)
        owner = np.concatenate((truck, truck, everyone))
        low = np.maximum(np.concatenate((start, stop, np.full(len(everyone), first_s))), first_s)
        high = np.concatenate((stop, after, before))
        interval = np.repeat([FIX_INTERVAL_S, REST_INTERVAL_S], [len(truck), len(truck) + len(everyone)])
        # A terminal keeps its own beat, whatever it does.
        phase = self.phase_s[owner]
        begin = np.ceil((low - phase) / interval) * interval + phase
        count = np.maximum(np.ceil((high - begin) / interval), 0).astype(np.int64)
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        at = np.rint(np.repeat(begin, count) + step * np.repeat(interval, count))
        vehicle = np.repeat(owner, count)
        inside = at <= self.until[vehicle]
        order = np.lexsort((at[inside], vehicle[inside]))
        vehicle, at = vehicle[inside][order], at[inside][order]
        # Rounding to seconds may put the end of one stretch on the beginning of the next.
        once = np.concatenate(([True], (np.diff(at) > 0) | (np.diff(vehicle) > 0)))
        return vehicle[once], at[once]

    def _load(self, moment: Moment, at: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """Load and lid of trucks at moments."""
        schedule = self.schedule
        activity = np.maximum(moment.activity, 0)
        share = (at - schedule.start_s[activity]) / schedule.duration_s[activity]
        stage = np.where(moment.resting, -1, schedule.stage[activity])
        load = np.full(len(at), EMPTY, np.int8)
        load[(stage == LOADING) & (share > HALF_AFTER)] = HALF
        load[(stage == LOADING) & (share > 2 * HALF_AFTER)] = FULL
        load[stage == HAULING] = FULL
        load[(stage == TIPPING) & (share < HALF_AFTER)] = FULL
        open_lid = (stage == LOADING) | (stage == TIPPING) | ((stage == HAULING) & schedule.lid_open[activity])
        return load, ~open_lid

    def trips(self) -> Table:
        """Rows of trip: from leaving the work site loaded to having tipped; unfinished ones have no end yet."""
        schedule = self.schedule
        haul = np.flatnonzero(schedule.stage == HAULING)
        vehicle = schedule.vehicle[haul]
        tip = np.minimum(haul + 1, len(schedule.vehicle) - 1)
        tipped = np.where(
            (schedule.stage[tip] == TIPPING) & (schedule.vehicle[tip] == vehicle), schedule.end_s[tip], np.inf
        )
        done = tipped <= self.until[vehicle]
        driven = at_moments(schedule, self.routes, vehicle, np.minimum(tipped, self.until[vehicle])).distance_m
        left = at_moments(schedule, self.routes, vehicle, schedule.start_s[haul]).distance_m
        order = np.argsort(schedule.start_s[haul], kind="stable")
        return {
            "vehicle_id": (vehicle + 1)[order],
            "loaded_at": self.clock.utc(schedule.start_s[haul])[order],
            "dumped_at": np.where(done, self.clock.utc(np.where(done, tipped, 0.0)), np.datetime64("NaT"))[order],
            "permit_id": (vehicle + 1)[order],
            "distance_m": np.round(driven - left, 1)[order],
            "volume_m3": self.trucks.box_m3[vehicle][order],
        }

    def days(self, midnights: NDArray[np.float64]) -> Table:
        """Rows of vehicle_day: what each truck drove between one local midnight and the next; trips by their end."""
        count = len(self.trucks)
        borders = np.append(midnights, 0.0)
        vehicle = np.repeat(np.arange(count), len(borders))
        at = np.minimum(np.tile(borders, count), self.until[vehicle])
        moment = at_moments(self.schedule, self.routes, vehicle, at)
        distance = np.diff(moment.distance_m.reshape(count, -1), axis=1)
        driving = np.diff(moment.driving_s.reshape(count, -1), axis=1)
        trips = self.trips()
        dumped = np.asarray(trips["dumped_at"])
        finished = ~np.isnat(dumped)
        day = (dumped[finished] + np.timedelta64(_LOCAL_OFFSET_S, "s")).astype("M8[D]")
        first = self.clock.day(midnights[:1])[0]
        counted = np.zeros(distance.shape, np.int64)
        np.add.at(counted, (np.asarray(trips["vehicle_id"])[finished] - 1, (day - first).astype(int)), 1)
        return {
            "vehicle_id": np.repeat(np.arange(1, count + 1), len(midnights)),
            "day": np.tile(self.clock.day(midnights), count),
            "distance_m": np.round(distance, 1).ravel(),
            "driving_s": np.rint(driving).astype(np.int64).ravel(),
            "trips": counted.ravel(),
        }


def _latest(fixes: Table, trucks: int) -> Table:
    """Rows of vehicle_state: the last fix of each truck."""
    vehicle = np.asarray(fixes["vehicle_id"])
    last = np.zeros(trucks, np.int64)
    np.maximum.at(last, vehicle - 1, np.arange(len(vehicle)))
    state: Table = {}
    for name, column in fixes.items():
        if isinstance(column, Points):
            state[name] = Points(column.x[last], column.y[last])
        elif isinstance(column, Coded):
            state[name] = Coded(column.codes[last], column.words)
        else:
            state[name] = np.asarray(column)[last]
    return state | {"received_at": state["at"]}
