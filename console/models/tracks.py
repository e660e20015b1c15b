"""What a truck's positions say of a period: how far, how long on the move, where it stood, how fast it was where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.models.fleet import DRIVING_KMH
from console.models.haulage.routes import CORRIDOR_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.fleet import Track

GAP_S = 180.0
"""Positions further apart are not joined: nobody knows where the truck was in between."""
STOP_S = 300.0
"""Standing for so long is a stop (a red light is none)."""
STOP_RADIUS_M = 60.0
"""Positions of a truck that stands lie within so far of where it came to stand."""
BANDS_KMH = (20.0, 40.0, 60.0)
"""Where one band of speed ends and the next begins."""
FAR_M = 3 * CORRIDOR_M
"""Farther from the route than this is no wide turn any more."""
OFFSETS_M = (CORRIDOR_M, FAR_M)
"""Where one band of the offset from the route ends and the next begins, on either side."""
NO_PERMIT = 2 * len(OFFSETS_M) + 1
"""Number of the band of positions without a permit."""


@dataclass(frozen=True)
class Stop:
    """The truck stood from `since` to `until` (seconds since 1970, UTC) at (x, y), metres in EPSG:4546."""

    since: float
    until: float
    x: float
    y: float
    load: str

    @property
    def duration_s(self) -> float:
        """For how long."""
        return self.until - self.since


@dataclass(frozen=True)
class Gap:
    """Nothing was heard from `since` to `until`, seconds since 1970 (UTC)."""

    since: float
    until: float


@dataclass(frozen=True)
class TrackSummary:
    """A period of one truck.

    Attributes:
        distance_m: along the positions, gaps left out.
        driving_s: time on the move, faster than 5 km/h, gaps left out.
        top_kmh: greatest speed that was told; 0 without positions.
        stops, gaps: in the order of time.
    """

    distance_m: float
    driving_s: float
    top_kmh: float
    stops: tuple[Stop, ...]
    gaps: tuple[Gap, ...]


def summary(track: Track) -> TrackSummary:
    """Add up a track."""
    if len(track) == 0:
        return TrackSummary(0.0, 0.0, 0.0, (), ())
    elapsed, joined = _steps(track)
    length = np.hypot(np.diff(track.x), np.diff(track.y))
    moves = joined & (track.speed_kmh[1:] > DRIVING_KMH)
    gaps = tuple(Gap(float(track.at[i]), float(track.at[i + 1])) for i in np.flatnonzero(~joined))
    return TrackSummary(
        float(length[moves].sum()),
        float(elapsed[moves].sum()),
        float(track.speed_kmh.max()),
        tuple(_stops(track)),
        gaps,
    )


def by_speed(track: Track) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The track as lines of one band of speed each, gaps left out.

    Returns:
        shapely lines in EPSG:4546, and for each the number of its band: 0 up to the first of `BANDS_KMH`, and so on.
        The speed of a step is that of the position at its end.
    """
    return _lines(track, np.searchsorted(BANDS_KMH, track.speed_kmh, side="right"))


def by_deviation(track: Track, offset_m: NDArray[np.float64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The track as lines of one band of the offset from the approved route each, gaps left out.

    Args:
        track: the positions.
        offset_m: how far each is from the route, positive to the left of its direction; NaN without a permit.

    Returns:
        shapely lines in EPSG:4546, and for each the number of its band: 0 farthest to the right, then nearer, on the
        route, left of it, farthest to the left, then `NO_PERMIT`. The offset of a step is that of the position at its
        end.
    """
    away = np.searchsorted(OFFSETS_M, np.abs(offset_m), side="left")
    band = len(OFFSETS_M) + np.where(offset_m > 0, away, -away)
    band[np.isnan(offset_m)] = NO_PERMIT
    return _lines(track, band)


def _lines(track: Track, of_position: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Lines along which the band of the positions at the ends of their steps is the same."""
    _, joined = _steps(track)
    steps = np.flatnonzero(joined)
    if not len(steps):
        return np.empty(0, object), np.empty(0, np.int64)
    band = of_position[steps + 1]
    # A new line begins where the band changes or a step is missing.
    begins = np.flatnonzero(np.concatenate(([True], (np.diff(band) != 0) | (np.diff(steps) != 1))))
    ends = np.concatenate((begins[1:], [len(steps)]))
    xy = np.column_stack((track.x, track.y))
    lines = [shapely.LineString(xy[steps[b] : steps[e - 1] + 2]) for b, e in zip(begins, ends, strict=True)]
    return np.array(lines, dtype=object), band[begins].astype(np.int64)


def nearest(track: Track, at: float) -> int | None:
    """Number of the position nearest in time to `at`, seconds since 1970; None without positions."""
    return int(np.argmin(np.abs(track.at - at))) if len(track) else None


def _steps(track: Track) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Seconds between neighbouring positions, and whether they are near enough in time to be joined; shape (n - 1,)."""
    elapsed = np.diff(track.at)
    return elapsed, elapsed <= GAP_S


def _stops(track: Track) -> list[Stop]:
    found, begin = [], 0
    slow = track.speed_kmh <= DRIVING_KMH
    for place in range(1, len(track) + 1):
        goes_on = (
            place < len(track)
            and slow[begin]
            and slow[place]
            and np.hypot(track.x[place] - track.x[begin], track.y[place] - track.y[begin]) <= STOP_RADIUS_M
        )
        if goes_on:
            continue
        last = place - 1
        if slow[begin] and track.at[last] - track.at[begin] >= STOP_S:
            part = slice(begin, place)
            found.append(
                Stop(
                    float(track.at[begin]),
                    float(track.at[last]),
                    float(np.median(track.x[part])),
                    float(np.median(track.y[part])),
                    str(track.load[last]),
                )
            )
        begin = place
    return found
