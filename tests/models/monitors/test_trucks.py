"""What trucks do and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.models.monitors.fixes import EMPTY, FULL, HALF
from console.models.monitors.statements import Held, Statement
from tests.models.monitors.ground import DAY, DEVIATION, LOADED, NINE, OVERSPEED, fixes, ground, rule, watch

if TYPE_CHECKING:
    from console.models.monitors.trucks import Trucks

SILENT = rule("terminal_silent", 300, 0, scope={"engine_off_s": 1800})
GROUP = rule("terminals_silent", 8, 3, scope={"within_s": 120})


def told(said: Any) -> list[tuple[str, int | None, float]]:
    """(kind, grade or None when over, seconds after nine) of each statement."""
    return [
        (one.kind, one.rule.grade if one.rule else None, one.at - NINE) for one in said if isinstance(one, Statement)
    ]


def judged(trucks: Trucks, *batches: Any) -> list[tuple[str, int | None, float]]:
    return told(one for batch in batches for one in trucks.judge(batch)[0])


def along(n: int, step: float = 50.0) -> Any:
    """Driving east along the route, a position every five seconds."""
    return np.arange(n) * step


def test_a_truck_that_leaves_its_corridor_is_told_after_30_seconds_and_three_positions() -> None:
    t = np.arange(40) * 5.0
    y = np.where((t >= 50) & (t < 100), 80.0, 0.0)
    assert judged(watch(DEVIATION), fixes(t, 100 + t * 4, y)) == [
        ("route_deviation", 1, 80),
        ("route_deviation", None, 160),
    ]


def test_the_alarm_says_where_and_how_far() -> None:
    [one] = watch(DEVIATION).judge(fixes([0, 15, 30], [100, 300, 500], -80))[0]
    assert one.rule == DEVIATION
    assert (one.value, one.limit, one.since - NINE) == (80, 50, 0)
    assert (one.x, one.y) == (500500, 3869920)
    assert one.detail == {"speed_kmh": 30.0, "permit": "P1", "offset_m": -80.0, "along_m": 500}


def test_between_set_and_clear_point_nothing_begins_or_ends() -> None:
    t = np.arange(60) * 5.0
    assert judged(watch(DEVIATION), fixes(t, 100, 45)) == []
    y = np.where(t < 60, 80.0, 45.0)
    assert judged(watch(DEVIATION), fixes(t, 100, y)) == [("route_deviation", 1, 30)]


def test_a_worse_grade_follows_when_it_goes_on() -> None:
    severe = rule("route_deviation", 50, 30, 2, on_delay_s=900, on_count=3, off_delay_s=60, off_count=3, scope=LOADED)
    t = np.arange(0, 1200, 10.0)
    y = np.where(t < 1000, 80.0, 0.0)
    assert judged(watch(DEVIATION, severe), fixes(t, 300, y)) == [
        ("route_deviation", 1, 30),
        ("route_deviation", 2, 900),
        ("route_deviation", None, 1060),
    ]


def test_empty_trucks_and_sites_are_free() -> None:
    t = np.arange(40) * 5.0
    assert judged(watch(DEVIATION), fixes(t, 500, 300, load=EMPTY)) == []
    assert judged(watch(DEVIATION), fixes(t, -90, 90)) == []


def test_one_jump_is_no_deviation_and_no_alarm_of_its_own() -> None:
    jump = rule("position_jump", 200, 140, scope={"of": 20, "jumps": 6})
    t = np.arange(200) * 5.0
    y = np.where(np.arange(200) % 40 == 20, 800.0, 0.0)
    assert judged(watch(DEVIATION, jump), fixes(t, np.minimum(t * 5, 900), y)) == []
    broken = np.where(np.arange(200) % 3 == 2, 800.0, 0.0)
    [(kind, grade, _at)] = judged(watch(DEVIATION, jump), fixes(t, np.minimum(t * 5, 900), broken))
    assert (kind, grade) == ("position_jump", 1)


def test_positions_that_no_speed_explains_are_no_deviation_however_rare_they_come() -> None:
    """A kilometre in half a minute is possible, but not for a truck that says 30 km/h."""
    t = np.arange(40) * 30.0
    wrong = np.isin(np.arange(40), [10, 11, 20, 21])
    y = np.where(wrong, np.where(np.arange(40) % 2 == 0, 1000.0, -1000.0), 0.0)
    assert judged(watch(DEVIATION), fixes(t, 500, y)) == []


def test_two_false_positions_in_a_row_are_no_deviation() -> None:
    """The second one could have been reached in the time since the truck was last believed, or bears the first out."""
    t = np.arange(30) * 30.0
    y = np.zeros(30)
    y[10:12], y[20:22] = (2000.0, 450.0), (2000.0, 2100.0)
    assert judged(watch(DEVIATION), fixes(t, 500, y, speed=3)) == []


def test_a_false_position_does_not_hide_a_deviation() -> None:
    """It is where its own speeds and headings lead, until a position that is believed says otherwise."""
    t = np.arange(8) * 30.0
    y = np.array([0, 0, 0, 170, 2500, 0, 0, 0.0])
    x = 100 + t * 4
    speed, heading = np.full(8, 15.0), np.array([90, 90, 45, 45, 90, 135, 90, 90])
    said = watch(DEVIATION).judge(fixes(t, x, y, speed=speed, heading=heading))[0]
    assert told(said)[0] == ("route_deviation", 1, 120)
    assert said[0].value == 170
    assert (said[0].x, said[0].y) == (500000 + x[3], 3870170)
    assert "offset_m" not in said[0].detail  # of the position that is not believed
    elsewhere = watch(DEVIATION).judge(fixes(t, x, y, speed=speed, heading=(heading + 180) % 360))[0]
    assert told(elsewhere) == []


def test_a_truck_is_where_all_its_speeds_lead_also_those_of_wrong_positions() -> None:
    """Two positions are wrong in a row, the second within reach of where it was: it stood all the time."""
    t = np.arange(6) * 30.0
    y = np.array([0, 0, 1500, 250, 0, 0.0])
    assert judged(watch(DEVIATION), fixes(t, 500, y, speed=0)) == []
    # Whoever says that it drove there has left its route.
    speed, heading = np.array([0, 0, 20, 20, 20, 20.0]), np.array([90, 90, 0, 0, 90, 90])
    y = np.array([0, 0, 1500, 250, 250, 250.0])
    assert judged(watch(DEVIATION), fixes(t, 500 + t, y, speed=speed, heading=heading)) == [("route_deviation", 1, 90)]


def test_a_receiver_that_says_it_is_broken_decides_nothing() -> None:
    t = np.arange(40) * 5.0
    assert judged(watch(DEVIATION), fixes(t, 500, 300, bits=1 << 5)) == []


def test_a_truck_that_was_carried_elsewhere_is_believed_at_the_third_position() -> None:
    t = np.arange(40) * 5.0
    y = np.where(t < 50, 0.0, 5000.0)
    [(kind, grade, at)] = judged(watch(DEVIATION), fixes(t, 500, y))
    assert (kind, grade) == ("route_deviation", 1)
    assert 80 <= at <= 90


def test_the_way_between_sparse_positions_counts() -> None:
    """At a report every 30 s three would take a minute: two are enough when the way between lay outside."""
    t = np.arange(6) * 30.0
    y = np.array([0, 0, 120, 120, 120, 120.0])
    [(_, _, at)] = judged(watch(DEVIATION), fixes(t, 100 + t * 4, y))
    assert at == 90
    # Cutting the inner corner between two positions on the route is no deviation.
    assert judged(watch(DEVIATION), fixes([0, 60, 120], [700, 1000, 1000], [0, 300, 900])) == []


def test_against_the_route_over_300_metres() -> None:
    wrong = rule("wrong_direction", 300, 100, scope=LOADED)
    t = np.arange(20) * 5.0
    there = fixes(t, 100 + t * 5, 0, heading=90)
    back = fixes(t + 100, 600 - t * 5, 0, heading=270)
    on = fixes(t + 200, 100 + t * 5, 0, heading=90)
    assert judged(watch(wrong), there, back, on) == [("wrong_direction", 1, 160), ("wrong_direction", None, 200)]


def test_what_was_driven_off_the_route_is_not_driven_against_it() -> None:
    """A truck that has left its route comes near it here and there, heading back; each time it begins anew."""
    wrong = rule("wrong_direction", 300, 100, scope=LOADED)
    t = np.arange(9) * 30.0
    x = 900 - 250.0 * (t / 30 % 3)
    aside = np.array([0, 200, 200, 0, 200, 200, 0, 0, 200.0])
    assert judged(watch(wrong), fixes(t, x, aside, heading=270)) == []
    assert judged(watch(wrong), fixes(t[:3], x[:3], 0, heading=270)) == [("wrong_direction", 1, 60)]


def test_a_position_that_is_wrong_does_not_hide_who_drives_against_the_route() -> None:
    wrong = rule("wrong_direction", 300, 100, scope=LOADED)
    t = np.arange(5) * 30.0
    y = np.array([0, 0, 2500, 0, 0.0])
    said = judged(watch(wrong), fixes(t, 900 - t * 5, y, heading=270))
    assert said == [("wrong_direction", 1, 90)]


@pytest.mark.parametrize(
    ("hour", "hours", "late"),
    [(9, (6, 15), False), (16, (6, 15), True), (23, (22, 6), False), (5, (22, 6), False), (12, (22, 6), True)],
)
def test_hours_also_past_midnight(hour: int, hours: tuple[int, int], late: bool) -> None:
    off = rule("off_hours", 5, 3, scope=LOADED)
    one = fixes((hour - 9) * 3600, 500, 0)
    assert bool(judged(watch(off, from_s=hours[0] * 3600.0, to_s=hours[1] * 3600.0), one)) is late


def test_no_permit() -> None:
    missing = rule("no_permit", 5, 3, scope=LOADED)
    assert judged(watch(missing), fixes(0, 500, 0)) == []
    over = watch(missing, last_day=DAY - 1)
    assert judged(over, fixes(0, 500, 0, speed=3), fixes(5, 500, 0)) == [("no_permit", 1, 5)]
    # The night that began on its last day belongs to it.
    night = watch(missing, last_day=DAY - 1, from_s=22 * 3600.0, to_s=10 * 3600.0)
    assert judged(night, fixes(0, 500, 0), fixes(3600, 500, 0)) == [("no_permit", 1, 3600)]


def test_the_limit_is_that_of_the_street() -> None:
    fast = rule("overspeed", 5, 0, scope=OVERSPEED)
    on_arterial = fixes(0, 500, 0, speed=62)
    on_branch = fixes(10, 500, -500, speed=62, load=EMPTY)
    said = watch(fast).judge(on_arterial)[0]
    assert said == []
    [one] = watch(fast).judge(on_branch)[0]
    assert (one.value, one.limit) == (62, 40)


def test_a_forbidden_area_at_its_hours() -> None:
    school = rule("forbidden_area", 20, 0, on_delay_s=20, on_count=2)
    t = np.arange(10) * 5.0
    trucks = watch(school)
    assert judged(trucks, fixes(t, 410, 300)) == []  # ten metres inside: noise
    assert judged(trucks, fixes(t + 100, 500, 300, load=EMPTY)) == [("forbidden_area", 1, 120)]
    assert judged(watch(school), fixes(t + 11 * 3600, 500, 300)) == []


def test_unloading_is_lawful_at_the_dump_site_alone() -> None:
    tip = rule("unlawful_tip", 100, 50)
    t = np.arange(6) * 5.0
    load = np.array([FULL, FULL, HALF, EMPTY, EMPTY, EMPTY])
    assert judged(watch(tip), fixes(t, 1000, 1050, load=load)) == []
    assert judged(watch(tip), fixes(t, 500, 500, load=load)) == [("unlawful_tip", 1, 20), ("unlawful_tip", None, 25)]
    # One position that says empty is a sensor that flickers.
    flicker = np.array([FULL, FULL, EMPTY, FULL, FULL, FULL])
    assert judged(watch(tip), fixes(t, 500, 500, load=flicker)) == []


def test_loading_is_lawful_at_the_work_site_alone() -> None:
    load_rule = rule("unlawful_load", 100, 50)
    t = np.arange(6) * 5.0
    load = np.array([EMPTY, EMPTY, HALF, FULL, FULL, FULL])
    assert judged(watch(load_rule), fixes(t, -50, 0, load=load)) == []
    assert judged(watch(load_rule), fixes(t, 500, 500, load=load))[0] == ("unlawful_load", 1, 20)


def test_an_open_lid_matters_while_it_drives_loaded_outside() -> None:
    lid = rule("uncovered", 5, 3, on_delay_s=15, on_count=2, scope=LOADED)
    t = np.arange(6) * 5.0
    assert judged(watch(lid), fixes(t, 500, 0, lid_closed=False)) == [("uncovered", 1, 15)]
    assert judged(watch(lid), fixes(t, 500, 0, lid_closed=False, load=EMPTY)) == []
    assert judged(watch(lid), fixes(t, -50, 0, lid_closed=False)) == []


def test_standing_loaded_outside_sites() -> None:
    parked = rule("park_overtime", 1200, 0, scope={"load": "full", "near_m": 50, "still_kmh": 3})
    t = np.arange(0, 1500, 30.0)
    moves = fixes(1500, 700, 0, speed=30)
    assert judged(watch(parked), fixes(t, 500, 0, speed=0), moves) == [
        ("park_overtime", 1, 1200),
        ("park_overtime", None, 1500),
    ]
    assert judged(watch(parked), fixes(t, 1000, 1020, speed=0)) == []


def test_silence_is_longer_with_the_engine_off() -> None:
    trucks = watch(SILENT, trucks=2)
    trucks.judge(fixes([0, 0], [0, 100], 0, vehicle=[1, 2], ignition=[True, False]))
    assert told(trucks.tick(NINE + 299)) == []
    assert told(trucks.tick(NINE + 301)) == [("terminal_silent", 1, 301)]
    assert told(trucks.tick(NINE + 302)) == []
    assert told(trucks.tick(NINE + 1801)) == [("terminal_silent", 1, 1801)]
    assert judged(trucks, fixes(1810, 0, 0)) == [("terminal_silent", None, 1810)]


def test_nobody_was_silent_before_anybody_listened() -> None:
    trucks = watch(SILENT)
    trucks.judge(fixes(-7200, 0, 0))
    assert told(trucks.tick(NINE - 3400)) == []
    assert told(trucks.tick(NINE - 3299)) == [("terminal_silent", 1, -3299)]


def test_many_that_fall_silent_together_are_one_alarm() -> None:
    trucks = watch(SILENT, GROUP, trucks=20)
    everyone = np.arange(1, 21)
    trucks.judge(fixes(everyone * 3.0, 0, 0, vehicle=everyone))
    trucks.judge(fixes(100 + everyone[12:] * 3.0, 0, 0, vehicle=everyone[12:]))
    said = trucks.tick(NINE + 304)
    group = next(one for one in said if isinstance(one, Statement))
    assert (group.kind, group.subject_id, group.value) == ("terminals_silent", 1, 12)
    assert [one for one in said if isinstance(one, Held)] == [
        Held("terminal_silent", n, True, "terminals_silent") for n in range(1, 13)
    ]
    kinds = [(one.kind, one.subject_id) for one in said if isinstance(one, Statement)]
    assert kinds == [("terminals_silent", 1), ("terminal_silent", 1)]
    # Later ones join without another word.
    assert {one.subject_id for one in trucks.tick(NINE + 305) if isinstance(one, Held)} == set(range(13, 21))
    # They come back: each leaves, and the group ends with the last few.
    trucks.judge(fixes(400 + np.arange(15), 0, 0, vehicle=everyone[:15]))
    left = trucks.tick(NINE + 416)
    assert {one.subject_id for one in left if isinstance(one, Held)} == set(range(1, 16))
    trucks.judge(fixes(420 + np.arange(4), 0, 0, vehicle=everyone[15:19]))
    over = trucks.tick(NINE + 425)
    assert told(over)[0] == ("terminals_silent", None, 425)
    assert any(isinstance(one, Held) and one.subject_id == 20 and not one.is_on for one in over)


def test_a_few_silent_trucks_are_each_an_alarm() -> None:
    trucks = watch(SILENT, GROUP, trucks=5)
    trucks.judge(fixes(np.zeros(5), 0, 0, vehicle=np.arange(1, 6)))
    assert [kind for kind, _, _ in told(trucks.tick(NINE + 400))] == ["terminal_silent"] * 5


def test_what_comes_late_is_handed_back() -> None:
    trucks = watch(DEVIATION)
    trucks.judge(fixes([0, 60], 0, 0))
    said, late = trucks.judge(fixes([30, 60, 90], [10, 0, 20], 0))
    assert said == []
    assert (late.at - NINE).tolist() == [30, 60]
    assert trucks.known(np.array([0, 1, 2])).tolist() == [False, True, False]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_however_positions_are_cut_into_batches_the_same_is_said(data: Any) -> None:
    """Also over a restart between any two of them."""
    rules = (
        DEVIATION, rule("unlawful_tip", 100, 50, off_delay_s=60), rule("off_hours", 5, 3, scope=LOADED),
        rule("position_jump", 200, 140, scope={"of": 20, "jumps": 6}), rule("overspeed", 5, 0, scope=OVERSPEED),
        rule("park_overtime", 120, 0, scope={"load": "full", "near_m": 50, "still_kmh": 3}),
    )  # fmt: skip
    n = data.draw(st.integers(2, 40))
    drawn = [
        data.draw(st.lists(one, min_size=n, max_size=n))
        for one in (
            st.integers(1, 3), st.integers(1, 40),
            st.sampled_from([0, 20, 200, 900]), st.sampled_from([0, 40, 80, 400]),
            st.sampled_from([0, 30, 80]), st.sampled_from([EMPTY, HALF, FULL]),
        )
    ]  # fmt: skip
    vehicle, gap, x, y, speed, load = (np.array(column) for column in drawn)
    every = fixes(np.cumsum(gap), x, y, vehicle=vehicle, speed=speed, load=load)
    place = ground(3)
    whole = watch(*rules, trucks=3, place=place)
    expected = sorted((one.at, one.kind, one.subject_id, one.rule is None) for one in whole.judge(every)[0])
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
    found = []
    judge = watch(*rules, trucks=3, place=place)
    for rows in np.split(np.arange(n), cuts):
        found += judge.judge(every.take(rows))[0]
        state = judge.state()
        judge = watch(*rules, trucks=3, place=place)
        judge.restore(state)
    assert sorted((one.at, one.kind, one.subject_id, one.rule is None) for one in found) == expected
    assert sorted(judge.standing(), key=str) == sorted(whole.standing(), key=str)
