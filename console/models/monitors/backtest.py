"""What a rule would have said of the recorded past, before it is saved: “41 alarms last month; here they are”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.alarms.rules import AlarmRule, rules
from console.models.monitors import source
from console.models.monitors.episodes import Episode, episodes
from console.models.monitors.gauges import Gauges
from console.models.monitors.trucks import Trucks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from console.models.monitors.statements import Held, Statement

CHUNK = timedelta(hours=1)
"""How much of the past is read at once."""
WARM = {"vehicle": timedelta(minutes=45), "sensor": timedelta(hours=12)}
"""So long before its beginning the judging begins, so that what stood then is not told as new."""
LOOK_S = 60.0
"""Between two looks for silence."""
SILENCE = {"terminal_silent", "terminals_silent", "sensor_silent", "sensors_silent"}
Progress = Callable[[float], None]


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


@dataclass(frozen=True)
class BackTest:
    """What became of trying a rule.

    Attributes:
        would_be: the alarms that it would have raised, the oldest first.
        were: how many alarms of the kind were really raised meanwhile.
        judged: positions or readings that were judged.
    """

    would_be: tuple[WouldBe, ...]
    were: int
    judged: int


def back_test(
    connection: Connection, rule: AlarmRule, start: datetime, end: datetime, progress: Progress = lambda _share: None
) -> BackTest:
    """Let a rule, as it is after a change, judge what is recorded from `start` to before `end`; nothing is written.

    The other grades of its kind judge with it, as they are; permits, sites, areas and limits are those of today.

    Args:
        connection: to read from.
        rule: as it would be saved; in force or not.
        start: from when.
        end: until when.
        progress: is told the share that is done.
    """
    grades = [one for one in rules(connection) if one.kind == rule.kind and one.id != rule.id and one.enabled]
    trial = Trial(connection, [*grades, rule])
    begin = start - WARM[rule.subject]
    said: list[Statement | Held] = []
    at = begin
    while at < end:
        until = min(at + CHUNK, end)
        said += trial.judge(at, until)
        at = until
        progress((at - begin) / (end - begin))
    found = [one for one in episodes(said) if one.raised >= start.timestamp() and one.worst.kind == rule.kind]
    names = _names(connection, rule.subject)
    return BackTest(
        tuple(_would_be(one, names) for one in found),
        connection.execute(
            text("SELECT count(*) FROM city.alarm WHERE kind = :kind AND raised_at >= :start AND raised_at < :end"),
            {"kind": rule.kind, "start": start, "end": end},
        ).scalar_one(),
        trial.judged,
    )


class Trial:
    """Rules that judge recorded history, part after part.

    Args:
        connection: to read from.
        by: rules of one subject.

    Attributes:
        judged: positions or readings that were judged.
    """

    def __init__(self, connection: Connection, by: list[AlarmRule]) -> None:
        self.judged = 0
        self._connection = connection
        self._looks = any(rule.kind in SILENCE for rule in by)
        self._judge: Trucks | Gauges
        if by[0].subject == "vehicle":
            trucks = source.vehicle_ids(connection)
            self._judge = Trucks(by, source.ground(connection, trucks), trucks, 0.0)
        else:
            self._judge = Gauges(by, source.gauges(connection), 0.0)

    def judge(self, start: datetime, end: datetime) -> Iterator[Statement | Held]:
        """What is said of what is recorded from `start` to before `end`, which follows on the part before."""
        judge = self._judge
        if isinstance(judge, Trucks):
            fixes = source.fixes_between(self._connection, start, end)
            fixes = fixes.take(judge.known(fixes.vehicle_id))
            self.judged += len(fixes)
            for now, part in self._parts(start, end):
                rows = (fixes.at >= now) & (fixes.at < part)
                yield from judge.judge(fixes.take(rows))[0]
                yield from judge.tick(part) if self._looks else ()
            return
        readings = source.readings_between(self._connection, start, end)
        self.judged += len(readings)
        for now, part in self._parts(start, end):
            yield from judge.judge([one for one in readings if now <= one.at < part])
            yield from judge.tick(part) if self._looks else ()

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


def _would_be(one: Episode, names: dict[int, str]) -> WouldBe:
    said = one.worst
    is_truck = said.subject == "vehicle"
    return WouldBe(
        kind=said.kind,
        grade=said.rule.grade if said.rule is not None else 1,
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
