"""The time that is shown: it stays within its period, stops at the end, waits for what is not known yet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.replay import SPEEDS, Playing

SECOND = st.floats(0, 1e7)
PERIOD = st.tuples(SECOND, SECOND).map(sorted)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("to"), st.floats(-1e8, 1e8)),
        st.tuples(st.just("after"), st.floats(0, 1e4)),
        st.tuples(st.just("running"), st.booleans()),
        st.tuples(st.just("faster"), st.integers(-9, 9)),
        st.tuples(st.just("over"), PERIOD),
        st.tuples(st.just("live"), st.none()),
    ),
    max_size=8,
)


@given(PERIOD, ACTS)
def test_whatever_is_done_the_instant_is_the_present_or_one_of_the_period(period: list[float], acts: list) -> None:  # type: ignore[type-arg]
    playing = Playing().over(*period)
    for act, value in acts:
        if act == "to":
            playing = playing.to(value)
        elif act == "after":
            playing = playing.after(value, playing.end)
        elif act == "running":
            playing = playing.running(running=value)
        elif act == "faster":
            playing = playing.faster(value)
        elif act == "over":
            playing = playing.over(*value)
        else:
            playing = playing.live()
        assert playing.at is None or playing.start <= playing.at <= playing.end
        assert playing.speed in SPEEDS
        assert not (playing.is_live and playing.is_running)


def test_it_runs_at_its_speed_and_stops_at_the_end() -> None:
    playing = Playing().over(0, 1000).to(100).at_speed(60).running(running=True)
    assert playing.after(2.0, 1000).at == 220
    assert playing.after(2.0, 1000).is_running
    end = playing.after(60.0, 1000)
    assert (end.at, end.is_running) == (1000, False)
    # Played once more it begins anew.
    assert end.running(running=True).at == 0


def test_it_waits_for_what_is_not_known_yet() -> None:
    playing = Playing().over(0, 1000).to(100).running(running=True)
    waiting = playing.after(5.0, 130)
    assert (waiting.at, waiting.is_running) == (130, True)
    assert waiting.after(5.0, 90).at == 130
    assert waiting.after(1.0, 1000).at == 190


def test_a_period_that_ends_before_it_begins_and_a_speed_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="begins"):
        Playing().over(10, 9)
    with pytest.raises(ValueError, match="speed"):
        Playing().at_speed(7)
