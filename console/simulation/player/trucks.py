"""The trucks of the player: each goes on with its rounds from where it was last heard of."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import text

from console.models.field_intake import Fixes
from console.models.haulage.network import TRUCK_KMH
from console.simulation.generator.fleet.fleet import HALF_AFTER, LOADS
from console.simulation.generator.fleet.motion import Path, Routes
from console.simulation.generator.fleet.paths import ACCESS_KMH
from console.simulation.generator.fleet.schedule import (
    HASTE,
    HASTE_SPREAD,
    HAULING,
    LOADING,
    LOADING_S,
    OPEN_LID_SHARE,
    RETURNING,
    TIPPING,
    TIPPING_S,
)
from console.simulation.player.mischief import Mischief

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.simulation.generator.fleet.motion import Place

RESTING = -1
REST_INTERVAL_S = 60  # between two reports of a truck with its engine off
SILENT_S = 2700.0  # behind the rest of the fleet: a terminal that is broken, and stays so
AT_END_M = 150.0  # from an end of its route a standing truck is on its site or dump
STANDING_KMH = 5.0
ASTRAY_SPAN_M, ASTRAY_SPAN = (
    150.0,
    1.5,
)  # a truck off its route goes beside the way that lies so far to both sides of it
NOISE_M = 1.6  # of a position; it drifts, it does not jump
DRIFT = 0.9
SETTING_OUT_SHARE = 1 / 240  # of the trucks that may begin to load do so, each second
EMPTY, HALF, FULL = range(3)
_CITY = ZoneInfo("Asia/Shanghai")

_TRUCKS = """
    SELECT v.id, s.at, public.ST_X(s.geom) AS x, public.ST_Y(s.geom) AS y, s.speed_kmh, s.heading, s.load::text AS load,
        coalesce(s.mileage_m, 0) AS mileage_m, p.hours_from, p.hours_to, public.ST_AsBinary(p.geom) AS route
    FROM city.vehicle AS v
    JOIN city.vehicle_state AS s ON s.vehicle_id = v.id
    CROSS JOIN LATERAL (
        SELECT * FROM city.route_permit WHERE vehicle_id = v.id ORDER BY valid_to DESC, id DESC LIMIT 1
    ) AS p
    WHERE v.active ORDER BY v.id
"""
# The class of the street under the middle of each piece of each approved route; NULL off the streets.
_CLASSES = """
    SELECT r.route, (
        SELECT s.class::text FROM city.street AS s
        WHERE public.ST_DWithin(s.geom, public.ST_LineInterpolatePoint(piece.geom, 0.5), 2)
        ORDER BY s.geom <-> public.ST_LineInterpolatePoint(piece.geom, 0.5) LIMIT 1
    )
    FROM (SELECT DISTINCT public.ST_AsBinary(geom) AS route FROM city.route_permit) AS r
    CROSS JOIN LATERAL public.ST_DumpSegments(public.ST_GeomFromWKB(r.route, 4546)) AS piece
    ORDER BY r.route, piece.path
"""


class Trucks:
    """The fleet at work.

    Args:
        connection: to read trucks, permits and last states from.
        rng: source of chance.
        now: the present.
        interval_s: seconds between two reports of a truck on duty.
        noise_m: of each coordinate.
        deviating: share of the hauls on which a truck leaves its route.
        jumping: share of the positions that are somewhere else.
        silent, hollow: shares of the hauls on which the terminal falls silent, or the network is gone for a while.
    """

    def __init__(
        self,
        connection: Connection,
        rng: np.random.Generator,
        now: datetime,
        interval_s: int,
        *,
        noise_m: float = NOISE_M,
        deviating: float = 0.0,
        jumping: float = 0.0,
        silent: float = 0.0,
        hollow: float = 0.0,
    ) -> None:
        self._rng = rng
        self._noise_m = noise_m
        self._beat: int | None = None
        rows = connection.execute(text(_TRUCKS)).all()
        latest = max((row.at for row in rows), default=now)
        rows = [row for row in rows if (latest - row.at).total_seconds() < SILENT_S]
        self.ids = np.array([row.id for row in rows], np.int64)
        self._hours = [(row.hours_from, row.hours_to) for row in rows]
        self._mileage = np.array([row.mileage_m for row in rows], float)
        self._rest = np.array([(row.x, row.y) for row in rows], float).reshape(-1, 2)
        self._rest_heading = np.array([row.heading for row in rows], float)
        self._noise = np.zeros((len(rows), 2))
        self._place = {vehicle: place for place, vehicle in enumerate(self.ids.tolist())}
        self._interval_s, self._rest_interval_s = np.full(len(rows), interval_s), np.full(len(rows), REST_INTERVAL_S)
        # Chance of its own, so that a fleet that behaves drives as it always did.
        self.mischief = Mischief(rng.spawn(1)[0], len(rows), deviating, jumping, silent, hollow)
        self._stage = np.full(len(rows), RESTING)
        self._begun = np.zeros(len(rows))
        self._lasts = np.full(len(rows), np.inf)
        self._haste = np.ones(len(rows))
        self._open = np.zeros(len(rows), bool)
        self._routes, self._out = self._read_routes(connection, [bytes(row.route) for row in rows])
        for truck, row in enumerate(rows):
            self._take_up(truck, row.x, row.y, row.speed_kmh, row.load, now)

    def __len__(self) -> int:
        return len(self.ids)

    def set_interval(self, vehicle_id: int, report_s: int | None, rest_s: int | None) -> None:
        """Let a truck report every `report_s` seconds on duty, `rest_s` with its engine off; None changes nothing."""
        place = self._place[vehicle_id]
        if report_s is not None:
            self._interval_s[place] = max(report_s, 1)
        if rest_s is not None:
            self._rest_interval_s[place] = max(rest_s, 1)

    def step(self, elapsed_s: float, now: datetime, beat: int, asked: Collection[int] = ()) -> Fixes:
        """Go on to `elapsed_s` seconds of play and report the trucks whose turn it is.

        Args:
            elapsed_s: seconds of play since the beginning.
            now: the present, the time of the fixes.
            beat: number of the second; it decides whose turn it is.
            asked: vehicles that report in any case.
        """
        for truck in np.flatnonzero(elapsed_s >= self._begun + self._lasts):
            self._go_on(int(truck), now)
        for truck in np.flatnonzero(self._stage == RESTING):
            # Not all at the stroke of the hour.
            if self._rng.random() < SETTING_OUT_SHARE and self._may_load(int(truck), now):
                self._enter(int(truck), LOADING, elapsed_s, self._rng.uniform(*LOADING_S))
        every = np.where(self._stage == RESTING, self._rest_interval_s, self._interval_s)
        # The first time it is everybody's turn: whoever looks at the map must not take a fresh start for silence.
        before = beat - REST_INTERVAL_S if self._beat is None else self._beat
        self._beat = beat
        who = whose_turn(before, beat, self.ids, every)
        if asked:
            who = np.union1d(who, [self._place[vehicle] for vehicle in asked])
        broken = [one.truck for one in self.mischief.absent(elapsed_s) if one.is_broken]
        if broken:
            who = np.setdiff1d(who, broken)
        return self._report(who, elapsed_s, now)

    def out_of_reach(self, elapsed_s: float) -> set[int]:
        """Vehicles that no network reaches now."""
        return {int(self.ids[one.truck]) for one in self.mischief.absent(elapsed_s)}

    def _read_routes(self, connection: Connection, wanted: list[bytes]) -> tuple[Routes, NDArray[np.int64]]:
        """Driving profiles of all approved routes, there and back, and the route of each truck."""
        kmh: dict[bytes, list[float]] = {}
        for route, street_class in connection.execute(text(_CLASSES)):
            kmh.setdefault(bytes(route), []).append(TRUCK_KMH.get(street_class, ACCESS_KMH))
        ways = [
            Path(shapely.get_coordinates(shapely.from_wkb(route)), np.array(limits) / 3.6)
            for route, limits in kmh.items()
        ]
        place = {route: index for index, route in enumerate(kmh)}
        routes = Routes([*ways, *(way.reversed() for way in ways)], self._rng)
        self._back = len(ways)
        return routes, np.array([place[route] for route in wanted], np.int64)

    def _take_up(self, truck: int, x: float, y: float, speed_kmh: float, load: str, now: datetime) -> None:
        """Find out from its last state what a truck is doing, and let it go on with that."""
        out = int(self._out[truck])
        along, _away = self._routes.nearest(out, x, y)
        length = float(self._routes.length_m[out])
        standing = speed_kmh < STANDING_KMH
        if standing and along < AT_END_M and load != LOADS[FULL]:
            if load == LOADS[HALF] or self._may_load(truck, now):
                shares = (HALF_AFTER, 2 * HALF_AFTER) if load == LOADS[HALF] else (0.0, HALF_AFTER)
                self._enter_midway(truck, LOADING, LOADING_S, shares)
        elif standing and along > length - AT_END_M:
            shares = (HALF_AFTER, 1.0) if load == LOADS[EMPTY] else (0.0, HALF_AFTER)
            self._enter_midway(truck, TIPPING, TIPPING_S, shares)
        elif load == LOADS[EMPTY]:
            self._drive(truck, RETURNING, 0.0, length - along)
        else:
            self._drive(truck, HAULING, 0.0, along)

    def _go_on(self, truck: int, now: datetime) -> None:
        """Begin what comes after the stage that has ended."""
        at = float(self._begun[truck] + self._lasts[truck])
        stage = int(self._stage[truck])
        if stage == LOADING:
            self._open[truck] = self._rng.random() < OPEN_LID_SHARE
            self._drive(truck, HAULING, at, 0.0)
        elif stage == HAULING:
            self._mileage[truck] += self._routes.length_m[self._out[truck]]
            self._enter(truck, TIPPING, at, self._rng.uniform(*TIPPING_S))
        elif stage == TIPPING:
            self._drive(truck, RETURNING, at, 0.0)
        else:
            self._mileage[truck] += self._routes.length_m[self._out[truck]]
            self._arrive(truck)
            if self._may_load(truck, now):
                self._enter(truck, LOADING, at, self._rng.uniform(*LOADING_S))
            else:
                self._enter(truck, RESTING, at, np.inf)

    def _arrive(self, truck: int) -> None:
        """Where the truck rests on its work site."""
        start = self._routes.place(self._out[[truck]], np.zeros(1))
        self._rest[truck] = np.array([start.x[0], start.y[0]]) + self._rng.normal(0.0, 8.0, 2)
        self._rest_heading[truck] = self._rng.uniform(0.0, 360.0)

    def _enter(self, truck: int, stage: int, at: float, lasts_s: float) -> None:
        self._stage[truck], self._begun[truck], self._lasts[truck] = stage, at, lasts_s

    def _enter_midway(self, truck: int, stage: int, lasts_s: tuple[float, float], shares: tuple[float, float]) -> None:
        """Go on with a stage of which between `shares` is over, those in which the truck has the load that it had."""
        lasts = self._rng.uniform(*lasts_s)
        # Away from the ends of the stretch, where rounding would decide.
        share = shares[0] + self._rng.uniform(0.05, 0.95) * (shares[1] - shares[0])
        self._enter(truck, stage, -share * lasts, lasts)

    def _drive(self, truck: int, stage: int, at: float, along_m: float) -> None:
        """Set out on the way there or back, `along_m` metres after its beginning."""
        route = int(self._out[truck]) + (self._back if stage == RETURNING else 0)
        haste = float(np.clip(self._rng.normal(1.0, HASTE_SPREAD), *HASTE))
        self._haste[truck] = haste
        before = self._routes.elapsed(route, along_m) / haste
        self._mileage[truck] -= along_m  # the counter goes on from where it stood
        lasts = float(self._routes.duration_s[route]) / haste
        self._enter(truck, stage, at - before, lasts)
        if stage == HAULING:
            self.mischief.set_out(truck, at, lasts - before)

    def _may_load(self, truck: int, now: datetime) -> bool:
        """Whether a load taken now can be tipped within the permitted hours."""
        opens, closes = self._hours[truck]
        out_s = float(self._routes.duration_s[self._out[truck]]) / HASTE[0]
        done = now + timedelta(seconds=LOADING_S[1] + out_s + TIPPING_S[1])
        return _within(now, opens, closes) and _within(done, opens, closes)

    def places(self, who: NDArray[np.intp], elapsed_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where trucks truly are after `elapsed_s` seconds of play, EPSG:4546 metres."""
        x, y, _place = self._places(who, elapsed_s)
        return x, y

    def _places(
        self, who: NDArray[np.intp], elapsed_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], Place]:
        """Where trucks truly are, and where on their routes, which may be somewhere else."""
        stage, since = self._stage[who], (elapsed_s - self._begun[who]) * self._haste[who]
        route = self._out[who] + np.where(stage == RETURNING, self._back, 0)
        drives = np.isin(stage, (HAULING, RETURNING))
        place = self._routes.place(route, np.where(drives, since, np.where(stage == TIPPING, np.inf, 0.0)))
        rests, hauls = stage == RESTING, stage == HAULING
        bearing = place.heading.copy()
        for one, away_m in zip(*self.mischief.astray(who, elapsed_s), strict=True):
            # Beside a sharp corner it goes round in a wide one: no truck is here now and there at once.
            span = max(ASTRAY_SPAN * away_m, ASTRAY_SPAN_M)
            bearing[one] = self._routes.bearing(int(route[one]), float(place.along_m[one]), span)
        aside = self.mischief.aside(who, elapsed_s, bearing)
        x = np.where(rests, self._rest[who, 0], place.x + np.where(hauls, aside[0], 0.0))
        y = np.where(rests, self._rest[who, 1], place.y + np.where(hauls, aside[1], 0.0))
        return x, y, place

    def _report(self, who: NDArray[np.intp], elapsed_s: float, now: datetime) -> Fixes:
        stage = self._stage[who]
        drives, rests = np.isin(stage, (HAULING, RETURNING)), stage == RESTING
        true_x, true_y, place = self._places(who, elapsed_s)
        wrong = self.mischief.jumps(len(who))
        self._noise[who] = DRIFT * self._noise[who] + self._rng.normal(
            0.0, self._noise_m * np.sqrt(1 - DRIFT**2), (len(who), 2)
        )
        x = true_x + self._noise[who, 0] + wrong[:, 0]
        y = true_y + self._noise[who, 1] + wrong[:, 1]
        share = np.where(rests, 0.0, (elapsed_s - self._begun[who]) / self._lasts[who])
        filled = np.select([share > 2 * HALF_AFTER, share > HALF_AFTER], [FULL, HALF], EMPTY)
        load = np.select(
            [stage == LOADING, stage == HAULING, (stage == TIPPING) & (share < HALF_AFTER)], [filled, FULL, FULL], EMPTY
        )
        lid_closed = ~(np.isin(stage, (LOADING, TIPPING)) | ((stage == HAULING) & self._open[who]))
        speed = np.where(drives, 3.6 * place.speed_m_s * self._haste[who], 0.0)
        heading = np.where(rests, self._rest_heading[who], place.heading)
        off = self.mischief.astray(who, elapsed_s)[0]
        if len(off):
            before_x, before_y = self.places(who[off], elapsed_s - 1.0)
            east, north = true_x[off] - before_x, true_y[off] - before_y
            speed[off] = 3.6 * np.hypot(east, north)
            heading[off] = np.where(speed[off] > STANDING_KMH, np.degrees(np.arctan2(east, north)) % 360, heading[off])
        mileage = self._mileage[who] + np.where(drives, place.along_m, 0.0)
        return Fixes(
            vehicle_ids=self.ids[who].tolist(),
            ats=[now] * len(who),
            xs=np.round(x, 2).tolist(),
            ys=np.round(y, 2).tolist(),
            speeds_kmh=np.round(speed, 1).tolist(),
            headings=(np.rint(heading).astype(int) % 360).tolist(),
            loads=[LOADS[k] for k in load],
            lids_closed=lid_closed.tolist(),
            mileages_m=np.rint(mileage).astype(int).tolist(),
            alarm_bits=[0] * len(who),
            ignitions=(~rests).tolist(),
        )


def whose_turn(before: int, beat: int, ids: NDArray[np.int64], every: NDArray[np.int64]) -> NDArray[np.intp]:
    """Who reports at `beat` when the last one was `before`: each in its interval once, also when beats are missed."""
    return np.flatnonzero((beat + ids) // every != (before + ids) // every)


def _within(moment: datetime, opens: time, closes: time) -> bool:
    """Whether the local time of day lies in hours that may go past midnight."""
    clock = moment.astimezone(_CITY).time()
    return opens <= clock < closes if opens < closes else clock >= opens or clock < closes
