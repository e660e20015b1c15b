"""What a rule would have said of the recorded past, before it is saved: “41 alarms last month; here they are”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.alarms.rules import AlarmRule, rules
from console.models.monitors import source
from console.models.monitors.episodes import episodes
from console.models.monitors.gauges import Gauges
from console.models.monitors.trucks import Trucks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from console.models.monitors.episodes import Episode
    from console.models.monitors.fixes import Fixes
    from console.models.monitors.gauges import Reading
    from console.models.monitors.statements import Held, Statement

CHUNK = timedelta(hours=1)
"""How much of the past is read at once."""
WARM = {"vehicle": timedelta(minutes=45), "sensor": timedelta(hours=12)}
"""So long before its beginning the judging begins, so that what stood then is not told as new."""
LOOK_S = 60.0
"""Between two looks for silence."""
SILENCE = {"terminal_silent", "terminals_silent", "sensor_silent", "sensors_silent"}
Progress = Callable[[float], object]


@dataclass(frozen=True)
class WouldBe:
    """An alarm that a rule would have raised.

    Attributes:
        kind: of alarm; `grade` the worst that was reached.
        vehicle_id, sensor_id: what it is about; the other one is None.
        who: plate of the truck, or name of the sensor.
        raised_at: when it would have been raised.
        cleared_at: when it would have been over; None when it was not by the end.
        value, limit_value: what was measured at its worst and what that broke, in the unit of the rule.
        x, y: where; EPSG:4546 metres.
    """

    kind: str
    grade: int
    vehicle_id: int | None
    sensor_id: int | None
    who: str
    raised_at: datetime
    cleared_at: datetime | None
    value: float | None
    limit_value: float | None
    x: float | None
    y: float | None

    @property
    def subject(self) -> tuple[int | None, int | None]:
        """What it is about."""
        return self.vehicle_id, self.sensor_id


@dataclass(frozen=True)
class BackTest:
    """What became of trying a rule: alarms that reached its grade, the oldest first.

    Attributes:
        same: raised by the rule as it would be, and by the rule as it is.
        added: raised by the rule as it would be alone.
        gone: raised by the rule as it is alone.
        were: how many alarms of the kind and at least of the grade were really raised meanwhile.
        judged: positions or readings of the period that were judged.
        since: when the first of them was recorded; None when nothing is.
    """

    same: tuple[WouldBe, ...]
    added: tuple[WouldBe, ...]
    gone: tuple[WouldBe, ...]
    were: int
    judged: int
    since: datetime | None

    @property
    def would_be(self) -> tuple[WouldBe, ...]:
        """All alarms that the rule as it would be had raised, the oldest first."""
        return tuple(sorted((*self.same, *self.added), key=lambda one: one.raised_at))

    @property
    def are(self) -> int:
        """How many alarms the rule as it is raises in the same past."""
        return len(self.same) + len(self.gone)


def back_test(
    connection: Connection, rule: AlarmRule, start: datetime, end: datetime, progress: Progress = lambda _share: None
) -> BackTest:
    """Let a rule, as it is after a change, judge what is recorded from `start` to before `end`; nothing is written.

    The rule as it is now judges beside it, and so do the other grades of its kind; permits, sites, areas and limits are
    those of today. The rule that would be saved judges as if it were in force.

    Args:
        connection: to read from.
        rule: as it would be saved; in force or not.
        start: from when.
        end: until when.
        progress: is told the share that is done; what it raises ends the trial.
    """
    of_kind = [one for one in rules(connection) if one.kind == rule.kind and (one.enabled or one.id == rule.id)]
    as_they_are = [one for one in of_kind if one.enabled]
    as_they_would_be = [rule if one.id == rule.id else one for one in of_kind]
    sets = [as_they_would_be] if as_they_are in ([], as_they_would_be) else [as_they_would_be, as_they_are]
    trial = Trial(connection, sets, start)
    begin = start - WARM[rule.subject]
    said: list[list[Statement | Held]] = [[] for _ in sets]
    at = begin
    while at < end:
        until = min(at + CHUNK, end)
        for place, new in enumerate(trial.judge(at, until)):
            said[place] += new
        at = until
        progress((at - begin) / (end - begin))
    names = _names(connection, rule.subject)
    found = [
        [
            _would_be(one, names)
            for one in episodes(of_one)
            if one.raised >= start.timestamp() and one.worst.kind == rule.kind and _grade(one) >= rule.grade
        ]
        for of_one in said
    ]
    as_it_would_be, as_it_is = found[0], found[-1] if as_they_are else []
    same, added, gone = compared(as_it_would_be, as_it_is)
    return BackTest(same, added, gone, _were(connection, rule, start, end), trial.judged, trial.since)


def compared(
    new: Sequence[WouldBe], old: Sequence[WouldBe]
) -> tuple[tuple[WouldBe, ...], tuple[WouldBe, ...], tuple[WouldBe, ...]]:
    """(of both, of the new alone, of the old alone); the same are those that stood at one time for one subject."""
    known: dict[tuple[int | None, int | None], list[WouldBe]] = {}
    for one in old:
        known.setdefault(one.subject, []).append(one)
    met: set[int] = set()
    same: list[WouldBe] = []
    added: list[WouldBe] = []
    for one in new:
        partners = [other for other in known.get(one.subject, ()) if _stood_together(one, other)]
        met.update(map(id, partners))
        (same if partners else added).append(one)
    return tuple(same), tuple(added), tuple(one for one in old if id(one) not in met)


class Trial:
    """Rules that judge recorded history, part after part; what is recorded is read once for all of them.

    Args:
        connection: to read from.
        sets: of rules of one subject, none of them empty; each judges by itself.
        start: what is recorded before is judged, but not counted.

    Attributes:
        judged: positions or readings that were judged since `start`.
        since: when the first of them was recorded.
    """

    def __init__(self, connection: Connection, sets: Sequence[Sequence[AlarmRule]], start: datetime) -> None:
        self.judged = 0
        self.since: datetime | None = None
        self._start = start.timestamp()
        self._connection = connection
        self._looks = any(rule.kind in SILENCE for by in sets for rule in by)
        self._trucks: list[Trucks] = []
        self._gauges: list[Gauges] = []
        if sets[0][0].subject == "vehicle":
            trucks = source.vehicle_ids(connection)
            ground = source.ground(connection, trucks)
            self._trucks = [Trucks(by, ground, trucks, 0.0) for by in sets]
        else:
            gauges = source.gauges(connection)
            self._gauges = [Gauges(by, gauges, 0.0) for by in sets]

    def judge(self, start: datetime, end: datetime) -> list[list[Statement | Held]]:
        """What each set says of what is recorded from `start` to before `end`, which follows on the part before."""
        if self._trucks:
            fixes = source.fixes_between(self._connection, start, end)
            fixes = fixes.take(self._trucks[0].known(fixes.vehicle_id))
            self._count(fixes.at.tolist())
            return [self._judge_trucks(judge, fixes, start, end) for judge in self._trucks]
        readings = source.readings_between(self._connection, start, end)
        self._count([one.at for one in readings])
        return [self._judge_gauges(judge, readings, start, end) for judge in self._gauges]

    def _count(self, at: Sequence[float]) -> None:
        counted = [one for one in at if one >= self._start]
        self.judged += len(counted)
        if counted and self.since is None:
            self.since = datetime.fromtimestamp(min(counted), UTC)

    def _judge_trucks(self, judge: Trucks, fixes: Fixes, start: datetime, end: datetime) -> list[Statement | Held]:
        said: list[Statement | Held] = []
        for now, part in self._parts(start, end):
            said += judge.judge(fixes.take((fixes.at >= now) & (fixes.at < part)))[0]
            said += judge.tick(part) if self._looks else ()
        return said

    def _judge_gauges(
        self, judge: Gauges, readings: Sequence[Reading], start: datetime, end: datetime
    ) -> list[Statement | Held]:
        said: list[Statement | Held] = []
        for now, part in self._parts(start, end):
            said += judge.judge([one for one in readings if now <= one.at < part])
            said += judge.tick(part) if self._looks else ()
        return said

    def _parts(self, start: datetime, end: datetime) -> Iterator[tuple[float, float]]:
        """The whole, or, for who looks for silence, the time from one look to the next."""
        now, last = start.timestamp(), end.timestamp()
        while now < last:
            part = min(now + LOOK_S, last) if self._looks else last
            yield now, part
            now = part


def _names(connection: Connection, subject: str) -> dict[int, str]:
    query = "SELECT id, plate FROM city.vehicle" if subject == "vehicle" else "SELECT id, name FROM city.sensor"
    return {row[0]: row[1] for row in connection.execute(text(query))}


def _were(connection: Connection, rule: AlarmRule, start: datetime, end: datetime) -> int:
    found = connection.execute(
        text("""
            SELECT count(*) FROM city.alarm
            WHERE kind = :kind AND grade >= :grade AND raised_at >= :start AND raised_at < :end
        """),
        {"kind": rule.kind, "grade": rule.grade, "start": start, "end": end},
    )
    return int(found.scalar_one())


def _grade(one: Episode) -> int:
    return one.worst.rule.grade if one.worst.rule is not None else 1


def _stood_together(one: WouldBe, other: WouldBe) -> bool:
    return (one.cleared_at is None or other.raised_at <= one.cleared_at) and (
        other.cleared_at is None or one.raised_at <= other.cleared_at
    )


def _would_be(one: Episode, names: dict[int, str]) -> WouldBe:
    said = one.worst
    is_truck = said.subject == "vehicle"
    return WouldBe(
        kind=said.kind,
        grade=_grade(one),
        vehicle_id=said.subject_id if is_truck else None,
        sensor_id=None if is_truck else said.subject_id,
        who=names.get(said.subject_id, ""),
        raised_at=datetime.fromtimestamp(one.raised, UTC),
        cleared_at=None if one.ended is None else datetime.fromtimestamp(one.ended, UTC),
        value=said.value,
        limit_value=said.limit,
        x=said.x,
        y=said.y,
    )
