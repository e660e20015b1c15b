"""Histories of cases as time might bring them, folded by the database, and a plain reckoning of their clocks.

The reckoning follows the domain page alone: spans of time that count, added up. It does not know how
the row keeps them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models.calendar import TIME_ZONE, LimitUnit, WorkingCalendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

CALENDAR = WorkingCalendar.public(2026, 2026)
MICROSECOND = timedelta(microseconds=1)
FIRST_UNIT, SECOND_UNIT = 1, 2

# Folds histories, each a list of events, from the row of a reported case: what the clocks say after each of them.
FOLD = """
CREATE FUNCTION pg_temp.folded(histories jsonb)
RETURNS TABLE (history bigint, step bigint, said jsonb) LANGUAGE plpgsql AS $$
DECLARE
    f city.case_file;
    e city.case_event;
    one record;
    event record;
BEGIN
    FOR one IN SELECT * FROM jsonb_array_elements(histories) WITH ORDINALITY AS h (events, n) LOOP
        SELECT * INTO f FROM city.case_file ORDER BY id LIMIT 1;
        FOR event IN SELECT * FROM jsonb_array_elements(one.events) WITH ORDINALITY AS v (told, n) LOOP
            e := jsonb_populate_record(NULL::city.case_event, event.told);
            e.case_id := f.id;
            e.seq := event.n;
            f := city.case_step(f, e);
            history := one.n;
            step := event.n;
            said := to_jsonb(f) || jsonb_build_object(
                'used_us', round(f.consumed_minutes * 60e6)::bigint
                    + coalesce(city.limit_used_us(f.running_since, e.at, f.limit_unit), 0),
                'due_us', extract(epoch FROM f.due_at) * 1000000, 'warn_us', extract(epoch FROM f.warn_at) * 1000000,
                'deadline_us', extract(epoch FROM f.deadline) * 1000000);
            RETURN NEXT;
        END LOOP;
    END LOOP;
END $$
"""


def at(said: str) -> datetime:
    """An instant of Yuncheng."""
    return datetime.fromisoformat(said).replace(tzinfo=TIME_ZONE)


def micros(instant: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return (
        None if instant is None else (instant - datetime(1970, 1, 1, tzinfo=TIME_ZONE)) // MICROSECOND - 28_800_000_000
    )


def midnight_after(day: date) -> datetime:
    """When a last day on account has ended."""
    return datetime.combine(day + timedelta(days=1), time(0), TIME_ZONE)


@dataclass(frozen=True)
class Event:
    """One event of a history."""

    at: datetime
    move: str
    to_state: str
    from_state: str | None = None
    department_id: int | None = None
    detail: dict[str, Any] | None = None

    def told(self) -> dict[str, Any]:
        """As the fold takes it."""
        return {
            "at": self.at.isoformat(),
            "move": self.move,
            "from_state": self.from_state,
            "to_state": self.to_state,
            "department_id": self.department_id,
            "detail": self.detail,
            "used_s": 0,
        }


def fold(connection: Connection, histories: Iterable[Sequence[Event]]) -> list[list[dict[str, Any]]]:
    """What the database makes of each history, event by event, in one call."""
    given = [[event.told() for event in history] for history in histories]
    rows = connection.execute(
        text("SELECT history, said FROM pg_temp.folded(CAST(:given AS jsonb)) ORDER BY history, step"),
        {"given": json.dumps(given)},
    )
    folded: list[list[dict[str, Any]]] = [[] for _ in given]
    for history, said in rows:
        folded[history - 1].append(said)
    return folded


@dataclass
class Reckoning:
    """The disposal clock of the domain page, by spans."""

    value: int
    unit: LimitUnit
    limit: timedelta = timedelta(0)
    responsible: int | None = None
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    running: datetime | None = None
    deadline: datetime | None = None
    overdue: bool = False

    def used(self, now: datetime) -> timedelta:
        """Time used of the limit."""
        spans = [*self.spans, (self.running, now)] if self.running is not None else self.spans
        return sum((CALENDAR.consumed(start, end, self.unit) for start, end in spans), timedelta(0))

    def _start(self, since: datetime) -> None:
        self.running = since
        left = self.limit - self.used(since)
        if left > timedelta(0):
            minutes = left / timedelta(minutes=1)
            self.deadline = CALENDAR.deadline(since, minutes / self.unit.minutes, self.unit)

    def _stop(self, now: datetime) -> None:
        if self.running is not None and self.deadline is not None:
            self.overdue = self.overdue or now > self.deadline
            self.spans.append((self.running, now))
            self.running = None

    def take(self, event: Event, until: date | None) -> None:
        """What an event does to the clock; `until` is the last day on account, if there was one."""
        if event.move == "dispatch":
            if event.from_state != "returned" or event.department_id != self.responsible:
                self.spans, self.limit = [], timedelta(minutes=self.value * self.unit.minutes)
                self.responsible = event.department_id
            self._start(event.at)
        elif event.move == "rework":
            self._start(event.at)
        elif event.move == "resume" and until is not None:
            self._start(min(event.at, midnight_after(until)))
        elif event.move == "extend" and self.running is not None:
            self.limit += timedelta(minutes=self.value * self.unit.minutes)
            self._start(self.running)
        elif event.move == "overdue":
            self.overdue = True
        elif event.to_state in {"returned", "suspended", "handle_finish", "forced_close", "cancelled"}:
            self._stop(event.at)
        elif event.move == "reopen" or (event.move == "return" and event.to_state == "pending_register"):
            self.spans, self.limit, self.running, self.deadline = [], timedelta(0), None, None
            self.responsible = None


# What may follow in each state: moves that touch a clock, and what they lead to.
NEXT = {
    "pending_dispatch": (("dispatch", "pending_handle"), ("return", "pending_register"), ("cancel", "cancelled")),
    "pending_register": (("file", "pending_dispatch"),),
    "pending_handle": (("department_accept", "handling"), ("department_accept", "handling"), ("return", "returned")),
    "returned": (("dispatch", "pending_handle"), ("dispatch", "pending_handle"), ("return", "pending_register")),
    "handling": (
        ("dispose", "handle_finish"),
        ("return", "returned"),
        ("suspend", "suspended"),
        ("extend", "handling"),
        ("force_close", "forced_close"),
    ),
    "suspended": (("resume", "handling"), ("resume", "handling"), ("cancel", "cancelled")),
    "handle_finish": (("feed_back", "pending_check"), ("rework", "pending_handle")),
    "pending_check": (("order_check", "checking"), ("return", "handle_finish")),
    "checking": (("check", "pending_close"), ("check", "check_not_pass")),
    "check_not_pass": (("rework", "pending_handle"),),
    "pending_close": (("close", "closed"),),
    "closed": (("reopen", "pending_dispatch"),),
    "forced_close": (("reopen", "pending_dispatch"),),
    "cancelled": (("reopen", "pending_dispatch"),),
}
# Moves that touch no clock, with what they say; in any state, for the fold does not ask whether they were allowed.
UNRELATED: tuple[tuple[str, dict[str, Any] | None], ...] = (
    ("urge", None),
    ("supervise", {"kind": "leader"}),
    ("reply", None),
    ("assign", {"staff_id": 1}),
    ("revoke_assign", None),
    ("amend", {"before": {"address": None}, "after": {"address": "红旗街"}}),
)
# What the clocks of a case are; that, and nothing else, must not depend on unrelated moves.
CLOCKS = (
    "state", "limit_minutes", "limit_unit", "consumed_minutes", "running_since", "deadline", "due_at", "warn_at",
    "is_overdue", "dispatched_at", "disposed_at", "suspended_until", "suspensions", "extensions", "reworks",
    "responsible_id",
)  # fmt: skip
