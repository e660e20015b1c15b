"""When each step of each closed-loop case was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from console.simulation.generator.cases.fates import APPEALED, OPEN
from console.simulation.generator.cases.steps import STAGE_LIMIT_MINUTES, STATE_OF_STEP, STATES, Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.calendar import WorkingCalendar
    from console.simulation.generator.cases.fates import Fates

    Seconds = NDArray[np.int64]
    Shares = NDArray[np.float64]
    Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min
"""The time of a step that was not taken; as a datetime it is NaT."""
WEEK_S, DAY_S, ZONE_OFFSET_S = 7 * 86_400, 86_400, 8 * 3600
LONGEST_SUSPENSION_DAYS = 365  # Yuncheng: at most a year
SHORT_S = 2 * 3600
LATE_DESK = 0.015  # share of the steps at a desk that take longer than they may
# Median seconds of the steps whose clock is the natural one, and the limit that they keep.
DESK_S = {
    Step.ACCEPT: (200, 900),
    Step.ORDER_VERIFY: (260, 900),
    Step.VERIFY: (840, 1800),
    Step.REFUSE: (420, 900),
    Step.MERGE: (300, 900),
    Step.FILE: (150, 900),
    Step.CANCEL: (2400, 14_400),
    Step.DISPATCH: (170, 900),
    Step.RETURN: (1500, 2700),
    Step.DISPATCH_AGAIN: (240, 900),
    Step.TAKE: (330, 660),
    Step.FEED_BACK: (260, 900),
    Step.ORDER_CHECK: (240, 900),
    Step.CHECK: (900, 1800),
    Step.REWORK: (300, 900),
    Step.TAKE_AGAIN: (300, 600),
    Step.FEED_BACK_AGAIN: (260, 900),
    Step.ORDER_CHECK_AGAIN: (240, 900),
    Step.CHECK_AGAIN: (900, 1800),
    Step.CLOSE: (220, 900),
    Step.APPEAL: (100_000, 250_000),
    Step.REVIEW_APPEAL: (45_000, 80_000),
    Step.DECIDE_APPEAL: (90_000, 170_000),
}


class Timeline:
    """Draws how long everything takes, and lays histories out from the moments of report.

    Args:
        rng: decides.
        fates: which steps each case takes.
        calendar: working time.
        minutes: limit of each case in minutes of its clock.
        working: whether that clock runs in working time only.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        fates: Fates,
        calendar: WorkingCalendar,
        minutes: NDArray[np.integer[Any]],
        working: Flags,
    ) -> None:
        self._fates = fates
        self._calendar = calendar
        self._limit_s = minutes.astype(np.int64) * 60
        self._working = working
        count = len(minutes)
        self._desk_s = {step: _desk(rng, count, *DESK_S[step]) for step in DESK_S}
        # Shares of the limit that are used up: by disposal, and by what happens before it. Limits of days are seldom
        # used up: most is done the same day.
        used = 0.015 + 0.955 * np.where(self._limit_s <= SHORT_S, rng.beta(2.0, 2.3, count), rng.beta(0.7, 2.8, count))
        used[fates.late] = 1.02 + rng.exponential(0.6, count)[fates.late]
        used[fates.extended] = rng.uniform(1.05, 1.9, count)[fates.extended]
        self._suspended_at = rng.uniform(0.1, 0.6, count)
        used[fates.resumed] = np.maximum(used, self._suspended_at + 0.05)[fates.resumed]
        self._used = used
        self._request_at = np.where(fates.extended, rng.uniform(0.6, 0.85, count), 0.7)
        self._forced_at = rng.uniform(0.2, 1.03, count)
        self._again = rng.uniform(0.2, 0.9, count) * np.clip(1.0 - used, 0.02, 1.0)
        self._suspended_days = rng.integers(10, 120, count)
        self._age = rng.random(count)

    def lay_out(self, reported: Seconds, first_s: int, end_s: int) -> Seconds:
        """The history of every case: steps × cases, seconds since 1970 (UTC), `NEVER` where a step was not taken.

        Open cases are reported when their state asks for it. The others keep their hour, and go back by whole weeks
        where they would otherwise not have ended at `end_s`.
        """
        fates = self._fates
        standing = np.isin(fates.last, list(OPEN))
        reported = np.where(standing, self._reported_when_open(end_s), reported)
        # Suspended cases began in the last months: a suspension ends within a year.
        months = (WEEK_S * (3 + 38 * self._age)).astype(np.int64)
        reported = np.where(fates.last == Step.SUSPEND, (reported - end_s) % DAY_S + end_s - months, reported)
        while True:
            at = self._times(np.maximum(reported, first_s), end_s)
            over = at.max(axis=0) - end_s
            beyond = (over > 0) & (reported > first_s)
            if not beyond.any():
                return at
            reported = np.where(beyond, reported - (over // WEEK_S + 1) * WEEK_S, reported)

    def suspended_until(self, at: Seconds, end_s: int) -> NDArray[np.datetime64]:
        """Last day of each suspension, NaT where there was none; on the day after it the case is resumed."""
        begun = at[Step.SUSPEND]
        last_day = (end_s + ZONE_OFFSET_S) // DAY_S
        day = (begun + ZONE_OFFSET_S) // DAY_S
        left = LONGEST_SUSPENSION_DAYS - (last_day - day) - 3
        still = last_day + 3 + (left * self._age).astype(np.int64)
        day = np.where(self._fates.resumed, day + self._suspended_days - 1, still)
        days: NDArray[np.datetime64] = np.where(begun == NEVER, NEVER, day).astype("M8[D]")
        return days

    def _reported_when_open(self, end_s: int) -> Seconds:
        """When a case was reported that stands where it does now: its age and all steps before, counted back."""
        fates, desk = self._fates, self._desk_s
        reached: list[tuple[Step, Seconds]] = [(Step.REPORT, np.zeros_like(self._limit_s))]
        accepted = np.where(fates.verified, desk[Step.ORDER_VERIFY], desk[Step.ACCEPT])
        reached.append((Step.ORDER_VERIFY, accepted))
        accepted = np.where(fates.verified, accepted + desk[Step.VERIFY], accepted)
        reached.append((Step.ACCEPT, accepted))
        so_far = accepted
        for step in (Step.FILE, Step.DISPATCH, Step.RETURN):
            so_far = so_far + desk[step]
            reached.append((step, so_far))
        so_far = reached[-2][1] + self._disposal_s()
        reached += [(Step.TAKE, reached[-2][1]), (Step.DISPOSE, so_far)]
        for step in (Step.FEED_BACK, Step.ORDER_CHECK, Step.CHECK):
            so_far = so_far + desk[step]
            reached.append((step, so_far))
        entered = np.zeros_like(self._limit_s)
        age = np.zeros(len(entered))
        for step, since in reached:
            mine = fates.last == step
            entered[mine] = since[mine]
            stage = STAGE_LIMIT_MINUTES.get(STATES[STATE_OF_STEP[step]])
            if stage is not None:
                age[mine] = 1.2 * stage * 60 * self._age[mine]
        # A department's time: up to a quarter beyond the limit; working time is spread over nights and weekends.
        natural = self._limit_s * np.where(self._working, 3.6, 1.0)
        taken = fates.last == Step.TAKE
        age[taken] = (1.25 * natural * self._age)[taken] + desk[Step.TAKE][taken]
        sent = fates.last == Step.DISPATCH
        age[sent] = (1500 * self._age)[sent]
        return np.int64(end_s) - entered - np.rint(age).astype(np.int64)

    def _disposal_s(self) -> Seconds:
        """Disposal time on the natural clock."""
        return np.maximum((self._used * self._limit_s).astype(np.int64), self._desk_s[Step.TAKE] + 120)

    def _times(self, reported: Seconds, end_s: int) -> Seconds:
        """All steps that follow from the moments of report."""
        fates, desk = self._fates, self._desk_s
        at = np.full((len(Step), len(reported)), NEVER)
        at[Step.REPORT] = reported
        merged = fates.last == Step.MERGE
        at[Step.ACCEPT] = np.where(fates.verified, NEVER, reported + desk[Step.ACCEPT])
        at[Step.ORDER_VERIFY] = np.where(fates.verified, reported + desk[Step.ORDER_VERIFY], NEVER)
        at[Step.VERIFY] = np.where(fates.verified, at[Step.ORDER_VERIFY] + desk[Step.VERIFY], NEVER)
        known = np.where(fates.verified, at[Step.VERIFY], at[Step.ACCEPT])
        at[Step.REFUSE] = np.where(fates.last == Step.REFUSE, known + desk[Step.REFUSE], NEVER)
        at[Step.MERGE] = np.where(merged, known + desk[Step.MERGE], NEVER)
        filed = ~(merged | (fates.last == Step.REFUSE))
        at[Step.FILE] = np.where(filed, known + desk[Step.FILE], NEVER)
        at[Step.CANCEL] = np.where(fates.last == Step.CANCEL, at[Step.FILE] + desk[Step.CANCEL], NEVER)
        sent = np.flatnonzero(filed & (fates.last != Step.CANCEL))
        self._dispose(at, sent, end_s)
        # What comes after the step at which the case stands has not happened.
        steps = np.arange(len(Step))[:, None]
        standing = np.isin(fates.last, [*OPEN, Step.SUSPEND])
        beyond = standing & (steps > fates.last)
        # A case that waits to be filed was either accepted or verified.
        beyond &= ~((fates.last == Step.ACCEPT) & fates.verified & (steps <= Step.VERIFY))
        # A case in hand may have been urged since.
        beyond &= ~((fates.last == Step.TAKE) & (steps == Step.SUPERVISE) & (at <= end_s))
        at[beyond] = NEVER
        # Steps of one case never go back in time.
        return np.where(at == NEVER, NEVER, np.maximum.accumulate(at, axis=0))

    def _dispose(self, at: Seconds, sent: NDArray[np.intp], end_s: int) -> None:
        """The steps from dispatch on, of the cases that are dispatched."""
        fates, desk = self._fates, {step: values[sent] for step, values in self._desk_s.items()}
        flag = {
            name: getattr(fates, name)[sent] for name in ("returned", "extended", "extension_refused", "supervised")
        }
        resumed, reworked, last = fates.resumed[sent], fates.reworked[sent], fates.last[sent]
        used = self._used[sent]

        def put(step: Step, when: Flags | bool, times: Seconds) -> Seconds:
            at[step, sent] = np.where(when, times, NEVER)
            return times

        dispatched = put(Step.DISPATCH, True, at[Step.FILE, sent] + desk[Step.DISPATCH])
        back = put(Step.RETURN, flag["returned"], dispatched + desk[Step.RETURN])
        again = put(Step.DISPATCH_AGAIN, flag["returned"] & (last != Step.RETURN), back + desk[Step.DISPATCH_AGAIN])
        start = np.where(flag["returned"], again, dispatched)
        taken = put(Step.TAKE, True, start + desk[Step.TAKE])
        put(
            Step.SUPERVISE,
            flag["supervised"],
            np.maximum(self._after(sent, start, 0.5 * np.minimum(used, 1.0)), taken + 60),
        )
        asked = self._after(sent, start, self._request_at[sent])
        put(Step.REQUEST_EXTENSION, flag["extended"] | flag["extension_refused"], asked)
        decided = self._after(sent, asked, np.full(len(sent), 0.02)) + 60
        put(Step.EXTEND, flag["extended"], decided)
        put(Step.REFUSE_EXTENSION, flag["extension_refused"], decided)
        suspended = resumed | (last == Step.SUSPEND)
        before = self._suspended_at[sent]
        put(Step.SUSPEND, suspended, np.maximum(self._after(sent, start, before), taken + 60))
        # It comes to life again by itself, as the day begins.
        day = (at[Step.SUSPEND, sent] + ZONE_OFFSET_S) // DAY_S + self._suspended_days[sent]
        put(Step.RESUME, resumed, day * DAY_S - ZONE_OFFSET_S)
        forced = self._after(sent, start, self._forced_at[sent])
        put(Step.FORCE_CLOSE, last == Step.FORCE_CLOSE, np.maximum(forced, taken + 600))
        go_on = np.where(resumed, at[Step.RESUME, sent], start)
        done = self._after(sent, go_on, np.where(resumed, used - before, used))
        handled = ~np.isin(last, [Step.FORCE_CLOSE])
        done = put(Step.DISPOSE, handled, np.maximum(done, taken + 120))
        for step in (Step.FEED_BACK, Step.ORDER_CHECK, Step.CHECK):
            done = put(step, handled, done + desk[step])
        rework = put(Step.REWORK, reworked, done + desk[Step.REWORK])
        retaken = put(Step.TAKE_AGAIN, reworked, rework + desk[Step.TAKE_AGAIN])
        redone = np.maximum(self._after(sent, rework, self._again[sent]), retaken + 120)
        redone = put(Step.DISPOSE_AGAIN, reworked, redone)
        for step in (Step.FEED_BACK_AGAIN, Step.ORDER_CHECK_AGAIN, Step.CHECK_AGAIN):
            redone = put(step, reworked, redone + desk[step])
        closed = put(Step.CLOSE, last == Step.CLOSE, np.where(reworked, redone, done) + desk[Step.CLOSE])
        # Late units may appeal once; what they have not done by the end date they have not done.
        appealed = fates.late[sent] & (self._age[sent] < APPEALED)
        appeal = closed + desk[Step.APPEAL]
        put(Step.APPEAL, appealed & (appeal <= end_s), appeal)
        review = appeal + desk[Step.REVIEW_APPEAL]
        put(Step.REVIEW_APPEAL, appealed & (review <= end_s), review)
        decision = review + desk[Step.DECIDE_APPEAL]
        # What the first instance refuses is refused.
        put(Step.DECIDE_APPEAL, appealed & fates.granted[sent] & (decision <= end_s), decision)

    def _after(self, cases: NDArray[np.intp], start: Seconds, share: Shares) -> Seconds:
        """When `share` of each case's limit has passed on its clock since `start`, to the second."""
        seconds = np.maximum((share * self._limit_s[cases]).astype(np.int64), 1)
        ends = self._calendar.deadlines(start.astype("M8[s]"), seconds / 60, self._working[cases])
        return ends.astype("M8[s]").astype(np.int64)


def _desk(rng: np.random.Generator, count: int, median_s: int, limit_s: int) -> Seconds:
    """Seconds that a step at a desk takes: mostly near the median, hardly ever beyond the limit."""
    seconds = np.minimum(median_s * rng.lognormal(0.0, 0.5, count), 0.97 * limit_s)
    late = rng.random(count) < LATE_DESK
    seconds[late] = limit_s * rng.uniform(1.02, 2.0, int(late.sum()))
    return np.maximum(seconds, 20).astype(np.int64)
