"""Clocks over whole histories: whatever happened, in whatever order, the row says what the domain page says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.models.calendar import LimitUnit, public_calendar
from tests.conftest import _clone as clone
from tests.database.histories import (
    CLOCKS,
    FIRST_UNIT,
    FOLD,
    NEXT,
    SECOND_UNIT,
    UNRELATED,
    Event,
    Reckoning,
    at,
    fold,
    micros,
    midnight_after,
)
from tests.town import TOWN

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

STAGES = {
    "reported": 15, "pending_register": 15, "pending_dispatch": 15, "returned": 15, "handle_finish": 15,
    "pending_check": 15, "checking": 30, "check_not_pass": 15, "pending_close": 15,
}  # fmt: skip


@pytest.fixture(scope="module")
def centre(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Connection]:
    """A town with the calendar of 2026 and one reported case; nothing else is ever written."""
    for engine in clone(cluster, administration, empty_template):
        with engine.connect() as connection:
            connection.execute(text(TOWN))
            connection.execute(
                text("""
                    INSERT INTO city.calendar_day (day, is_working)
                    SELECT * FROM unnest(CAST(:days AS date[]), CAST(:working AS boolean[]))
                """),
                {
                    "days": [row.day for row in public_calendar(2026, 2026)],
                    "working": [row.is_working for row in public_calendar(2026, 2026)],
                },
            )
            connection.execute(
                text("""
                    INSERT INTO city.working_hours VALUES
                        ('2000-01-01', '2099-12-31', '08:00', '12:00'), ('2000-01-01', '2099-12-31', '14:00', '18:00')
                """)
            )
            connection.execute(text("SELECT city.report_case('hotline_12345', '井盖缺失', 500100, 3875000)"))
            connection.execute(text(FOLD))
            connection.commit()
            yield connection


# ---- random histories

gaps = st.one_of(
    st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(0, 10**11).map(lambda us: timedelta(microseconds=us)),
    st.sampled_from([timedelta(0), timedelta(minutes=15), timedelta(hours=2), timedelta(days=1), timedelta(days=3)]),
)
choices = st.lists(st.tuples(st.integers(0, 59), gaps, st.booleans()), min_size=4, max_size=30)
limits = st.tuples(st.integers(1, 5), st.sampled_from(list(LimitUnit)))


class Walk:
    """A history that follows choices, but does nothing that the domain page forbids."""

    def __init__(self, choices: list[tuple[int, timedelta, bool]], value: int, unit: LimitUnit) -> None:
        self.value, self.unit = value, unit
        self.now = at("2026-06-04 16:20")
        self.events: list[Event] = []
        self.until: date | None = None  # last day on account
        self.reckoning = Reckoning(value, unit)
        self.expected: list[tuple[timedelta, timedelta, datetime | None, bool, bool]] = []
        self.suspended = self.extended = 0
        for move, state in (("report", "reported"), ("accept", "pending_register"), ("file", "pending_dispatch")):
            self.add(move, state)
        for choice, gap, by_keeper in choices:
            self.now += gap
            self.step(choice, by_keeper)

    @property
    def state(self) -> str | None:
        return self.events[-1].to_state if self.events else None

    def step(self, choice: int, by_keeper: bool) -> None:
        clock = self.reckoning
        late = clock.running is not None and clock.deadline is not None and self.now > clock.deadline
        if late and not clock.overdue and by_keeper:
            self.add("overdue", str(self.state))
        move, to_state = NEXT[str(self.state)][choice % len(NEXT[str(self.state)])]
        if (move == "suspend" and self.suspended) or (
            move == "extend" and (self.extended == 2 or late or clock.overdue)
        ):
            move, to_state = "dispose", "handle_finish"
        detail: dict[str, Any] | None = None
        department = clock.responsible
        if move in {"dispatch", "extend"}:
            detail = {"limit_value": self.value, "limit_unit": self.unit.value}
        if move == "dispatch":
            department = SECOND_UNIT if choice % 4 == 3 else FIRST_UNIT
        if move == "suspend":
            self.until = (self.now + timedelta(days=choice % 5)).date()
            detail = {"until": self.until.isoformat()}
        self.suspended += move == "suspend"
        self.extended += move == "extend"
        self.add(move, to_state, department, detail)

    def add(
        self, move: str, to_state: str, department: int | None = None, detail: dict[str, Any] | None = None
    ) -> None:
        event = Event(self.now, move, to_state, self.state, department, detail)
        before = self.reckoning.used(self.now)
        mine = self.reckoning.responsible
        self.reckoning.take(event, self.until)
        anew = (
            self.reckoning.responsible != mine or move == "reopen" or (move, to_state) == ("return", "pending_register")
        )
        anew = anew or (move == "dispatch" and event.from_state != "returned")
        self.events.append(event)
        self.expected.append(
            (before, self.reckoning.used(self.now), self.reckoning.deadline, self.reckoning.overdue, anew)
        )


@settings(max_examples=60, deadline=None)
@given(choices, limits)
def test_the_row_reckons_every_history_as_the_domain_page_does(
    centre: Connection, choices: list[tuple[int, timedelta, bool]], limit: tuple[int, LimitUnit]
) -> None:
    walk = Walk(choices, *limit)
    (rows,) = fold(centre, [walk.events])
    last: dict[str, Any] = {}
    for event, row, (before, used, deadline, overdue, anew) in zip(walk.events, rows, walk.expected, strict=True):
        assert timedelta(microseconds=row["used_us"]) == used, event
        assert row["deadline_us"] == micros(deadline), event
        assert row["is_overdue"] == overdue, event
        runs = row["running_since"] is not None
        assert runs == (event.to_state in {"pending_handle", "handling"}), event
        # Time used never decreases but for a clock that begins anew, and a pause adds nothing to it.
        assert anew or used >= before
        if last and not anew and last["running_since"] is None:
            late = event.move == "resume" and walk.until is not None and event.at > midnight_after(walk.until)
            assert row["used_us"] == last["used_us"] or late, event
        # Overdue is one mark for ever.
        assert not last.get("is_overdue") or row["is_overdue"], event
        if runs:
            assert row["due_us"] == row["deadline_us"]
        elif event.to_state in STAGES:
            assert row["due_us"] == micros(event.at + timedelta(minutes=STAGES[event.to_state])), event
            assert row["warn_us"] == micros(event.at + timedelta(minutes=0.8 * STAGES[event.to_state])), event
        else:
            assert row["due_us"] is None
        last = row


@settings(max_examples=40, deadline=None)
@given(choices, limits, st.randoms(use_true_random=False))
def test_moves_that_touch_no_clock_may_come_in_any_order_or_not_at_all(
    centre: Connection,
    choices: list[tuple[int, timedelta, bool]],
    limit: tuple[int, LimitUnit],
    chance: random.Random,
) -> None:
    plain = Walk(choices, *limit).events

    def mixed() -> list[Event]:
        told = list(plain)
        for _ in range(chance.randint(1, 8)):
            place = chance.randint(3, len(told))
            move, detail = chance.choice(UNRELATED)
            before = told[place - 1]
            after = told[place].at if place < len(told) else before.at + timedelta(days=1)
            when = before.at + chance.random() * (after - before.at)
            told.insert(place, Event(when, move, before.to_state, before.to_state, before.department_id, detail))
        return told

    without, one, other = fold(centre, [plain, mixed(), mixed()])
    clocks = [{name: rows[-1][name] for name in CLOCKS} for rows in (without, one, other)]
    assert clocks[0] == clocks[1] == clocks[2]


@settings(max_examples=40, deadline=None)
@given(choices, limits.filter(lambda limit: not limit[1].in_working_time), st.integers(1, 10**12), st.data())
def test_a_longer_pause_changes_nothing_but_the_date(
    centre: Connection,
    choices: list[tuple[int, timedelta, bool]],
    limit: tuple[int, LimitUnit],
    longer_us: int,
    data: st.DataObject,
) -> None:
    told = Walk([one for one in choices if one[0] % 5 != 2], *limit).events  # a day on account is a date, not a time
    pauses = [n for n in range(3, len(told)) if told[n].from_state not in {"pending_handle", "handling", "suspended"}]
    if not pauses:
        return
    place = data.draw(st.sampled_from(pauses))
    longer = timedelta(microseconds=longer_us)
    shifted = [event if n < place else replace(event, at=event.at + longer) for n, event in enumerate(told)]
    one, other = fold(centre, [told, shifted])
    for before, after in zip(one, other, strict=True):
        for name in ("used_us", "limit_minutes", "is_overdue", "extensions", "reworks", "state"):
            assert before[name] == after[name]


# ---- the domain page, sentence by sentence


def history(*steps: tuple[str, str, str] | tuple[str, str, str, dict[str, Any]]) -> list[Event]:
    """Events told as (time, move, state that it leads to, more); filed on Monday, 1 June 2026, in the morning."""
    told = [Event(at("2026-06-01 07:00"), "report", "reported"),
            Event(at("2026-06-01 07:05"), "accept", "pending_register", "reported"),
            Event(at("2026-06-01 07:10"), "file", "pending_dispatch", "pending_register")]  # fmt: skip
    for when, move, to_state, *more in steps:
        given: dict[str, Any] = dict(*more)
        department = given.pop("department", told[-1].department_id)
        told.append(Event(at(when), move, to_state, told[-1].to_state, department, given or None))
    return told


def limit(value: int, unit: str, department: int = FIRST_UNIT) -> dict[str, Any]:
    return {"limit_value": value, "limit_unit": unit, "department": department}


def ends(row: dict[str, Any], said: str) -> bool:
    return bool(row["due_us"] == row["deadline_us"] == micros(at(said)))


def test_the_clock_runs_from_dispatch_to_disposal(centre: Connection) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-01 22:36", "dispatch", "pending_handle", limit(1, "WD")),
                ("2026-06-01 22:50", "department_accept", "handling"),
                ("2026-06-02 11:00", "dispose", "handle_finish"),
                ("2026-06-02 11:05", "feed_back", "pending_check"),
            )
        ],
    )
    assert ends(rows[3], "2026-06-02 18:00")
    assert rows[3]["warn_us"] == micros(at("2026-06-02 16:24"))  # 80 % of eight hours
    assert ends(rows[4], "2026-06-02 18:00")
    assert (rows[5]["consumed_minutes"], rows[5]["running_since"], rows[5]["is_overdue"]) == (180, None, False)
    assert rows[6]["due_us"] == micros(at("2026-06-02 11:20"))


@pytest.mark.parametrize(
    ("disposed", "overdue"), [("00:36:00", False), ("00:36:00.000001", True), ("00:35:59.999999", False)]
)
def test_what_is_disposed_of_on_the_deadline_is_in_time(centre: Connection, disposed: str, overdue: bool) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-01 22:36", "dispatch", "pending_handle", limit(2, "UH")),
                ("2026-06-01 22:40", "department_accept", "handling"),
                (f"2026-06-02 {disposed}", "dispose", "handle_finish"),
                ("2026-06-02 09:00", "feed_back", "pending_check"),
                ("2026-06-02 09:01", "order_check", "checking"),
                ("2026-06-02 09:10", "check", "pending_close", {"passed": True}),
                ("2026-06-02 09:11", "close", "closed"),
            )
        ],
    )
    assert [row["is_overdue"] for row in rows[5:]] == [overdue] * 5


def test_a_return_pauses_and_the_same_unit_goes_on_with_what_it_has_left(centre: Connection) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-02 10:00", "dispatch", "pending_handle", limit(1, "WD")),
                ("2026-06-02 15:00", "return", "returned"),  # three hours of eight are used
                ("2026-06-04 09:00", "dispatch", "pending_handle", limit(1, "WD")),
            )
        ],
    )
    assert (rows[4]["consumed_minutes"], rows[4]["running_since"]) == (180, None)
    assert rows[4]["due_us"] == micros(at("2026-06-02 15:15"))  # the dispatcher's quarter of an hour
    assert ends(rows[5], "2026-06-04 16:00")  # three hours in the morning, two in the afternoon
    assert rows[5]["dispatched_at"] == rows[3]["dispatched_at"]


def test_another_unit_starts_anew(centre: Connection) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-02 10:00", "dispatch", "pending_handle", limit(1, "WD")),
                ("2026-06-02 10:05", "department_accept", "handling"),
                ("2026-06-02 10:06", "assign", "handling", {"staff_id": 1}),
                ("2026-06-02 10:07", "revoke_assign", "handling"),
                ("2026-06-02 15:00", "return", "returned"),
                ("2026-06-04 09:00", "dispatch", "pending_handle", limit(1, "WD", SECOND_UNIT)),
            )
        ],
    )
    assert rows[-1]["consumed_minutes"] == 0
    assert ends(rows[-1], "2026-06-05 09:00")
    assert rows[-1]["dispatched_at"] != rows[3]["dispatched_at"]
    assert rows[-1]["assignee_id"] is None


def test_rework_goes_on_where_it_stood(centre: Connection) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-02 10:00", "dispatch", "pending_handle", limit(4, "WH")),
                ("2026-06-02 10:05", "department_accept", "handling"),
                ("2026-06-02 11:00", "dispose", "handle_finish"),
                ("2026-06-02 11:05", "feed_back", "pending_check"),
                ("2026-06-02 11:10", "order_check", "checking"),
                ("2026-06-02 11:30", "check", "check_not_pass", {"passed": False}),
                ("2026-06-02 11:40", "rework", "pending_handle"),
            )
        ],
    )
    assert (rows[-1]["consumed_minutes"], rows[-1]["reworks"]) == (60, 1)
    assert ends(rows[-1], "2026-06-02 16:40")


def test_on_account_the_clock_rests_and_goes_on_at_the_date_however_late_that_is_noticed(centre: Connection) -> None:
    rested = (
        ("2026-06-02 10:00", "dispatch", "pending_handle", limit(1, "WD")),
        ("2026-06-02 10:05", "department_accept", "handling"),
        ("2026-06-02 12:00", "suspend", "suspended", {"until": "2026-06-10"}),
    )
    early, late = fold(
        centre,
        [
            history(*rested, ("2026-06-08 09:00", "resume", "handling")),
            history(*rested, ("2026-06-11 17:30", "resume", "handling")),
        ],
    )
    assert (early[5]["due_us"], early[5]["running_since"], early[5]["suspensions"]) == (None, None, 1)
    assert ends(early[6], "2026-06-08 17:00")
    assert ends(late[6], "2026-06-11 16:00")  # six hours of Thursday the 11th, when the last day had ended
    assert not late[6]["is_overdue"]


def test_an_extension_adds_one_original_limit(centre: Connection) -> None:
    asked: list[tuple[str, str, str, dict[str, Any]]] = []
    for hour in (11, 15):
        asked += [
            (f"2026-06-02 {hour}:00", "request_extension", "handling", {}),
            (f"2026-06-02 {hour}:10", "endorse", "handling", {}),
            (f"2026-06-02 {hour}:20", "extend", "handling", limit(4, "WH")),
        ]
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-02 10:00", "dispatch", "pending_handle", limit(4, "WH")),
                ("2026-06-02 10:05", "department_accept", "handling"),
                *asked,
            )
        ],
    )
    assert ends(rows[6], "2026-06-02 16:00")  # asking alone changes nothing
    assert (rows[7]["limit_minutes"], rows[7]["extensions"]) == (480, 1)
    assert ends(rows[7], "2026-06-03 10:00")
    assert (rows[-1]["limit_minutes"], rows[-1]["extensions"]) == (720, 2)
    assert ends(rows[-1], "2026-06-03 16:00")


def test_a_unit_with_nothing_left_keeps_the_deadline_that_it_missed(centre: Connection) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-01 22:00", "dispatch", "pending_handle", limit(2, "UH")),
                ("2026-06-02 01:00", "return", "returned"),
                ("2026-06-02 09:00", "dispatch", "pending_handle", limit(2, "UH")),
                ("2026-06-02 09:01", "department_accept", "handling"),
                ("2026-06-02 09:30", "dispose", "handle_finish"),
            )
        ],
    )
    assert rows[5]["is_overdue"]
    assert ends(rows[5], "2026-06-02 00:00")
    assert rows[-1]["consumed_minutes"] == 210


def test_a_granted_appeal_leaves_the_mark(centre: Connection) -> None:
    (rows,) = fold(
        centre,
        [
            history(
                ("2026-06-01 22:00", "dispatch", "pending_handle", limit(2, "UH")),
                ("2026-06-01 22:10", "department_accept", "handling"),
                ("2026-06-02 00:01", "overdue", "handling"),
                ("2026-06-02 01:00", "force_close", "forced_close"),
                ("2026-06-02 09:00", "appeal", "forced_close"),
                ("2026-06-02 09:10", "review_appeal", "forced_close", {"granted": True}),
                ("2026-06-02 09:20", "decide_appeal", "forced_close", {"granted": True}),
                ("2026-06-02 10:00", "reopen", "pending_dispatch"),
            )
        ],
    )
    assert [row["appeal"] for row in rows[7:]] == ["pending", "pending", "granted", "granted"]
    assert all(row["is_overdue"] for row in rows[5:])
    assert rows[-1]["consumed_minutes"] == 0
    assert rows[-1]["deadline"] is None
