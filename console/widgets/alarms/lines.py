"""Alarms in words: one line each, floods of a kind gathered into one line that unfolds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.models import alarms
from console.models.sensors import Grade
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.words import ALARM, ALARM_STATE, ALARM_UNIT, STATE, SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from console.models.alarms import Alarm, Hold
    from console.models.sensors import FloodPoint

translate = QCoreApplication.translate
WATER_URGENCY = {Grade.FLOODING: "high", Grade.CLOSING: "critical", Grade.SEVERE: "critical"}
"""Urgency of water above a limit that no monitor has judged yet."""
HELD = ("shelved", "suppressed", "out_of_service")
"""States in which an alarm is set aside."""
STATE_MARK = {
    "unacknowledged": "■",
    "returned_unacknowledged": "◪",
    "acknowledged": "□",
    "latched": "▣",
    "shelved": "◷",
    "suppressed": "⊘",
    "out_of_service": "✕",
}
"""Shape of each state (ISA-18.2): filled asks for somebody, hollow is taken on, crossed out is set aside."""
GROUP_LEAST = 5
GROUP_GAP = timedelta(minutes=10)
"""So many alarms of a kind, none later than so long after the one before, are one flood; EEMUA 191 counts in 10 min."""
FOLDED, UNFOLDED, INSIDE, FIRST = "▸", "▾", "└", "①"


@dataclass(frozen=True)
class AlarmLine:
    """One alarm, one point that is set aside, or one flood of alarms, in words.

    Attributes:
        key: tells it from all others.
        rank: its place among all, the most urgent first.
        urgency, state: codes as of `console.models.alarms`.
        at: when it was raised, or set aside.
        who: the truck or place that it is about.
        what: what is wrong there, with figures.
        thing: what to select to see it; None for nothing that can be selected.
        place: metres, EPSG:4546; None when unknown.
        is_waiting: whether nobody has acknowledged it.
        kind: code of what is wrong.
        alarm_id, version: in the database; None where no alarm stands there.
        vehicle_id, sensor_id: what it is about; None for the other.
        case_id, case: that it has become; None and empty when there is none.
        until: when a shelved one comes back.
        reason: why it is set aside, and who did it.
        members: of a flood, the first one first; empty for a single alarm.
        is_first: whether it was the first of its flood.
        depth: 1 inside a flood that is unfolded, else 0.
        is_unfolded: of a flood.
    """

    key: str
    rank: int
    urgency: str
    state: str
    at: datetime | None
    who: str
    what: str
    thing: Thing | None
    place: tuple[float, float] | None
    is_waiting: bool
    kind: str = ""
    alarm_id: int | None = None
    version: int | None = None
    vehicle_id: int | None = None
    sensor_id: int | None = None
    case_id: int | None = None
    case: str = ""
    until: datetime | None = None
    reason: str = ""
    members: tuple[AlarmLine, ...] = ()
    is_first: bool = False
    depth: int = 0
    is_unfolded: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it is set aside."""
        return self.state in HELD


@dataclass(frozen=True)
class Standing:
    """All that stands: the most urgent first, and how many there are of each urgency, in all and unacknowledged."""

    lines: Sequence[AlarmLine]
    counts: Mapping[str, int]
    waiting: Mapping[str, int]
    held: Sequence[AlarmLine] = ()


def line_of(alarm: Alarm) -> AlarmLine:
    """An alarm of the database in words."""
    return AlarmLine(
        key=f"alarm:{alarm.id}",
        rank=0,
        urgency=alarm.urgency,
        state=alarm.state,
        at=alarm.raised_at,
        who=alarm.plate or alarm.flood_point or alarm.sensor,
        what=what(alarm),
        thing=_thing(alarm),
        place=None if alarm.x is None or alarm.y is None else (alarm.x, alarm.y),
        is_waiting=alarm.state in alarms.WAITING,
        kind=alarm.kind,
        alarm_id=alarm.id,
        version=alarm.version,
        vehicle_id=alarm.vehicle_id,
        sensor_id=alarm.sensor_id,
        case_id=alarm.case_id,
        case=f"{alarm.case_no} · {word(STATE, alarm.case_state)}" if alarm.case_id is not None else "",
    )


def what(alarm: Alarm) -> str:
    """What is wrong, with what was measured and the limit."""
    unit = ALARM_UNIT.get(alarm.kind)
    words = word(ALARM, alarm.kind)
    if unit is not None and alarm.value is not None:
        words += " " + figures.number(alarm.value, 0, unit)
        if alarm.limit_value is not None:
            words += _limit(alarm.limit_value, unit)
    return words


def line_of_hold(hold: Hold) -> AlarmLine:
    """A point that is set aside, with the alarm that stands there unseen, if there is one."""
    return AlarmLine(
        key=f"hold:{hold.kind}:{hold.vehicle_id}:{hold.sensor_id}:{hold.hold}",
        rank=0,
        urgency=hold.urgency or "medium",
        state=hold.hold,
        at=hold.since,
        who=hold.plate or hold.flood_point or hold.sensor,
        what=word(ALARM, hold.kind),
        thing=_thing(hold),
        place=None if hold.x is None or hold.y is None else (hold.x, hold.y),
        is_waiting=False,
        kind=hold.kind,
        alarm_id=hold.alarm_id,
        version=hold.version,
        vehicle_id=hold.vehicle_id,
        sensor_id=hold.sensor_id,
        until=hold.until,
        reason=f"{hold.who}: {hold.reason}" if hold.who else hold.reason,
    )


def line_of_water(point: FloodPoint, trend: str) -> AlarmLine:
    """Water above a limit in words."""
    limit = point.flooding_cm if point.grade == Grade.FLOODING else point.closing_cm
    words = f"{word(ALARM, 'flooding')} {figures.number(point.depth_cm, 0, 'cm')}{_limit(limit, 'cm')}"
    return AlarmLine(
        key=f"water:{point.id}",
        rank=0,
        urgency=WATER_URGENCY[point.grade],
        state="unacknowledged",
        at=point.at,
        who=point.name,
        what=f"{words} {trend}".rstrip(),
        thing=Thing("flood_point", str(point.id)),
        place=(point.x, point.y),
        is_waiting=True,
        kind="flooding",
        sensor_id=point.sensor_id,
    )


def ranked(lines: Iterable[AlarmLine]) -> list[AlarmLine]:
    """The most urgent first, of those what waits for somebody, of those the newest."""
    return [replace(line, rank=rank) for rank, line in enumerate(sorted(lines, key=_order))]


def gathered(lines: Iterable[AlarmLine], unfolded: frozenset[str]) -> list[AlarmLine]:
    """The lines with each flood of a kind as one, which stands where its most urgent member would.

    Args:
        lines: ranked.
        unfolded: keys of the floods below which their members follow.
    """
    found: list[AlarmLine] = []
    for _kind, of_kind in groupby(sorted(lines, key=attrgetter("kind")), key=attrgetter("kind")):
        for flood in _floods(list(of_kind)):
            found += [_gather(flood, unfolded)] if len(flood) >= GROUP_LEAST else flood
    shown: list[AlarmLine] = []
    for line in sorted(found, key=attrgetter("rank")):
        shown.append(line)
        if line.is_unfolded:
            shown += [replace(member, depth=1) for member in line.members]
    return [replace(line, rank=rank) for rank, line in enumerate(shown)]


def mark_words(line: AlarmLine) -> str:
    """Shape and word of its state."""
    mark = STATE_MARK.get(line.state, "")
    if line.members:
        waiting = sum(member.is_waiting for member in line.members)
        if waiting:
            said = translate("alarms", "{n} unacknowledged").format(n=figures.count(waiting))
            return f"{STATE_MARK['unacknowledged']} {said}"
    words = f"{mark} {word(ALARM_STATE, line.state)}"
    if line.until is not None:
        words += " " + translate("alarms", "until {time}").format(time=figures.clock(line.until))
    return words


def _thing(alarm: Alarm | Hold) -> Thing | None:
    if alarm.vehicle_id is not None:
        return Thing("vehicle", str(alarm.vehicle_id))
    if alarm.flood_point_id is not None:
        return Thing("flood_point", str(alarm.flood_point_id))
    return None if alarm.sensor_id is None else Thing("rain_gauge", str(alarm.sensor_id))


def _floods(lines: list[AlarmLine]) -> list[list[AlarmLine]]:
    """Alarms of one kind in chains, the first one first; what has no time stands alone."""
    chains: list[list[AlarmLine]] = [[line] for line in lines if line.at is None]
    last: datetime | None = None
    for at, line in sorted(((one.at, one) for one in lines if one.at is not None), key=lambda pair: pair[0]):
        if last is None or at - last > GROUP_GAP:
            chains.append([])
        chains[-1].append(line)
        last = at
    return chains


def _gather(flood: list[AlarmLine], unfolded: frozenset[str]) -> AlarmLine:
    first, worst = replace(flood[0], is_first=True), min(flood, key=attrgetter("rank"))
    # The first one is what it is known by: it stays when others join or go.
    key = f"flood:{first.key}"
    said = translate("alarms", "{n} × {what}").format(n=figures.count(len(flood)), what=word(ALARM, first.kind))
    begun = translate("alarms", "first: {who}").format(who=first.who)
    return replace(
        first, key=key, rank=worst.rank, urgency=worst.urgency, state=worst.state, who=said, what=begun, alarm_id=None,
        version=None, vehicle_id=None, sensor_id=None, is_waiting=any(one.is_waiting for one in flood), is_first=False,
        members=(first, *flood[1:]), is_unfolded=key in unfolded,
    )  # fmt: skip


def _limit(value: float, unit: str) -> str:
    return translate("alarms", ", limit {value} {unit}").format(value=f"{value:g}", unit=unit)


def _order(line: AlarmLine) -> tuple[int, bool, float]:
    age = -line.at.timestamp() if line.at is not None else 0.0
    return list(SYMBOL).index(line.urgency), not line.is_waiting, age
