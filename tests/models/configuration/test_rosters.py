"""How rosters go on, and that they are edited, guarded and audited like the rest of the configuration."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from console.models.configuration.draft import ChangeKind, Draft, Row
from console.models.configuration.refusals import RefusedEntryError
from console.models.configuration.rosters import (
    LONGEST_ROUND,
    LOOKED_BACK_DAYS,
    continued,
    duties_of,
    goes_on,
    plan,
    read_rosters,
)
from console.models.configuration.rows import give_reason, save_rows
from console.models.configuration.subjects import ROSTER

if TYPE_CHECKING:
    from sqlalchemy import Engine

LAST = date(2026, 11, 13)
EVERY_DAY = {LAST + timedelta(days=n) for n in range(-60, 61)}


def worked(shifts: list[int | None], last: date = LAST) -> dict[date, int]:
    """Shifts by day, the last of them on `last`."""
    days = [last - timedelta(days=n) for n in range(len(shifts))][::-1]
    return {day: shift for day, shift in zip(days, shifts, strict=True) if shift is not None}


def drafted(*stored: tuple[int, date, int]) -> Draft:
    """A roster as it is stored, ready to be changed."""
    draft = Draft(ROSTER)
    names = ("staff_id", "day", "shift_id")
    draft.take_in(Row(f"{n}", "", dict(zip(names, duty, strict=True))) for n, duty in enumerate(stored))
    return draft


def planned(draft: Draft) -> dict[tuple[int, date], int]:
    """Who would work what once it is saved."""
    kept = {duty: key for duty, key in duties_of(draft).items() if not draft.is_removed(key)}
    return {duty: draft.values(key)["shift_id"] for duty, key in kept.items()}


def test_cells_of_a_roster_get_a_shift_or_are_freed_and_what_was_there_is_changed_not_doubled() -> None:
    after = LAST + timedelta(days=1)
    draft = drafted((1, LAST, 1), (1, after, 2))
    plan(draft, [(1, LAST), (2, LAST), (2, after)], 3)
    assert planned(draft) == {(1, LAST): 3, (1, after): 2, (2, LAST): 3, (2, after): 3}
    assert [change.kind for change in draft.changes()].count(ChangeKind.ALTER) == 1
    plan(draft, [(1, LAST), (1, after), (2, LAST)], None)
    assert planned(draft) == {(2, after): 3}
    assert {change.kind for change in draft.changes()} == {ChangeKind.REMOVE, ChangeKind.ADD}
    plan(draft, [(1, after)], 2)
    plan(draft, [(1, LAST)], 1)
    plan(draft, [(2, after)], None)
    assert not draft.is_changed, "it is as it was stored"


@given(
    st.lists(st.sampled_from([1, 2, 3, None]), min_size=2, max_size=LONGEST_ROUND),
    st.integers(1, 28),
    st.integers(0, LONGEST_ROUND),
)
def test_a_post_goes_on_in_its_own_round(turn: list[int | None], days: int, begun: int) -> None:
    size = len(turn)
    before = [turn[(n + begun) % size] for n in range(LOOKED_BACK_DAYS)]
    after = [turn[(n + begun + LOOKED_BACK_DAYS) % size] for n in range(days)]
    # Free days before the first shift are no part of what is known of the post.
    first = next((n for n, shift in enumerate(before) if shift is not None), LOOKED_BACK_DAYS)
    if len(set(turn)) == 1 or LOOKED_BACK_DAYS - first < 2 * size:
        return
    ahead = {LAST + timedelta(days=n): shift for n, shift in enumerate(after, 1) if shift is not None}
    assert goes_on(worked(before), LAST, days, working=set()) == ahead


@given(st.integers(1, 28), st.sets(st.integers(-LOOKED_BACK_DAYS, 28), min_size=1))
def test_who_works_on_the_working_days_of_the_calendar_goes_by_it(days: int, off: set[int]) -> None:
    working = {LAST + timedelta(days=n) for n in range(-LOOKED_BACK_DAYS, 29) if n not in off}
    own = {day: 4 for day in working if LAST - timedelta(days=LOOKED_BACK_DAYS) < day <= LAST}
    ahead = {day: 4 for day in working if LAST < day <= LAST + timedelta(days=days)}
    found = goes_on(own, LAST, days, working)
    if own and LAST - min(own) > timedelta(days=7):
        assert found == ahead


def test_a_roster_without_a_round_goes_on_as_the_week_before() -> None:
    shifts = [1, 2, None, 3, 1, None, None, 2, 2, 1, None, 3, None, 1, 1, 1, 2, None, None, 3, 2]
    assert goes_on(worked(shifts), LAST, 7, EVERY_DAY) == {
        day + timedelta(days=7): shift for day, shift in worked(shifts[-7:]).items()
    }
    assert goes_on({}, LAST, 7, EVERY_DAY) == {}


def test_the_rosters_of_the_city_go_on_after_the_last_planned_day(database: Engine) -> None:
    with database.connect() as connection:
        last = connection.scalar(text("SELECT max(day) FROM city.roster"))
        before = {
            (row.staff_id, row.day): row.shift_id
            for row in connection.execute(text("SELECT staff_id, day, shift_id FROM city.roster"))
        }
        found = continued(connection, 14)
    assert {duty.day for duty in found} == {last + timedelta(days=n) for n in range(1, 15)}
    assert len({(duty.staff_id, duty.day) for duty in found}) == len(found)
    # The desks of the demonstration city work in a round of four days: early, late, night, free.
    acceptor = min(duty.staff_id for duty in found)
    for duty in (one for one in found if one.staff_id == acceptor):
        assert before.get((acceptor, duty.day - timedelta(days=16))) == duty.shift_id


def test_rosters_are_saved_with_the_reason_and_nobody_works_twice_on_a_day(database: Engine) -> None:
    with database.begin() as connection:
        today = connection.scalar(text("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"))
        free = connection.scalar(
            text("SELECT min(id) FROM city.staff WHERE id NOT IN (SELECT staff_id FROM city.roster)")
        )
        shift = connection.scalar(text("SELECT min(id) FROM city.shift"))
        draft = Draft(ROSTER)
        draft.take_in(read_rosters(connection))
        assert draft.add_all([{"day": today, "staff_id": free, "shift_id": shift}] * 2) == 1, "once is enough"
        give_reason(connection, "stands in")
        save_rows(connection, ROSTER, draft.changes())
        logged = connection.execute(
            text("SELECT kind, reason FROM city.audit_log WHERE subject = 'roster' ORDER BY id DESC LIMIT 1")
        ).one()
        assert tuple(logged) == ("insert", "stands in")
        assert any(row.values["staff_id"] == free for row in read_rosters(connection))
        with pytest.raises(RefusedEntryError):
            save_rows(connection, ROSTER, draft.changes())


def test_what_was_worked_is_not_edited_any_more(database: Engine) -> None:
    with database.begin() as connection:
        today = connection.scalar(text("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"))
        staff, shift = connection.execute(
            text("SELECT (SELECT min(id) FROM city.staff), (SELECT min(id) FROM city.shift)")
        ).one()
        connection.execute(text("DELETE FROM city.roster WHERE staff_id = :id"), {"id": staff})
        connection.execute(
            text("INSERT INTO city.roster SELECT :id, :today - n, :shift FROM generate_series(-1, 3) AS n"),
            {"id": staff, "today": today, "shift": shift},
        )
        days = [row.values["day"] for row in read_rosters(connection) if row.values["staff_id"] == staff]
    assert sorted(days) == [today + timedelta(days=n) for n in (-1, 0, 1)]
