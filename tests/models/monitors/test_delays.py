"""Set point, clear point and delays: whatever the values are, the arrays say what one value after another says."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from console.models.monitors.delays import Delays
from tests.models.monitors.ground import rule

VALUES = st.one_of(st.just(float("nan")), st.just(-np.inf), st.floats(0, 20))
RULES = st.builds(
    lambda low, band, *delays: rule(
        "x", low + band, low, on_delay_s=delays[0], on_count=delays[1], off_delay_s=delays[2], off_count=delays[3]
    ),
    st.floats(0, 10), st.floats(0, 5), st.integers(0, 60), st.integers(1, 4), st.integers(0, 60), st.integers(1, 4),
)  # fmt: skip


def one_by_one(rule: Any, series: list[tuple[float, float]]) -> list[bool]:
    """Whether the condition holds after each (seconds, value), as the words of the rule say it."""
    holds = False
    run: list[float] = []
    told = []
    for at, value in series:
        if not np.isnan(value):
            on = value >= rule.set_point
            wanted = (value <= rule.clear_point and not on) if holds else on
            run = [*run, at] if wanted else []
            count, delay = (rule.off_count, rule.off_delay_s) if holds else (rule.on_count, rule.on_delay_s)
            if run and len(run) >= count and at - run[0] >= delay:
                holds, run = not holds, []
        told.append(holds)
    return told


@settings(max_examples=150, deadline=None)
@given(rules=st.lists(RULES, min_size=1, max_size=3), data=st.data())
def test_arrays_say_what_one_after_another_says(rules: list[Any], data: Any) -> None:
    points = data.draw(st.integers(1, 3))
    steps = data.draw(st.lists(st.tuples(st.integers(1, 30), st.lists(VALUES, min_size=points, max_size=points)),
        max_size=25))  # fmt: skip
    delays = Delays(rules, points)
    at, told = 0.0, []
    series: list[list[tuple[float, float]]] = [[] for _ in range(points)]
    for gap, values in steps:
        at += gap
        before = delays.holds.copy()
        turns = delays.step(np.tile(values, (len(rules), 1)), np.full(points, at), np.arange(points))
        turned = np.zeros_like(before)
        turned[turns.rule, turns.column] = True
        assert (before ^ delays.holds == turned).all()
        assert (delays.holds[turns.rule, turns.column] == turns.holds).all()
        told.append(delays.holds.copy())
        for point, value in enumerate(values):
            series[point].append((at, value))
    for row, one in enumerate(rules):
        for point in range(points):
            assert [bool(holds[row, point]) for holds in told] == one_by_one(one, series[point])


@settings(max_examples=50, deadline=None)
@given(values=st.lists(VALUES, min_size=2, max_size=20), cut=st.integers(0, 20))
def test_a_run_goes_on_from_its_state(values: list[float], cut: int) -> None:
    rules = [rule("x", 10, 8, on_delay_s=20, on_count=2, off_delay_s=30, off_count=2)]

    def run(delays: Delays, part: list[float], first: int) -> Delays:
        for index, value in enumerate(part, start=first):
            delays.step(np.array([[value]]), np.array([10.0 * index]), np.array([0]))
        return delays

    whole = run(Delays(rules, 1), values, 0)
    begun = run(Delays(rules, 1), values[:cut], 0)
    resumed = Delays(rules, 3)
    resumed.restore(begun.state(), np.array([2]))
    for index, value in enumerate(values[cut:], start=cut):
        resumed.step(np.array([[value]]), np.array([10.0 * index]), np.array([2]))
    assert resumed.holds[0].tolist() == [False, False, bool(whole.holds[0, 0])]


def test_points_may_have_their_own_set_points() -> None:
    delays = Delays([rule("flooding", 15, 13)], 2)
    delays.set_point[0] = 15, 27
    delays.clear_point[0] = 13, 25
    delays.step(np.array([[20.0, 20.0]]), np.zeros(2), np.arange(2))
    assert delays.holds.tolist() == [[True, False]]
