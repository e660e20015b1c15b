"""How each closed-loop case goes: through which steps, and where the open ones stand at the end date.

Shares follow one month of the city's own figures: 1.31 % overdue, 223 extensions and 18 reworks among 16 475 cases,
median disposal 1.4 h. Where the city reports none (refusals, returns, suspensions, voids) they are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from console.simulation.generator.cases.steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.scale import Scale

    Flags = NDArray[np.bool_]

# Where open cases stand: last step taken, and the share of the open ones. Those in hand with a department are the most.
OPEN = {
    Step.REPORT: 0.045,
    Step.ORDER_VERIFY: 0.035,
    Step.ACCEPT: 0.035,
    Step.FILE: 0.035,
    Step.DISPATCH: 0.15,
    Step.RETURN: 0.02,
    Step.TAKE: 0.44,
    Step.DISPOSE: 0.035,
    Step.FEED_BACK: 0.04,
    Step.ORDER_CHECK: 0.09,
    Step.CHECK: 0.075,
}
UNFILED = (Step.REPORT, Step.ORDER_VERIFY, Step.ACCEPT)
DISPOSED = (Step.DISPOSE, Step.FEED_BACK, Step.ORDER_CHECK, Step.CHECK)
LEAST = 2  # open cases at each of these places, in the smallest city too

# Shares of the filed cases.
SUSPENDED, FORCED, RETURNED, RESUMED, SUPERVISED = 0.0045, 0.012, 0.008, 0.0035, 0.006
OVERDUE, EXTENDED, EXTENSION_REFUSED, REWORKED = 0.0131, 223 / 16_475, 0.0015, 18 / 16_475
APPEALED, GRANTED = 0.2, 0.4  # of the overdue ones; of the appeals
# Shares of the refused ones; the rest are out of scope.
NOT_FOUND, DUPLICATE = 0.35, 0.35
FAILED_CHECK = 0.25  # of the open cases that were checked

SOURCES = (
    "inspector", "video_operator", "video_recognition", "hotline_12345", "citizen", "leader", "department", "media",
    "sensor",
)  # fmt: skip
"""Labels of ``city.case_source`` in its order."""
DIRECT_SOURCES = np.array([0.95, 0.05, 0, 0, 0, 0, 0, 0, 0])
LOOP_SOURCES = np.array([0.879, 0.05, 0.025, 0.0165, 0.012, 0.003, 0.0115, 0.001, 0.002])
UNSEEN_SOURCES = np.array([0, 0, 0.60, 0.20, 0.17, 0, 0.03, 0, 0])
# Who did not see it himself: the report is verified before it is filed.
TO_VERIFY = np.array([False, False, True, True, True, True, True, True, False])


@dataclass(frozen=True)
class Fates:
    """One entry a case; `last` is the step at which its history ends."""

    last: NDArray[np.int8]
    source: NDArray[np.int8]
    verified: Flags
    unseen: Flags
    """The inspector could not find what was reported."""
    returned: Flags
    """The first department sent it back as not its own."""
    extended: Flags
    extension_refused: Flags
    supervised: Flags
    resumed: Flags
    """Was suspended and has been resumed."""
    reworked: Flags
    late: Flags
    failed: Flags
    """Open, and the last check was not passed."""
    granted: Flags
    """An appeal would be granted."""

    @property
    def is_open(self) -> Flags:
        """Whether the case has not ended (a suspended one has not)."""
        return np.isin(self.last, [*OPEN, Step.SUSPEND])


def draw_fates(rng: np.random.Generator, scale: Scale, minutes: NDArray[np.integer[Any]], working: Flags) -> Fates:
    """Decide the fate of every closed-loop case.

    Args:
        rng: decides.
        scale: how many cases there are, are filed, closed and open.
        minutes: limit of each case in minutes of its clock; those that are late or wait long have long ones.
        working: whether that clock runs in working time only.
    """
    count = len(minutes)
    last = np.full(count, -1, np.int8)
    free = rng.permutation(count)
    taken = np.zeros(count, bool)

    def take(number: int, wanted: Flags | None = None) -> NDArray[np.intp]:
        """Choose `number` cases without a fate, of the wanted ones as far as they go."""
        left = free[~taken[free]]
        if wanted is not None:
            left = np.concatenate((left[wanted[left]], left[~wanted[left]]))
        taken[left[:number]] = True
        return left[:number]

    places = {step: max(round(share * scale.open_cases), LEAST) for step, share in OPEN.items()}
    places[Step.TAKE] += scale.open_cases - sum(places.values())
    for step, number in places.items():
        # What stands after disposal at the end date has run on the natural clock: its hours can be counted back.
        if step in DISPOSED:
            last[take(number, ~working)] = step
        elif step == Step.TAKE:
            last[take(number // 2, ~working)] = step
            last[take(number - number // 2, working & (minutes >= 8 * 60))] = step
        else:
            last[take(number)] = step
    open_filed = sum(number for step, number in places.items() if step not in UNFILED)
    suspended, forced = (max(round(share * scale.filed_cases), 1) for share in (SUSPENDED, FORCED))
    last[take(suspended, working & (minutes >= 2 * 8 * 60))] = Step.SUSPEND
    last[take(forced, working)] = Step.FORCE_CLOSE
    last[take(scale.filed_cases - scale.closed_cases - open_filed - suspended - forced)] = Step.CANCEL
    refused = take(scale.loop_cases - scale.filed_cases - sum(places[step] for step in UNFILED))
    not_found, duplicate = round(NOT_FOUND * len(refused)), round(DUPLICATE * len(refused))
    last[refused] = Step.REFUSE
    last[refused[not_found : not_found + duplicate]] = Step.MERGE
    unseen = _flags(count, refused[:not_found])
    last[~taken] = Step.CLOSE

    source = rng.choice(len(SOURCES), count, p=LOOP_SOURCES / LOOP_SOURCES.sum()).astype(np.int8)
    doubtful = unseen | (last == Step.ORDER_VERIFY)
    source[doubtful] = rng.choice(len(SOURCES), int(doubtful.sum()), p=UNSEEN_SOURCES)
    # Of the cases that wait to be filed, those by phone have been verified as well.
    verified = TO_VERIFY[source] & ~np.isin(last, [Step.REPORT, Step.MERGE])

    def some(share: float, wanted: Flags) -> Flags:
        """Mark so many of the wanted cases as `share` of all filed ones."""
        pool = np.flatnonzero(wanted)
        number = min(max(round(share * scale.filed_cases), 1), len(pool))
        return _flags(count, rng.choice(pool, number, replace=False))

    closed = last == Step.CLOSE
    slow = working & (minutes >= 8 * 60)
    resumed = some(RESUMED, closed & slow)
    extended = some(EXTENDED, closed & slow & ~resumed)
    late = some(OVERDUE, closed & ~extended & ~resumed)
    return Fates(
        last=last,
        source=source,
        verified=verified,
        unseen=unseen,
        returned=some(RETURNED, closed) | (last == Step.RETURN),
        extended=extended,
        extension_refused=some(EXTENSION_REFUSED, late & working),
        supervised=some(SUPERVISED, closed | (last == Step.TAKE)),
        resumed=resumed,
        reworked=some(REWORKED, closed & ~late & ~resumed & ~extended),
        late=late,
        failed=_flags(count, np.flatnonzero(last == Step.CHECK)[: max(round(FAILED_CHECK * places[Step.CHECK]), 1)]),
        granted=rng.random(count) < GRANTED,
    )


def _flags(count: int, chosen: NDArray[np.intp]) -> Flags:
    flags = np.zeros(count, bool)
    flags[chosen] = True
    return flags
