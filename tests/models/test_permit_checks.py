"""The check of a permit, rule by rule, on a small town of straight streets; hours and gaps against brute force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.models.haulage import checks
from console.models.haulage.checks import Case, Level, Other, Zone, hours_meet, judge, minutes
from console.models.haulage.network import Network

TODAY = date(2026, 11, 1)
X, Y = 500_000.0, 3_870_000.0


def at(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


TOWN = Network([at((0, 0), (1000, 0)), at((1000, 0), (1000, 1000)), at((0, 0), (0, 1000))], ["arterial"] * 3)
GOOD = Case(
    route=at((0, 0), (1000, 0), (1000, 1000)),
    work_site=box(-100, -50, 0, 50),
    dump_site=box(950, 1000, 1050, 1100),
    valid_from=TODAY - timedelta(days=5),
    valid_to=TODAY + timedelta(days=40),
    hours_from=time(22),
    hours_to=time(6),
    is_revoked=False,
    truck_active=True,
    zones=(),
    others=(),
    today=TODAY,
)
SCHOOL = Zone("学校", 0, time(7), time(19), box(400, -100, 600, 100))


def found(**changed: Any) -> dict[str, checks.Verdict]:
    return {one.code: one for one in judge(replace(GOOD, **changed), TOWN)}


def test_a_permit_with_nothing_wrong_says_so_of_each_rule() -> None:
    verdicts = judge(GOOD, TOWN)
    assert checks.worst(verdicts) is Level.OK
    assert [one.code for one in verdicts] == [
        "joined", "start_at_site", "end_at_site", "on_streets", "no_zone", "hours_fit", "in_force", "alone",
    ]  # fmt: skip


def test_pieces_that_do_not_join_are_shown_where_they_part() -> None:
    route = shapely.MultiLineString([at((0, 0), (400, 0)), at((430, 0), (1000, 0)), at((1000, 0.5), (1000, 1000))])
    gap = found(route=route)["gaps"]
    assert (gap.level, gap.values["n"], gap.values["metres"]) == (Level.FAULT, 1, 30)
    assert gap.where is not None
    assert shapely.distance(gap.where, shapely.Point(X + 415, Y)) == 0


def test_a_route_begins_and_ends_at_its_sites() -> None:
    away = found(route=at((300, 0), (1000, 0), (1000, 700)))
    assert away["start_away"].values["metres"] == pytest.approx(300)
    assert away["end_away"].values["metres"] == pytest.approx(300)
    assert away["end_away"].where == at((1000, 700), (1000, 700)).boundary or away["end_away"].where is not None
    back = found(route=at((1000, 1000), (1000, 0), (0, 0)))
    assert back["turned_round"].level is Level.FAULT
    assert found(work_site=None)["start_unknown"].level is Level.FAULT
    assert found(dump_site=None)["end_unknown"].level is Level.FAULT


def test_what_leaves_the_streets_is_measured_and_shown_and_access_is_not_held_against_it() -> None:
    cut = found(route=at((0, 0), (500, 0), (500, 500), (1000, 500), (1000, 1000)))["off_street"]
    assert cut.level is Level.FAULT
    assert cut.values["metres"] == pytest.approx(1000 - 60, abs=25)
    assert cut.where is not None
    assert shapely.distance(cut.where, shapely.Point(X + 500, Y + 500)) < 15
    # A dump 400 m from the end of the street: the way there is access.
    dump = box(950, 1400, 1050, 1500)
    far = found(route=at((0, 0), (1000, 0), (1000, 1000), (1000, 1400)), dump_site=dump)["on_streets"]
    assert far.values["access"] == pytest.approx(320, abs=25)
    assert found(route=at((5000, 5000), (6000, 5000)))["off_street"].values["metres"] == pytest.approx(1000)


def test_areas_count_in_the_hours_of_both() -> None:
    assert "forbidden" not in found(zones=[SCHOOL])
    by_day = found(zones=[SCHOOL], hours_from=time(6), hours_to=time(15))["forbidden"]
    assert (by_day.level, by_day.values["name"], by_day.values["metres"]) == (Level.FAULT, "学校", 200)
    slow = found(zones=[replace(SCHOOL, speed_kmh=30, hours_from=time(0), hours_to=time(0))])["slow"]
    assert (slow.level, slow.values["speed"]) == (Level.NOTE, 30)
    beside = replace(SCHOOL, outline=box(400, 0, 600, 100), hours_from=time(0), hours_to=time(0))
    assert "no_zone" in found(zones=[replace(beside, outline=box(400, 50, 600, 100))])


@pytest.mark.parametrize(
    ("changed", "code", "level"),
    [
        ({"valid_to": TODAY - timedelta(days=1)}, "expired", Level.FAULT),
        ({"valid_to": TODAY}, "ends_soon", Level.NOTE),
        ({"valid_from": TODAY + timedelta(days=2)}, "not_yet", Level.NOTE),
        ({"valid_to": None}, "days_unknown", Level.FAULT),
        ({"is_revoked": True}, "revoked", Level.FAULT),
        ({"hours_from": time(22), "hours_to": time(22, 30)}, "hours_short", Level.FAULT),
        ({"hours_from": time(8), "hours_to": time(8)}, "hours_long", Level.NOTE),
        ({"hours_to": None}, "hours_unknown", Level.FAULT),
        ({"route": None}, "no_route", Level.FAULT),
        ({"truck_active": False}, "truck_gone", Level.FAULT),
    ],
)
def test_hours_days_and_truck(changed: dict[str, Any], code: str, level: Level) -> None:
    assert found(**changed)[code].level is level


def test_another_permit_of_the_truck_for_the_same_time_is_named() -> None:
    other = Other("A-7", TODAY, TODAY + timedelta(days=3), time(5), time(9))
    assert found(others=[other])["overlaps"].values["numbers"] == "A-7"
    assert "alone" in found(others=[replace(other, hours_from=time(6))])
    assert "alone" in found(others=[replace(other, valid_from=TODAY + timedelta(days=41), valid_to=date(2027, 1, 1))])


times = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))


def span(since: time, until: time) -> set[int]:
    """Every minute of the day in the hours."""
    begin, stop = 60 * since.hour + since.minute, 60 * until.hour + until.minute
    if begin < stop:
        return set(range(begin, stop))
    return set(range(begin, 24 * 60)) | set(range(stop))


@settings(deadline=None)
@given(times, times, times, times)
def test_hours_meet_when_they_have_a_minute_in_common(a: time, b: time, c: time, d: time) -> None:
    assert hours_meet(a, b, c, d) == hours_meet(c, d, a, b) == bool(span(a, b) & span(c, d))
    assert minutes(a, b) == len(span(a, b))


corners = st.lists(
    st.tuples(st.integers(-200, 1200), st.integers(-200, 1200)), min_size=2, max_size=6, unique=True
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corners, st.data())
def test_any_line_has_one_verdict_a_rule_and_never_more_metres_than_it_is_long(points: Any, data: Any) -> None:
    route = at(*points)
    cut = data.draw(st.integers(1, len(points) - 1))
    parts = [at(*points[: cut + 1]), at(*points[cut:])] if 1 <= cut < len(points) - 1 else [route]
    verdicts = found(route=route)
    assert sum(code in verdicts for code in ("on_streets", "off_street")) == 1
    off = verdicts.get("on_streets") or verdicts["off_street"]
    assert off.values["metres"] <= route.length + 1
    # Cut at a corner and put together again it is the same route; with its pieces swapped it has a gap.
    assert checks.pieces(shapely.MultiLineString(parts)).code == "joined"
    if len(parts) == 2 and shapely.distance(shapely.get_point(parts[1], -1), shapely.get_point(parts[0], 0)) > 1:
        assert checks.pieces(shapely.MultiLineString(parts[::-1])).code == "gaps"
