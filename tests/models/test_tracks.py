"""What the positions of a truck add up to."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.models.fleet import Track
from console.models.tracks import BANDS_KMH, GAP_S, NO_PERMIT, STOP_S, by_deviation, by_speed, nearest, summary


def track_of(rows: list[tuple[float, float, float, float]]) -> Track:
    """From (seconds, x, y, km/h)."""
    at, x, y, speed = (np.array(column, float) for column in zip(*rows, strict=True)) if rows else [np.empty(0)] * 4
    n = len(at)
    return Track(at, x, y, speed, np.zeros(n, np.int64), np.full(n, "full"), np.ones(n, np.bool_))


def test_a_drive_with_a_stop_is_added_up() -> None:
    drive = [(30.0 * i, 300.0 * i, 0.0, 36.0) for i in range(11)]
    stand = [(300.0 + 30.0 * i, 3000.0 + i % 3, 2.0, 0.0) for i in range(1, 21)]
    on = [(900.0 + 30.0 * i, 3000.0 + 300.0 * i, 0.0, 55.0) for i in range(1, 4)]
    found = summary(track_of(drive + stand + on))
    assert found.distance_m == pytest.approx(3000 + 300 * 3, rel=0.01)
    assert found.driving_s == 300 + 90
    assert found.top_kmh == 55
    (stop,) = found.stops
    assert (stop.since, stop.until) == (330.0, 900.0)
    assert stop.x == pytest.approx(3001, abs=1)
    assert found.gaps == ()


def test_a_red_light_is_no_stop() -> None:
    rows = [(0.0, 0.0, 0.0, 40.0), (30.0, 300.0, 0.0, 0.0), (60.0, 300.0, 0.0, 0.0), (90.0, 600.0, 0.0, 40.0)]
    assert summary(track_of(rows)).stops == ()


def test_nothing_is_made_up_where_nothing_was_heard() -> None:
    later = 30.0 + 2 * GAP_S
    places = ((0.0, 0.0), (30.0, 300.0), (later, 9_000.0), (later + 30.0, 9_300.0))
    rows = [(at, x, 0.0, 40.0) for at, x in places]
    track = track_of(rows)
    found = summary(track)
    assert [(gap.since, gap.until) for gap in found.gaps] == [(30.0, 30.0 + 2 * GAP_S)]
    assert found.distance_m == 600
    lines, _bands = by_speed(track)
    assert shapely.length(lines).sum() == pytest.approx(600)


def test_no_position_is_no_track() -> None:
    empty = track_of([])
    assert summary(empty).distance_m == 0
    assert len(by_speed(empty)[0]) == 0
    assert nearest(empty, 0.0) is None


def test_the_bands_of_speed_are_those_of_the_legend() -> None:
    speeds = [0.0, *BANDS_KMH, 90.0]
    rows = [(30.0 * i, 100.0 * i, 0.0, speed) for i, speed in enumerate(speeds)]
    _lines, bands = by_speed(track_of(rows))
    assert bands.tolist() == [1, 2, 3]


positions = st.lists(
    st.tuples(st.floats(1, 400), st.floats(-500, 500), st.floats(-500, 500), st.floats(0, 100)),
    max_size=40,
)


@given(positions)
def test_lines_gaps_and_stops_fit_into_the_period(steps: list[tuple[float, float, float, float]]) -> None:
    at = np.cumsum([step[0] for step in steps]).tolist()
    track = track_of([(t, *step[1:]) for t, step in zip(at, steps, strict=True)])
    found = summary(track)
    lines, bands = by_speed(track)
    assert len(lines) == len(bands)
    joined = np.diff(track.at) <= GAP_S
    # Every step that is joined is in one line, no other.
    assert sum(len(shapely.get_coordinates(line)) - 1 for line in lines) == joined.sum()
    assert len(found.gaps) == len(joined) - joined.sum()
    assert all(stop.duration_s >= STOP_S for stop in found.stops)
    assert all(one.until <= other.since for one, other in zip(found.stops, found.stops[1:], strict=False))
    period = track.at[-1] - track.at[0] if len(track) else 0.0
    assert found.driving_s + sum(gap.until - gap.since for gap in found.gaps) <= period + 1e-6


FAR_RIGHT, RIGHT, ON_ROUTE, LEFT, FAR_LEFT = range(5)


def test_a_track_is_coloured_by_the_side_and_distance_of_its_route() -> None:
    offsets = [0.0, 50.0, 50.1, 150.0, 150.1, -50.0, -50.1, -150.0, -151.0, float("nan")]
    found = track_of([(10.0 * n, 100.0 * n, 0.0, 30.0) for n in range(len(offsets))])
    lines, band = by_deviation(found, np.array(offsets))
    assert band.tolist() == [ON_ROUTE, LEFT, FAR_LEFT, ON_ROUTE, RIGHT, FAR_RIGHT, NO_PERMIT]
    assert [line.length for line in lines] == [100, 200, 100, 100, 200, 100, 100]


@given(
    st.lists(
        st.tuples(st.sampled_from([10.0, 60.0, GAP_S, GAP_S + 1]), st.floats(-400, 400) | st.just(float("nan"))),
        max_size=40,
    )
)
def test_whatever_the_offsets_each_joined_step_is_drawn_once(steps: list[tuple[float, float]]) -> None:
    at = np.cumsum([step for step, _ in steps]) if steps else np.empty(0)
    found = track_of([(float(moment), 10.0 * n, 0.0, 30.0) for n, moment in enumerate(at)])
    lines, band = by_deviation(found, np.array([offset for _, offset in steps]))
    joined = int((np.diff(at) <= GAP_S).sum())
    assert sum(line.length for line in lines) == pytest.approx(10.0 * joined)
    assert ((band >= 0) & (band <= NO_PERMIT)).all()
