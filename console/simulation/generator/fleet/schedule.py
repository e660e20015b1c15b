"""What every truck did, minute by minute: loading, hauling, tipping and coming back, day after day.

A truck rests on its work site, where it waits for its permitted hours. Within them it makes rounds: it loads, drives
the approved route to the dump site, tips, and returns the same way empty. Everything downstream (fixes, trips, mileage)
is read off this one schedule, so that the tables agree with each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.fleet.motion import Place, Routes

LOADING, HAULING, TIPPING, RETURNING = range(4)
STAGES = 4
LOADING_S = (240.0, 540.0)
TIPPING_S = (120.0, 300.0)
LATE_START_S = (60.0, 1500.0)  # after the permitted hours begin
DAY_OFF_SHARE = 0.15
OPEN_LID_SHARE = 0.02  # of the hauls: what the closed-lid rule is there for
HASTE = (0.86, 1.14)  # driving time of one drive as a share of the route's
HASTE_SPREAD = 0.05
_DAY_S = 86400.0
_APART = 1e9  # s; trucks lie one after the other on one time axis


@dataclass(frozen=True)
class Schedule:
    """What trucks do, one entry an activity, in the order of truck and time.

    Attributes:
        vehicle: index of the truck.
        stage: `LOADING`, `HAULING`, `TIPPING` or `RETURNING`.
        start_s, duration_s: seconds since the origin of time that the caller chose.
        route: index into the routes that is driven in `HAULING` and `RETURNING`.
        haste: route's driving time divided by that of this drive.
        lid_open: whether the truck hauls with an open lid.
        duty_end: whether the truck rests after this activity.
    """

    vehicle: NDArray[np.int64]
    stage: NDArray[np.int8]
    start_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    route: NDArray[np.int64]
    haste: NDArray[np.float64]
    lid_open: NDArray[np.bool_]
    duty_end: NDArray[np.bool_]

    @property
    def end_s(self) -> NDArray[np.float64]:
        """When each activity ends."""
        return self.start_s + self.duration_s

    @property
    def driving(self) -> NDArray[np.bool_]:
        """Which activities are drives."""
        return np.isin(self.stage, (HAULING, RETURNING))


@dataclass(frozen=True)
class Moment:
    """What trucks do at given times; every array has one entry a question.

    Attributes:
        activity: index into the schedule of what goes on or was done last; -1 before the truck's first.
        resting: whether that is over and the truck rests on its work site.
        place: where it is, or was before it went to rest.
        distance_m: metres driven since the beginning of the schedule.
        driving_s: seconds of driving since then.
    """

    activity: NDArray[np.int64]
    resting: NDArray[np.bool_]
    place: Place
    distance_m: NDArray[np.float64]
    driving_s: NDArray[np.float64]


def make_schedule(
    routes: Routes,
    out_route: NDArray[np.int64],
    back_route: NDArray[np.int64],
    opens_s: NDArray[np.float64],
    closes_s: NDArray[np.float64],
    days: NDArray[np.float64],
    rng: np.random.Generator,
) -> Schedule:
    """Rounds of every truck on every day.

    Args:
        routes: driving profiles.
        out_route: index into `routes` of each truck's approved route, shape (trucks,).
        back_route: the same of the way back.
        opens_s: beginning of each truck's permitted hours, seconds after midnight, shape (trucks,).
        closes_s: their end, above `opens_s`: past midnight if above 86 400.
        days: seconds of each local midnight since the origin of time, shape (days,).
        rng: source of chance.
    """
    trucks = len(out_route)
    out_s, back_s = routes.duration_s[out_route], routes.duration_s[back_route]
    shortest = np.array([LOADING_S[0], 0.0, TIPPING_S[0], 0.0]) + np.column_stack(
        (np.zeros(trucks), out_s / HASTE[1], np.zeros(trucks), back_s / HASTE[1])
    )
    rounds = int(np.ceil(((closes_s - opens_s) / shortest.sum(axis=1)).max())) + 1
    shape = (trucks, len(days), rounds)
    haste = np.clip(rng.normal(1.0, HASTE_SPREAD, (*shape, STAGES)), *HASTE)
    duration = np.empty((*shape, STAGES))
    duration[..., LOADING] = rng.uniform(*LOADING_S, shape)
    duration[..., HAULING] = out_s[:, None, None] / haste[..., HAULING]
    duration[..., TIPPING] = rng.uniform(*TIPPING_S, shape)
    duration[..., RETURNING] = back_s[:, None, None] / haste[..., RETURNING]
    begin = days[None, :] + opens_s[:, None] + rng.uniform(*LATE_START_S, shape[:2])
    in_order = duration.reshape(trucks, len(days), rounds * STAGES)
    start = (begin[..., None] + np.cumsum(in_order, axis=2) - in_order).reshape(duration.shape)
    # A round is begun only when its load can be tipped within the permitted hours.
    tipped = start[..., TIPPING] + duration[..., TIPPING]
    made = tipped <= (days[None, :] + closes_s[:, None])[..., None]
    made &= (rng.random(shape[:2]) >= DAY_OFF_SHARE)[..., None]
    last = made & ~np.concatenate((made[..., 1:], np.zeros((*shape[:2], 1), bool)), axis=2)
    every = np.broadcast_to(made[..., None], duration.shape)
    stage = np.broadcast_to(np.arange(STAGES, dtype=np.int8), duration.shape)
    truck = np.broadcast_to(np.arange(trucks)[:, None, None, None], duration.shape)
    way = np.where(np.arange(STAGES) < RETURNING, out_route[:, None], back_route[:, None])[:, None, None, :]
    open_lid = np.broadcast_to((rng.random(shape) < OPEN_LID_SHARE)[..., None], duration.shape)
    return Schedule(
        vehicle=truck[every],
        stage=stage[every],
        start_s=start[every],
        duration_s=duration[every],
        route=np.broadcast_to(way, duration.shape)[every],
        haste=haste[every],
        lid_open=open_lid[every],
        duty_end=(last[..., None] & (stage == RETURNING))[every],
    )


def at_moments(schedule: Schedule, routes: Routes, vehicle: NDArray[np.int64], at_s: NDArray[np.float64]) -> Moment:
    """What trucks do at moments.

    Args:
        schedule: the activities.
        routes: driving profiles that the schedule was made with.
        vehicle: which truck, shape (n,).
        at_s: when, on the time axis of the schedule, shape (n,).
    """
    drives = schedule.driving
    whole = np.where(drives, routes.length_m[schedule.route], 0.0)
    driven_s = np.where(drives, schedule.duration_s, 0.0)
    before_m, before_s = _before(whole, schedule.vehicle), _before(driven_s, schedule.vehicle)
    key = schedule.vehicle * _APART + schedule.start_s
    activity = np.searchsorted(key, vehicle * _APART + at_s, side="right") - 1
    known = (activity >= 0) & (schedule.vehicle[np.maximum(activity, 0)] == vehicle)
    index = np.where(known, activity, np.searchsorted(schedule.vehicle, vehicle).clip(max=len(key) - 1))
    since = np.where(known, at_s - schedule.start_s[index], 0.0)
    over = since > schedule.duration_s[index]
    stage = schedule.stage[index]
    # Tipping happens at the end of the approved route, loading at the end of the way back, which is its beginning.
    elapsed = np.where(drives[index], np.minimum(since, schedule.duration_s[index]) * schedule.haste[index], 0.0)
    elapsed = np.where(stage == TIPPING, np.inf, elapsed)
    place = routes.place(schedule.route[index], elapsed)
    return Moment(
        activity=np.where(known, index, -1),
        resting=(over & schedule.duty_end[index]) | ~known,
        place=place,
        distance_m=np.where(known, before_m[index] + np.where(drives[index], place.along_m, 0.0), 0.0),
        driving_s=np.where(
            known, before_s[index] + np.where(drives[index], np.minimum(since, schedule.duration_s[index]), 0.0), 0.0
        ),
    )


def _before(amount: NDArray[np.float64], vehicle: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each activity, the sum of `amount` over the truck's activities before it."""
    running = np.cumsum(amount) - amount
    first = np.searchsorted(vehicle, vehicle, side="left")
    before: NDArray[np.float64] = running - running[first]
    return before
