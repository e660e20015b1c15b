"""What was true against what was said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from console.models.monitors.episodes import Episode, episodes
from console.models.monitors.trucks import Trucks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from console.models.alarms import AlarmRule
    from console.models.monitors.ground import Ground
    from console.models.monitors.statements import Held, Statement
    from console.simulation.scoring.day import Day

SUSTAINED_S = 60.0
"""What is true for longer than this must be found."""
EXCUSED_S = 20.0
"""What is true for at least this long may be told."""
AFTER_S = 120.0
"""So long after it began being over it may still be told."""
BATCH_S = 600.0
GAP_S = 30.0
COVERAGE = 2.0
"""So many standard deviations of its noise a device may be off: its expanded uncertainty (GUM, 95 %).

What is nearer to a limit than that cannot be told from the limit by anybody who has the device's word alone.
"""
MOST_INTERVALS = 2.0
"""Within so many intervals between two reports half of everything must be told."""
WITHOUT_TRUTH = ("uncovered", "overspeed")
"""Kinds that follow from what the terminal itself says of lid and speed: they are counted, not scored."""


@dataclass(frozen=True)
class True_:  # noqa: N801 - a word of Python otherwise
    """Something that was so: of a truck or sensor, from when to when, seconds since 1970."""

    subject_id: int
    begin: float
    end: float


@dataclass(frozen=True)
class Score:
    """How one kind was seen.

    Attributes:
        sustained: how many things were true for longer than `SUSTAINED_S`.
        missed: those that were plain, and were not found.
        delays_s: of those found, from when they were true to when they were told.
        false: episodes that nothing true belongs to.
        undecided: those that were not found either, and never plain for long enough.
        excused: episodes that nothing true belongs to, but something that may be told as well.
        interval_s: between two reports.
        on_delay_s: for which the rule waits before anything is told.
    """

    sustained: int
    missed: tuple[True_, ...]
    delays_s: tuple[float, ...]
    false: tuple[Episode, ...]
    undecided: tuple[True_, ...] = ()
    excused: tuple[Episode, ...] = ()
    interval_s: float = 60.0
    on_delay_s: float = 0.0

    @property
    def not_found(self) -> int:
        """How many were not found, plain or not."""
        return len(self.missed) + len(self.undecided)

    @property
    def most_delay_s(self) -> float:
        """Half of what is found must be told sooner than this: within `MOST_INTERVALS`.

        Where the rule waits for longer than an interval, on purpose, it is that and the interval in which a report
        first shows it.
        """
        return max(MOST_INTERVALS * self.interval_s, self.on_delay_s + self.interval_s)

    @property
    def is_slow(self) -> bool:
        """Whether half of it was told later than it must be."""
        return len(self.delays_s) > 0 and bool(np.median(self.delays_s) >= self.most_delay_s)


def judge_trucks(rules: Sequence[AlarmRule], ground: Ground, vehicle_ids: NDArray[np.int64], day: Day) -> list[Episode]:
    """The episodes that the rules see in a day's positions, which come in a batch every `BATCH_S`."""
    judge = Trucks([rule for rule in rules if rule.subject == "vehicle"], ground, vehicle_ids, day.start)
    said: list[Statement | Held] = []
    fixes = day.fixes
    for begin in np.arange(day.start, fixes.at.max() + 1, BATCH_S):
        said += judge.judge(fixes.take((fixes.at >= begin) & (fixes.at < begin + BATCH_S)))[0]
        said += judge.tick(min(begin + BATCH_S, float(fixes.at.max())))
    return episodes(said)


def true_deviations(
    ground: Ground,
    vehicle_ids: NDArray[np.int64],
    paths: NDArray[np.float64],
    limit_m: float,
    gap_s: float = GAP_S,
) -> list[True_]:
    """When trucks were truly farther from their routes than `limit_m`, and on no site.

    Args:
        ground: permits, routes and sites of `vehicle_ids`.
        vehicle_ids: in the order of `ground`.
        paths: where they truly were: seconds since 1970, vehicle, x, y.
        limit_m: from the route.
        gap_s: between two moments nothing is known any more.
    """
    found: list[True_] = []
    for vehicle in np.unique(paths[:, 1]).astype(int).tolist():
        at, _, x, y = paths[paths[:, 1] == vehicle].T
        truck = np.full(len(at), np.searchsorted(vehicle_ids, vehicle))
        permit = ground.permits.at(truck, at)
        away = np.abs(ground.routes.find(ground.permits.route[permit], x, y, np.zeros(len(at))).offset_m)
        outside = (away > limit_m) & (permit >= 0) & ~ground.is_near_site(x, y, 0.0)
        found += times(vehicle, at, outside, gap_s)
    return found


def times(subject_id: int, at: NDArray[np.float64], holds: NDArray[np.bool_], gap_s: float = GAP_S) -> list[True_]:
    """Each time that something held of a truck or sensor; a gap between moments ends it."""
    breaks = np.flatnonzero((np.diff(holds.astype(int)) != 0) | (np.diff(at) > gap_s)) + 1
    parts = np.split(np.arange(len(at)), breaks)
    return [
        True_(subject_id, float(at[part[0]]), float(at[part[-1]])) for part in parts if len(part) and holds[part[0]]
    ]


def scored(
    true: Sequence[True_],
    seen: Sequence[Episode],
    excused: Sequence[True_] = (),
    plain: Sequence[True_] | None = None,
    interval_s: float = Score.interval_s,
    on_delay_s: float = Score.on_delay_s,
) -> Score:
    """Compare what was true with the episodes of one kind.

    Args:
        true: what was so.
        seen: what was told.
        excused: what may be told besides.
        plain: what was so beyond what the device can tell from the limit; all that was true by default. What was not
            plain for as long as the rule waits, `SUSTAINED_S` at most, is told apart from what was missed.
        interval_s: between two reports.
        on_delay_s: for which the rule waits before anything is told.
    """
    missed, undecided, delays = [], [], []
    sustained = [one for one in true if one.end - one.begin > SUSTAINED_S]
    plain = [one for one in (true if plain is None else plain) if one.end - one.begin >= min(on_delay_s, SUSTAINED_S)]
    for one in sustained:
        told = [
            episode.raised
            for episode in seen
            if episode.worst.subject_id == one.subject_id and _meet(episode, one.begin, one.end + AFTER_S)
        ]
        if told:
            delays.append(max(min(told) - one.begin, 0.0))
        elif any(part.subject_id == one.subject_id and one.begin <= part.begin <= one.end for part in plain):
            missed.append(one)
        else:
            undecided.append(one)
    unfounded = _unfounded(seen, true)
    false = _unfounded(unfounded, [*true, *excused])
    return Score(
        len(sustained), tuple(missed), tuple(delays), tuple(false), tuple(undecided),
        tuple(one for one in unfounded if one not in false), interval_s, on_delay_s,
    )  # fmt: skip


def others(seen: Sequence[Episode], known: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """(false, not scored) of the kinds of which nothing is true in the day, by kind."""
    rest = [episode.worst.kind for episode in seen if episode.worst.kind not in known]
    return (
        Counter(kind for kind in rest if kind not in WITHOUT_TRUTH),
        Counter(kind for kind in rest if kind in WITHOUT_TRUTH),
    )


def told(what: str, one: Score) -> list[str]:
    """A score in words."""
    found = one.sustained - one.not_found
    line = f"{what} for more than {SUSTAINED_S:g} s: {one.sustained}, found {found}"
    if one.delays_s:
        median, late = np.percentile(one.delays_s, (50, 95))
        line += (
            f"; delay median {median:.0f} s ({median / one.interval_s:.1f} intervals), 95 % {late:.0f} s, "
            f"longest {max(one.delays_s):.0f} s"
        )
    return [
        line,
        *(f"  missed: {lost.subject_id} from {iso(lost.begin)} to {iso(lost.end)}" for lost in one.missed),
        *(
            f"  not found, too near to the limit: {lost.subject_id} from {iso(lost.begin)} to {iso(lost.end)}"
            for lost in one.undecided
        ),
        *(f"  false: {episode.worst.subject_id} at {iso(episode.raised)}" for episode in one.false),
        *(
            f"  not true, too near to the limit to be false: {episode.worst.subject_id} at {iso(episode.raised)}"
            for episode in one.excused
        ),
    ]


def iso(seconds: float) -> str:
    """Seconds since 1970 as a time in words."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _joined(true: Sequence[True_]) -> list[True_]:
    """The same with what is true again within `GAP_S` as one: off a route, and for a moment across it."""
    found: list[True_] = []
    for one in sorted(true, key=lambda one: (one.subject_id, one.begin)):
        last = found[-1] if found and found[-1].subject_id == one.subject_id else None
        if last is not None and one.begin - last.end <= GAP_S:
            found[-1] = True_(one.subject_id, last.begin, max(last.end, one.end))
        else:
            found.append(one)
    return found


def _unfounded(seen: Sequence[Episode], true: Sequence[True_]) -> list[Episode]:
    """The episodes that nothing belongs to which was true for long enough."""
    reasons = [one for one in _joined(true) if one.end - one.begin >= EXCUSED_S]
    return [
        episode
        for episode in seen
        if not any(
            episode.worst.subject_id == one.subject_id and _meet(episode, one.begin, one.end + AFTER_S)
            for one in reasons
        )
    ]


def _meet(episode: Episode, begin: float, end: float) -> bool:
    return episode.raised <= end and (episode.ended is None or episode.ended >= begin)
