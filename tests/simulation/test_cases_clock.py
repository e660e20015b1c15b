"""The disposal clock on histories that are too rare to be met in a small city."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from console.models.calendar import WorkingCalendar
from console.simulation.generator.cases.fold import Clock
from console.simulation.generator.cases.steps import STATES, Step
from console.simulation.generator.cases.timeline import NEVER

CALENDAR = WorkingCalendar.public(2026, 2026)
ZONE = ZoneInfo("Asia/Shanghai")
DISPATCHED = {Step.REPORT: "02 07:40", Step.ACCEPT: "02 07:45", Step.FILE: "02 07:50", Step.DISPATCH: "02 08:00"}


def seconds(when: str) -> int:
    """An instant of June 2026, whose second is a Tuesday, given as day and time."""
    return int(datetime.fromisoformat(f"2026-06-{when}").replace(tzinfo=ZONE).timestamp())


def fold(steps: dict[Step, str], minutes: int = 480, working: bool = True, end: str = "30 12:00") -> dict[str, Any]:
    at = np.full((len(Step), 1), NEVER)
    for step, when in steps.items():
        at[step] = seconds(when)
    no = np.array([False])
    clock = Clock(CALENDAR, np.array([minutes]), np.array([working]))
    clock.mark_overdue(at, seconds(end))
    row = clock.fold(at, no, no)
    return {name: column[0] for name, column in row.items()}


def moment(when: str) -> np.datetime64:
    return np.datetime64(seconds(when), "s")


def test_rework_goes_on_with_what_is_left() -> None:
    steps = DISPATCHED | {
        Step.TAKE: "02 08:05",
        Step.DISPOSE: "02 14:00",  # four of eight hours
        Step.FEED_BACK: "02 14:05",
        Step.ORDER_CHECK: "02 14:10",
        Step.CHECK: "02 15:30",
        Step.REWORK: "02 16:00",
    }
    row = fold(steps, end="02 17:00")
    assert row["running_since"] == moment("02 16:00")
    assert row["deadline"] == row["due_at"] == moment("03 10:00")
    assert row["warn_at"] == moment("03 08:24")  # 80 % of eight hours are 6 h 24 min
    assert (row["consumed_minutes"], row["reworks"], row["is_overdue"]) == (240, 1, False)
    assert STATES[row["state"]] == "pending_handle"
    steps |= {Step.TAKE_AGAIN: "02 16:05", Step.DISPOSE_AGAIN: "03 10:00"}
    in_time = fold(steps)
    assert (in_time["consumed_minutes"], in_time["is_overdue"]) == (480, False)
    late = fold(steps | {Step.DISPOSE_AGAIN: "03 10:01"})
    assert late["is_overdue"]
    assert late["disposed_at"] == moment("03 10:01")


def test_rework_of_an_overdue_case_keeps_the_old_deadline() -> None:
    steps = DISPATCHED | {
        Step.TAKE: "02 08:05",
        Step.DISPOSE: "02 10:30",
        Step.FEED_BACK: "02 10:35",
        Step.ORDER_CHECK: "02 10:40",
        Step.CHECK: "02 10:50",
        Step.REWORK: "02 11:00",
        Step.TAKE_AGAIN: "02 11:05",
        Step.DISPOSE_AGAIN: "02 11:30",
    }
    row = fold(steps, minutes=120, working=False)
    assert row["deadline"] == moment("02 10:00")
    assert row["is_overdue"]
    assert row["consumed_minutes"] == 180


def test_a_suspension_stops_the_clock_and_a_return_starts_it_anew() -> None:
    suspended = DISPATCHED | {Step.TAKE: "02 08:05", Step.SUSPEND: "02 10:00"}
    row = fold(suspended)
    assert np.isnat(row["due_at"])
    assert np.isnat(row["running_since"])
    assert (row["consumed_minutes"], row["is_overdue"]) == (120, False)
    resumed = fold(suspended | {Step.RESUME: "22 08:00"}, end="22 09:00")
    assert resumed["deadline"] == moment("22 16:00")
    assert resumed["running_since"] == moment("22 08:00")
    returned = fold(DISPATCHED | {Step.RETURN: "02 08:30"}, end="02 08:35")
    assert STATES[returned["state"]] == "returned"
    assert (returned["due_at"], returned["consumed_minutes"]) == (moment("02 08:45"), 30)
    again = fold(DISPATCHED | {Step.RETURN: "02 08:30", Step.DISPATCH_AGAIN: "02 09:00"}, end="02 09:05")
    assert (again["dispatched_at"], again["consumed_minutes"]) == (moment("02 09:00"), 0)
    assert again["deadline"] == moment("03 09:00")


def test_an_extension_adds_one_limit() -> None:
    steps = DISPATCHED | {Step.TAKE: "02 08:05", Step.REQUEST_EXTENSION: "02 15:00", Step.EXTEND: "02 15:10"}
    row = fold(steps, end="03 09:00")
    assert (row["limit_minutes"], row["extensions"], row["is_overdue"]) == (960, 1, False)
    assert row["deadline"] == moment("03 18:00")
    assert fold(steps, end="04 08:00")["is_overdue"]


def test_a_limit_of_two_urgent_hours_runs_through_the_night() -> None:
    steps = DISPATCHED | {Step.DISPATCH: "02 22:36", Step.TAKE: "02 22:40"}
    assert fold(steps, minutes=120, working=False, end="02 23:00")["deadline"] == moment("03 00:36")
    assert fold(steps, minutes=480, end="02 23:00")["deadline"] == moment("03 18:00")
