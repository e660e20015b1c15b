"""What a case's history makes of its row: states, times, clock, deadline and marks.

The disposal clock (Yuncheng): it starts when a department gets the case, stands still outside the limit's own time,
while the case is suspended and from disposal on, goes on after rework without being reset, and starts anew with another
department. A case is overdue once it was handed back after its deadline, or is past it and still in hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from console.simulation.generator.cases.steps import STAGE_LIMIT_MINUTES, STATE_OF_STEP, STATES, Step
from console.simulation.generator.cases.timeline import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.calendar import WorkingCalendar
    from console.simulation.generator.tables import Table

    Seconds = NDArray[np.int64]
    Flags = NDArray[np.bool_]

WARNING_SHARE = 0.8  # of a limit; then its light turns yellow (Yuncheng)
ENDS = (Step.REFUSE, Step.MERGE, Step.CANCEL, Step.FORCE_CLOSE, Step.CLOSE)
APPEALS = ("pending", "granted", "refused")
REQUESTS, ADDRESSEES = ("extension", "appeal"), ("dispatcher", "acceptor")
UNITS = ("UH", "UD", "WH", "WD")
KEEPER_S = 45  # until the keeper marks what has become overdue


class Clock:
    """The disposal clocks of all cases.

    Args:
        calendar: working time.
        minutes: limit of each case in minutes of its clock, as filed.
        working: whether that clock runs in working time only.
    """

    def __init__(self, calendar: WorkingCalendar, minutes: NDArray[np.integer[Any]], working: Flags) -> None:
        self._calendar = calendar
        self._minutes = minutes
        self._working = working

    def mark_overdue(self, at: Seconds, end_s: int) -> None:
        """Put the keeper's mark into the histories of cases that were in hand past their deadline."""
        has = at != NEVER
        start = np.where(has[Step.DISPATCH_AGAIN], at[Step.DISPATCH_AGAIN], at[Step.DISPATCH])
        sent = (start != NEVER) & ~(has[Step.RETURN] & ~has[Step.DISPATCH_AGAIN])
        limit = self._minutes * (1 + has[Step.EXTEND])
        # Cases that were on account are not late in these histories.
        deadline = self._deadline(start, limit * 60, sent)
        earlier = at[: Step.OVERDUE].max(axis=0)
        when = np.maximum(deadline + KEEPER_S, earlier)
        ended = np.max([at[Step.DISPOSE], at[Step.FORCE_CLOSE]], axis=0)
        late = sent & ~has[Step.SUSPEND] & ~has[Step.FORCE_CLOSE] & (when <= np.where(ended == NEVER, end_s, ended - 1))
        at[Step.OVERDUE] = np.where(late, when, NEVER)

    def fold(self, at: Seconds, failed: Flags, granted: Flags) -> Table:
        """The columns of ``city.case_file`` that follow from the histories.

        Args:
            at: the histories, steps × cases, seconds since 1970 (UTC), `NEVER` where a step was not taken.
            failed: whose last check was not passed.
            granted: whose appeal is granted once it is decided.
        """
        has = at != NEVER
        moved = has.copy()
        moved[Step.OVERDUE] = False
        last = len(Step) - 1 - np.argmax(moved[::-1], axis=0)
        state = np.array(STATE_OF_STEP, np.int8)[last]
        state[failed & (last == Step.CHECK)] = STATES.index("check_not_pass")
        limit = self._minutes * (1 + has[Step.EXTEND])
        start = np.where(has[Step.DISPATCH_AGAIN], at[Step.DISPATCH_AGAIN], at[Step.DISPATCH])
        consumed, since, deadline, overdue = self._run(at, has, start, limit)
        warn, due = self._waits_for(state, at[last, np.arange(len(last))], since, consumed, limit, deadline)
        closed = np.max([at[step] for step in ENDS], axis=0)
        refused = has[Step.REVIEW_APPEAL] & ~granted
        appeal = np.where(has[Step.DECIDE_APPEAL], 1, np.where(refused, 2, np.where(has[Step.APPEAL], 0, -1)))
        answered = has[Step.EXTEND] | has[Step.REFUSE_EXTENSION]
        in_hand = state == STATES.index("handling")
        request = np.where(has[Step.REQUEST_EXTENSION] & ~answered & in_hand, 0, np.where(appeal == 0, 1, -1))
        return {
            "state": state,
            "version": has.sum(axis=0),
            "is_overdue": overdue,
            "is_supervised": has[Step.SUPERVISE],
            "reported_at": moments(at[Step.REPORT]),
            "accepted_at": moments(np.maximum(at[Step.ACCEPT], at[Step.ORDER_VERIFY])),
            "filed_at": moments(at[Step.FILE]),
            "dispatched_at": moments(start),
            "disposed_at": moments(np.maximum(at[Step.DISPOSE], at[Step.DISPOSE_AGAIN])),
            "closed_at": moments(closed),
            "deadline": moments(deadline),
            "warn_at": moments(warn),
            "due_at": moments(due),
            "limit_minutes": np.where(start == NEVER, 0, limit),
            "consumed_minutes": consumed / 60.0,
            "running_since": moments(since),
            "extensions": has[Step.EXTEND].astype(np.int16),
            "reworks": has[Step.REWORK].astype(np.int16),
            "appeal": appeal.astype(np.int8),
            "request": request.astype(np.int8),
            "request_to": np.where(request < 0, -1, has[Step.REVIEW_APPEAL] & (request == 1)).astype(np.int8),
            "suspensions": has[Step.SUSPEND].astype(np.int16),
            "awaits_reply": has[Step.SUPERVISE] & (closed == NEVER),
        }

    def _run(
        self, at: Seconds, has: Flags, start: Seconds, limit: NDArray[np.integer[Any]]
    ) -> tuple[Seconds, Seconds, Seconds, Flags]:
        """Let the clock run: seconds used up, since when it runs now, deadline, and whether that was missed."""
        sent = start != NEVER
        returned = has[Step.RETURN] & ~has[Step.DISPATCH_AGAIN]
        halted = np.max([at[Step.SUSPEND], at[Step.FORCE_CLOSE], np.where(returned, at[Step.RETURN], NEVER)], axis=0)
        halted = np.where(halted == NEVER, at[Step.DISPOSE], halted)
        consumed = self._elapsed(start, halted, sent & (halted != NEVER))
        deadline = self._deadline(start, limit * 60, sent)
        resumed = has[Step.RESUME]
        deadline = np.where(resumed, self._deadline(at[Step.RESUME], limit * 60 - consumed, resumed), deadline)
        consumed += self._elapsed(at[Step.RESUME], at[Step.DISPOSE], resumed & has[Step.DISPOSE])
        handed_back = np.maximum(at[Step.DISPOSE], at[Step.FORCE_CLOSE])
        overdue = sent & (handed_back > deadline)
        # A unit that has nothing left keeps its old deadline, which it has missed.
        again = has[Step.REWORK] & (consumed < limit * 60)
        deadline = np.where(again, self._deadline(at[Step.REWORK], limit * 60 - consumed, again), deadline)
        consumed += self._elapsed(at[Step.REWORK], at[Step.DISPOSE_AGAIN], has[Step.DISPOSE_AGAIN])
        overdue |= at[Step.DISPOSE_AGAIN] > deadline
        since = np.where(halted == NEVER, start, NEVER)
        since = np.where(resumed & ~has[Step.DISPOSE], at[Step.RESUME], since)
        since = np.where(has[Step.REWORK] & ~has[Step.DISPOSE_AGAIN], at[Step.REWORK], since)
        overdue |= has[Step.OVERDUE]
        return consumed, since, deadline, overdue

    def _waits_for(
        self,
        state: NDArray[np.int8],
        entered: Seconds,
        since: Seconds,
        consumed: Seconds,
        limit: NDArray[np.integer[Any]],
        deadline: Seconds,
    ) -> tuple[Seconds, Seconds]:
        """Until when each open case waits for what it waits for now, and when most of that time is used."""
        stage = np.array([STAGE_LIMIT_MINUTES.get(name, 0) * 60 for name in STATES])[state]
        due = np.where(stage > 0, entered + stage, NEVER)
        warn = np.where(stage > 0, entered + (WARNING_SHARE * stage).astype(np.int64), NEVER)
        running = since != NEVER
        left = (WARNING_SHARE * 60 * limit).astype(np.int64) - consumed
        turns = self._deadline(since, left, running & (left > 0))
        turns = np.where(left > 0, turns, since)
        return np.where(running, turns, warn), np.where(running, deadline, due)

    def _deadline(self, start: Seconds, left_s: NDArray[np.integer[Any]], wanted: Flags) -> Seconds:
        ends = np.full(len(start), NEVER)
        found = self._calendar.deadlines(start[wanted].astype("M8[s]"), left_s[wanted] / 60, self._working[wanted])
        ends[wanted] = found.astype("M8[s]").astype(np.int64)
        return ends

    def _elapsed(self, start: Seconds, end: Seconds, wanted: Flags) -> Seconds:
        used = np.zeros(len(start), np.int64)
        found = self._calendar.elapsed(
            start[wanted].astype("M8[s]"), end[wanted].astype("M8[s]"), self._working[wanted]
        )
        used[wanted] = found.astype("m8[s]").astype(np.int64)
        return used


def moments(seconds: Seconds) -> NDArray[np.datetime64]:
    """Seconds since 1970 (UTC) as instants; `NEVER` becomes NaT."""
    return seconds.astype("M8[s]")
