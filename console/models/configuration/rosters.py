"""Duty rosters (排班): who works which shift on which day, and how each post's roster goes on.

What has been worked is a fact: only days from yesterday on are edited, whose night shift may still be going on.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from console.models.configuration.rows import read_rows
from console.models.configuration.subjects import ROSTER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from console.models.configuration.draft import Draft, Row

LOOKED_BACK_DAYS = 42
"""So much of the roster tells a post's rhythm: two rounds of three weeks."""
LONGEST_ROUND = 21
WEEK = 7


class Duty(NamedTuple):
    """A shift that a post works on a day."""

    staff_id: int
    day: date
    shift_id: int


def read_rosters(connection: Connection) -> list[Row]:
    """The rows of the roster from yesterday on."""
    first = connection.scalar(text("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date - 1"))
    return [row for row in read_rows(connection, ROSTER) if row.values["day"] >= first]


def duties_of(draft: Draft) -> dict[tuple[int, date], str]:
    """Key of each row of a drafted roster by post and day; of those that are to go as well."""
    rows = ((draft.values(key), key) for key in draft.keys)
    return {(values["staff_id"], values["day"]): key for values, key in rows if values["staff_id"] and values["day"]}


def plan(draft: Draft, duties: Iterable[tuple[int, date]], shift_id: int | None) -> None:
    """Draft that these posts work this shift on these days; None lets them be free."""
    keys, fresh = duties_of(draft), []
    for staff_id, day in duties:
        key = keys.get((staff_id, day))
        if key is None:
            if shift_id is not None:
                fresh.append(Duty(staff_id, day, shift_id)._asdict())
        elif shift_id is None:
            draft.remove(key)
        else:
            if draft.is_removed(key):
                draft.restore(key)
            draft.set(key, "shift_id", shift_id)
    draft.add_all(fresh)


def continued(connection: Connection, days: int) -> list[Duty]:
    """How the rosters of all active posts go on for so many days after the last day that is planned for anybody."""
    last = connection.scalar(text("SELECT max(day) FROM city.roster"))
    if last is None:
        return []
    first = last - timedelta(days=LOOKED_BACK_DAYS - 1)
    found = connection.execute(
        text("""
            SELECT r.staff_id, r.day, r.shift_id FROM city.roster AS r JOIN city.staff AS s ON s.id = r.staff_id
            WHERE s.active AND r.day BETWEEN :first AND :last ORDER BY r.staff_id, r.day
        """),
        {"first": first, "last": last},
    )
    worked: dict[int, dict[date, int]] = {}
    for staff_id, day, shift_id in found:
        worked.setdefault(staff_id, {})[day] = shift_id
    working = set(
        connection.scalars(
            text("SELECT day FROM city.calendar_day WHERE is_working AND day BETWEEN :first AND :until"),
            {"first": first, "until": last + timedelta(days=days)},
        )
    )
    return [
        Duty(staff_id, day, shift)
        for staff_id, own in worked.items()
        for day, shift in goes_on(own, last, days, working).items()
    ]


def goes_on(worked: Mapping[date, int], last: date, days: int, working: Collection[date]) -> dict[date, int]:
    """The shifts of one post on the days after `last`: as the calendar has it, in its own round, or as the week before.

    Args:
        worked: its shift by day, of the days before and on `last`; a day without one is free.
        last: last day that is planned.
        days: so many days after it are wanted.
        working: the working days of the calendar, of all these days.
    """
    behind = [last - timedelta(days=back) for back in range(LOOKED_BACK_DAYS - 1, -1, -1)]
    began = min((day for day in behind if day in worked), default=None)
    if began is None:
        return {}
    ahead = [last + timedelta(days=n) for n in range(1, days + 1)]
    known = behind[behind.index(began) :]
    shifts = {worked[day] for day in known if day in worked}
    if len(shifts) == 1 and len(known) > WEEK and all((day in worked) == (day in working) for day in known):
        (only,) = shifts
        return {day: only for day in ahead if day in working}
    past = [worked.get(day) for day in known]
    planned = _repeated(past, _round_of(past), days)
    return {day: shift for day, shift in zip(ahead, planned, strict=True) if shift is not None}


def _round_of(past: Sequence[int | None]) -> int:
    """After so many days it begins anew: the shortest round that was gone through twice, a week when there is none."""
    for size in range(1, min(LONGEST_ROUND, len(past) // 2) + 1):
        if all(now == before for now, before in zip(past[size:], past, strict=False)):
            return size
    return min(WEEK, len(past))


def _repeated(past: Sequence[int | None], size: int, days: int) -> list[int | None]:
    last_round = past[-size:]
    return [last_round[n % size] for n in range(days)]
