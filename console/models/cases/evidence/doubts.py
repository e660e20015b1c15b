"""Whether a photo's own time and place fit the case that it is to prove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

CLOCKS_DIFFER = timedelta(minutes=5)  # a camera's clock may be ahead of the database's by so much
OLD, AFTERWARDS_OLD, FUTURE, ELSEWHERE = "old", "afterwards_old", "future", "elsewhere"


@dataclass(frozen=True)
class Doubt:
    """One disagreement.

    Attributes:
        kind: ``old``: taken long before the report; ``afterwards_old``: shows the state after disposal, but was taken
            before the report; ``future``: taken later than now; ``elsewhere``: taken too far from the case.
        span: how much earlier or later; zero for a place.
        metres: how far from the case; zero for a time.
    """

    kind: str
    span: timedelta = timedelta(0)
    metres: float = 0.0


def doubts_about(
    stage: str | None,
    taken_at: datetime | None,
    off_m: float | None,
    reported_at: datetime,
    now: datetime,
    hours: float,
    metres: float,
) -> tuple[Doubt, ...]:
    """What disagrees; nothing does about a photo that tells neither time nor place.

    Args:
        stage: code of the type ``city.evidence_stage``; None for none of them.
        taken_at: when the camera says.
        off_m: metres between where the camera says it was and the case.
        reported_at: when the case was reported.
        now: when the photo was attached, or the present while it is not.
        hours: a photo may be so much older than the report.
        metres: it may be taken so far away.
    """
    found: list[Doubt] = []
    if taken_at is not None:
        before = reported_at - taken_at
        if taken_at - now > CLOCKS_DIFFER:
            found.append(Doubt(FUTURE, taken_at - now))
        elif stage == "after" and before > timedelta(0):
            found.append(Doubt(AFTERWARDS_OLD, before))
        elif before > timedelta(hours=hours):
            found.append(Doubt(OLD, before))
    if off_m is not None and off_m > metres:
        found.append(Doubt(ELSEWHERE, metres=off_m))
    return tuple(found)
