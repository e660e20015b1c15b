"""What the evidence of a route deviation says on paper, in the words of the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely
from PySide6.QtCore import QCoreApplication

from console.map.excerpt import Mark, Way
from console.map.overlay import geographic
from console.map.view import Extent
from console.reports.case_file import CasePaper, Headings, Step, Table
from console.widgets.alarms.lines import what
from console.widgets.shared import figures
from console.widgets.shared.words import ALARM_ACT, ALARM_STATE, LOAD, SYMBOL, URGENCY, word

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray
    from PySide6.QtGui import QImage

    from console.gateway.reading import Said
    from console.models.alarms import AlarmEvent
    from console.models.deviations import Evidence
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate
MEASURED = ("raise", "step_up", "step_down")
"""What happens to an alarm because of what was measured."""
AROUND_M = 150.0
"""So much of the city is seen around what is told."""
TRACK_PX, OUTSIDE_PX, ROUTE_PX = 2.0, 4.0, 2.0


@dataclass(frozen=True)
class Proven:
    """A deviation, and by the time of each position, seconds since 1970, what the terminal said first of it."""

    evidence: Evidence
    said: dict[float, Said]

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Read what the messages say; takes a while."""
        from console.gateway.reading import read  # noqa: PLC0415 - all protocols, which no start should wait for

        said: dict[float, Said] = {}
        for message in evidence.messages or ():
            for one in read(message):
                if one.position is not None:
                    said.setdefault(one.position.at.timestamp(), one)
        return cls(evidence, said)


def outside(found: Evidence) -> NDArray[np.int64]:
    """Numbers of the positions that lie outside the corridor, from 0."""
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(np.abs(found.offsets.offset_m) > found.corridor_m)


def extent_of(found: Evidence) -> Extent:
    """What the map shows: where the truck was, and where it should have been."""
    xy = [np.column_stack((found.track.x, found.track.y))]
    for permit in np.unique(found.offsets.permit[found.offsets.permit >= 0]).tolist():
        along = found.offsets.along_m[found.offsets.permit == permit]
        xy.append(shapely.get_coordinates(shapely.line_interpolate_point(found.offsets.routes[permit], along)))
    if found.alarm.alarm.x is not None and found.alarm.alarm.y is not None:
        xy.append(np.array([[found.alarm.alarm.x, found.alarm.alarm.y]]))
    extent = Extent.of_points(np.vstack(xy))
    return (extent or Extent(0, 0, 0, 0)).grown(AROUND_M)


def ways_of(found: Evidence) -> list[Way]:
    """Corridor, approved route, track, and the parts of the track that lie outside."""
    ways: list[Way] = []
    for permit in np.unique(found.offsets.permit[found.offsets.permit >= 0]).tolist():
        xy = shapely.get_coordinates(found.offsets.routes[permit])
        ways.append(Way(xy, "accent", 2 * found.corridor_m, is_band=True))
        ways.append(Way(xy, "accent", ROUTE_PX, is_dashed=True))
    xy = np.column_stack((found.track.x, found.track.y))
    ways.append(Way(xy, "text", TRACK_PX))
    rows = outside(found)
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []
    # From the last position inside to the first one inside again.
    ways += [Way(xy[max(run[0] - 1, 0) : run[-1] + 2], "critical", OUTSIDE_PX) for run in runs]
    return ways


def marks_of(found: Evidence) -> list[Mark]:
    """The first, the farthest and the last position outside, by their numbers in the table."""
    rows = outside(found)
    if not len(rows):
        return []
    farthest = int(rows[np.abs(found.offsets.offset_m[rows]).argmax()])
    numbers = sorted({int(rows[0]), farthest, int(rows[-1])})
    return [Mark(float(found.track.x[n]), float(found.track.y[n]), str(n + 1)) for n in numbers]


def deviation_paper(proven: Proven, desk: Desk, picture: QImage, scale: int) -> CasePaper:
    """A deviation as it goes on paper; everything that Qt translates is put into words here.

    Args:
        proven: what proves it.
        desk: whose language and person.
        picture: the map.
        scale: n of its scale 1:n.
    """
    found = proven.evidence
    alarm = found.alarm.alarm
    number = translate("deviation_paper", "Alarm {id}").format(id=alarm.id)
    who = desk.name(desk.person.title, desk.person.title_en)
    caption = translate(
        "deviation_paper",
        "1:{scale} · dashed: approved route · band: corridor · thin: track · thick: outside the corridor · "
        "numbers: positions",
    )
    return CasePaper(
        kind=translate("deviation_paper", "Evidence of a route deviation · Yuncheng smart urban management centre"),
        number=number,
        title=f"{alarm.plate}  {what(alarm)}",
        marks=f"{SYMBOL[alarm.urgency]} {word(URGENCY, alarm.urgency)} · {word(ALARM_STATE, alarm.state)}",
        facts=tuple(_facts(found)),
        map=picture,
        map_caption=caption.format(scale=f"{scale:,}"),
        photos=(),
        others=(),
        steps=tuple(_step(event) for event in found.alarm.events),
        headings=Headings(
            place=translate("deviation_paper", "Approved route and track"),
            photos="",
            others="",
            history=translate("deviation_paper", "History of the alarm"),
        ),
        proof=(
            translate("deviation_paper", "Version {version} of the alarm · printed {time} by {who}").format(
                version=alarm.version, time=_second(found.read_at), who=who
            ),
            translate("deviation_paper", "SHA-256 over alarm, permit, positions and messages: {sum}").format(
                sum=found.checksum
            ),
        ),
        page=translate("case_paper", "Page {n} of {total}"),
        language=desk.language,
        tables=(_positions(proven),),
    )


def _facts(found: Evidence) -> list[tuple[str, str]]:
    alarm, rows = found.alarm.alarm, outside(found)
    facts = [
        (translate("deviation_paper", "Truck"), alarm.plate),
        (translate("deviation_paper", "Permit"), ", ".join(_permits(found)) or figures.NONE),
        (translate("deviation_paper", "Corridor"), f"± {figures.number(found.corridor_m, 0)} m"),
        (translate("deviation_paper", "Raised"), _second(alarm.raised_at)),
        (translate("deviation_paper", "Over"), _second(alarm.cleared_at) if alarm.cleared_at else figures.NONE),
    ]
    if alarm.acknowledged_at is not None:
        words = f"{_second(alarm.acknowledged_at)} {alarm.acknowledged_by}"
        facts.append((translate("deviation_paper", "Acknowledged"), words))
    if len(rows):
        offset, at = found.offsets.offset_m, found.track.at
        farthest = rows[np.abs(offset[rows]).argmax()]
        facts += [
            (translate("deviation_paper", "First outside"), _at(at[rows[0]])),
            (translate("deviation_paper", "Last outside"), _at(at[rows[-1]])),
            (translate("deviation_paper", "Farthest"), f"{_offset(offset[farthest])}, {_at(at[farthest])}"),
            (
                translate("deviation_paper", "Positions outside"),
                translate("deviation_paper", "{n} of {total}").format(n=len(rows), total=len(at)),
            ),
        ]
    if alarm.case_no:
        facts.append((translate("deviation_paper", "Case"), alarm.case_no))
    return facts


def _permits(found: Evidence) -> list[str]:
    permits = found.offsets.permit
    return [found.offsets.numbers[permit] for permit in np.unique(permits[permits >= 0]).tolist()]


def _positions(proven: Proven) -> Table:
    found, said = proven.evidence, proven.said
    track, placed = found.track, found.offsets
    rows = []
    for n in range(len(track)):
        longitude, latitude = geographic(float(track.x[n]), float(track.y[n]))
        rows.append(
            (
                str(n + 1),
                _at(track.at[n]),
                f"{longitude:.5f}, {latitude:.5f}",
                _offset(placed.offset_m[n]),
                figures.NONE if np.isnan(placed.along_m[n]) else figures.distance(float(placed.along_m[n])),
                figures.number(float(track.speed_kmh[n]), 0),
                word(LOAD, str(track.load[n])),
                _message(said.get(float(track.at[n]))),
            )
        )
    return Table(
        title=translate("deviation_paper", "Positions"),
        note=_note(found, sum(float(at) in said for at in track.at)),
        columns=(
            ("#", 4),
            (translate("deviation_paper", "Time"), 17),
            (translate("deviation_paper", "Longitude, latitude °"), 19),
            (translate("deviation_paper", "Offset"), 14),
            (translate("deviation_paper", "Along"), 9),
            (translate("deviation_paper", "km/h"), 6),
            (translate("deviation_paper", "Load"), 8),
            (translate("deviation_paper", "Message, number, received"), 23),
        ),
        rows=tuple(rows),
        marked=frozenset(outside(found).tolist()),
    )


def _note(found: Evidence, known: int) -> str:
    if found.messages is None:
        return translate("deviation_paper", "The messages of the terminal are not for this post to read.")
    if not known:
        return translate("deviation_paper", "No message of the terminal is kept of this time.")
    words = translate(
        "deviation_paper",
        "{known} of {total} positions are told by a message of the terminal that is kept: kind, the terminal's own "
        "number, when it was received. Offsets are positive to the left of the route; what lies outside the corridor "
        "is bold.",
    )
    return words.format(known=known, total=len(found.track))


def _message(said: Said | None) -> str:
    return figures.NONE if said is None else f"0x{said.kind.upper()} #{said.serial} {_fine(said.received_at)}"


def _offset(metres: float) -> str:
    if np.isnan(metres):
        return figures.NONE
    side = translate("deviation_paper", "left") if metres > 0 else translate("deviation_paper", "right")
    return f"{metres:+.1f} m {side}"


def _step(event: AlarmEvent) -> Step:
    words = f"{word(ALARM_ACT, event.act)} → {word(ALARM_STATE, event.to_state)}"
    is_measured = event.value is not None and event.act in MEASURED
    value = f"{figures.number(event.value, 1)} m" if is_measured else ""
    told = " · ".join(filter(None, (event.who, value)))
    return Step(event.version, _second(event.at), words, (told,) if told else (), is_late=False, opinion=event.reason)


def _second(at: datetime) -> str:
    return at.astimezone(figures.CITY_TIME).strftime("%Y-%m-%d %H:%M:%S")


def _fine(at: datetime) -> str:
    return at.astimezone(figures.CITY_TIME).strftime("%H:%M:%S.%f")[:-3]


def _at(at: float) -> str:
    return figures.city_time(at).strftime("%m-%d %H:%M:%S")
