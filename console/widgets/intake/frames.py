"""Raw frames of a truck or sensor in a period: what came when, what it says, and its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from pyproj import Transformer
from PySide6.QtCore import QDate, QDateTime, Qt, QTime
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from console.models import frames
from console.widgets.intake.words import ELEMENT, FLAW, FUNCTION, MESSAGE, WAY, doubt_words
from console.widgets.shared import figures
from console.widgets.shared.panel import Heading, Stateful, label, margins, surface
from console.widgets.shared.style import Look, icon
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import LOAD, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from console.gateway.jt808.position import Position
    from console.gateway.reading import Said
    from console.widgets.shared.desk import Desk

READERS = frozenset({"dispatcher", "shift_leader", "supervisor", "administrator"})
"""Posts that may look up raw frames (``city.raw_message``)."""
LAST = timedelta(hours=1)
DETAIL_PX = 128


@dataclass(frozen=True)
class Owner:
    """Whose frames: a ``vehicle`` or ``sensor``, its number and what it is called."""

    subject: str
    id: int
    name: str


@dataclass(frozen=True)
class Frames:
    """What was found: entries with their place in metres of EPSG:4546, in the order in which they came."""

    said: tuple[Said, ...]
    places: dict[tuple[datetime, int], tuple[float, float]]
    messages: int
    is_cut: bool


def read_frames(connection: Connection, owner: Owner, start: datetime, end: datetime) -> Frames:
    """Look up and decode; runs off the GUI thread."""
    from console.gateway.reading import read  # noqa: PLC0415 - all protocols, which no start should wait for

    found, is_cut = frames.messages(connection, owner.subject, owner.id, start, end)
    said = [one for message in found for one in read(message)]
    placed = [one for one in said if one.position is not None]
    to_city = Transformer.from_crs(4490, 4546, always_xy=True)
    xs, ys = to_city.transform(
        [one.position.longitude for one in placed if one.position],
        [one.position.latitude for one in placed if one.position],
    )
    places = {_key(one): (float(x), float(y)) for one, x, y in zip(placed, xs, ys, strict=True)}
    return Frames(tuple(said), places, len(found), is_cut)


class FramesWindow(QDialog):
    """The frames of one truck or sensor.

    Args:
        desk: database, map and notices.
        owner: whose frames.
        start, end: period that is looked up first; the last hour without them.
        parent: the window that it belongs to.
    """

    def __init__(
        self, desk: Desk, owner: Owner, start: datetime | None = None, end: datetime | None = None, *, parent: QWidget
    ) -> None:
        super().__init__(parent)
        Look.dress(self)
        self._desk, self._owner = desk, owner
        self._found = Frames((), {}, 0, is_cut=False)
        self.setWindowTitle(self.tr("Raw frames of {name}").format(name=owner.name))
        self.setWindowIcon(icon("mdi6.code-braces"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        until = end or desk.now() + timedelta(seconds=1)
        self.start = _moment_edit(self.tr("From"), start or until - LAST)
        self.end = _moment_edit(self.tr("Until"), until)
        self.look = QPushButton(self.tr("Look up"))
        self.look.setDefault(True)
        self.look.clicked.connect(lambda *_: self.refresh())
        self.export = QPushButton(self.tr("Write to CSV …"))
        self.export.setIcon(icon("mdi6.table-arrow-down"))
        self.export.clicked.connect(lambda *_: self._export())
        self.heading = Heading(self.windowTitle())
        self.model: RecordModel[Said] = RecordModel(self._columns(), lambda s: str(_key(s)), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Raw frames of {name}").format(name=owner.name))
        self.detail = QPlainTextEdit(readOnly=True)
        self.detail.setAccessibleName(self.tr("The frame in full"))
        self.detail.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.detail.setFixedHeight(DETAIL_PX)
        self.state = Stateful(self.table, self.refresh)
        self._lay_out()
        self.table.chosen.connect(self._show_detail)
        self.table.opened.connect(self._go)
        self.addAction(desk.actions["list.export"])
        self.resize(1180, 640)
        self.refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        margins(row, 12, 8, 12, 8, 8)
        for words, edit in ((self.tr("From"), self.start), (self.tr("Until"), self.end)):
            row.addWidget(label(words, "secondary"))
            row.addWidget(edit)
        row.addWidget(self.look)
        row.addStretch(1)
        row.addWidget(self.export)
        inside = QVBoxLayout()
        margins(inside, 0, 0, 0, 0)
        inside.addWidget(self.heading)
        inside.addLayout(row)
        inside.addWidget(self.state, 1)
        inside.addWidget(self.detail)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(surface("panel", inside))

    def refresh(self) -> None:
        """Look up the period."""
        start, end = _moment(self.start), _moment(self.end)
        if start >= end:
            self.state.show_empty(self.tr("The period ends before it begins."), "mdi6.clock-alert-outline")
            return
        self.state.show_loading()
        ask = partial(read_frames, owner=self._owner, start=start, end=end)
        self._desk.operations.read(self, ask, self._show, self._fail, key="frames")

    def _show(self, found: Frames) -> None:
        self._found = found
        self.model.show(found.said)
        self.detail.setPlainText("")
        self.export.setEnabled(bool(found.said))
        words = self.tr("{n} messages").format(n=figures.count(found.messages))
        if found.is_cut:
            words = self.tr("the first {n} messages only: choose a shorter period").format(
                n=figures.count(found.messages)
            )
        self.heading.say(self.windowTitle(), words)
        if found.said:
            self.state.show_content()
            self.table.setFocus()
        else:
            self.state.show_empty(
                self.tr("No message came in this period, or it is older than messages are kept."),
                "mdi6.email-off-outline",
            )

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))

    def _export(self) -> None:
        self.table.setFocus()
        self._desk.actions["list.export"].trigger()

    def _go(self, said: Said) -> None:
        place = self._found.places.get(_key(said))
        if place is not None:
            self._desk.show_place(*place, nearer=True)

    def _show_detail(self, said: Said) -> None:
        lines = [said.raw.hex(" ").upper() if said.way <= 2 else said.raw.decode("utf-8", "backslashreplace")]
        if said.position is not None:
            lines += [self._bits(said.position), self._items(said.position)]
        if said.doubt:
            lines.append(self.tr("Not believed: {why}").format(why=doubt_words(int(said.doubt))))
        self.detail.setPlainText("\n".join(filter(None, lines)))

    def _bits(self, position: Position) -> str:
        words = self.tr("alarm {alarm}, status {status}, altitude {altitude} m, {ignition}")
        ignition = self.tr("engine on") if position.ignition else self.tr("engine off")
        return words.format(
            alarm=f"{position.alarm:08X}",
            status=f"{position.status:08X}",
            altitude=position.altitude_m,
            ignition=ignition,
        )

    def _items(self, position: Position) -> str:
        items = " · ".join(f"{key:02X}: {value.hex().upper()}" for key, value in position.items)
        return self.tr("extra items {items}").format(items=items) if items else ""

    # Cells

    def _columns(self) -> Sequence[Column[Said]]:
        received: list[Column[Said]] = [
            Column(self.tr("Received"), lambda s: _second(s.received_at), rank=_key, width_px=176),
            Column(self.tr("Message"), self._kind, width_px=230),
            Column(self.tr("No."), lambda s: "" if s.serial is None else str(s.serial), lambda s: s.serial,
                   width_px=62),
            Column(self.tr("Says the time"), lambda s: "" if s.at is None else _second(s.at)[:19], rank=lambda s: s.at,
                   width_px=150),
        ]  # fmt: skip
        raw: Column[Said] = Column(self.tr("Hex"), lambda s: s.raw.hex().upper(), colour=lambda _s: "secondary")
        if self._owner.subject != "vehicle":
            return [
                *received,
                Column(self.tr("Value of"), self._element, width_px=220),
                Column(self.tr("Value"), lambda s: figures.number(s.value, 3), lambda s: s.value, width_px=96),
                raw,
            ]
        return [
            *received,
            _number(self.tr("Longitude"), lambda p: f"{p.longitude:.6f}", lambda p: p.longitude, 96),
            _number(self.tr("Latitude"), lambda p: f"{p.latitude:.6f}", lambda p: p.latitude, 90),
            _number(self.tr("km/h"), lambda p: f"{p.speed_kmh:.1f}", lambda p: p.speed_kmh, 62),
            _number(self.tr("Heading"), lambda p: f"{p.heading}°", lambda p: p.heading, 72),
            Column(self.tr("Load"), lambda s: "" if s.position is None else word(LOAD, s.position.load), width_px=70),
            Column(self.tr("Doubt"), lambda s: doubt_words(int(s.doubt)), colour=lambda _s: "medium_text", width_px=120,
                   spare=1),
            raw,
        ]  # fmt: skip

    def _kind(self, said: Said) -> str:
        if said.flaw:
            return self.tr("unreadable: {why}").format(why=word(FLAW, said.flaw))
        if said.way > 2:
            return f"{WAY[str(said.way)]} {said.kind}"
        words = word(MESSAGE if said.way == 1 else FUNCTION, said.kind)
        if said.answer is not None:
            message, serial, result = said.answer
            words = self.tr("Answer {result} to {message:04X}, no. {serial}").format(
                result=result, message=message, serial=serial
            )
        return f"0x{said.kind.upper()} {words}"

    def _element(self, said: Said) -> str:
        return f"{said.name} {word(ELEMENT, said.name)}" if said.name in ELEMENT else said.name


def _number(
    title: str, text: Callable[[Position], str], order: Callable[[Position], float], width: int
) -> Column[Said]:
    """A column of a figure of positions."""
    return Column(
        title,
        lambda s: "" if s.position is None else text(s.position),
        lambda s: None if s.position is None else order(s.position),
        width_px=width,
    )


def _key(said: Said) -> tuple[datetime, int]:
    return said.received_at, said.number


def _second(at: datetime) -> str:
    """Date and time in the city, with milliseconds."""
    return at.astimezone(figures.CITY_TIME).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _moment_edit(name: str, at: datetime) -> QDateTimeEdit:
    local = at.astimezone(figures.CITY_TIME)
    edit = QDateTimeEdit(
        QDateTime(QDate(local.year, local.month, local.day), QTime(local.hour, local.minute, local.second))
    )
    edit.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
    edit.setCalendarPopup(True)
    edit.setAccessibleName(name)
    return edit


def _moment(edit: QDateTimeEdit) -> datetime:
    """The time that is set, in the time of the city whatever this computer's zone."""
    day, time = edit.date(), edit.time()
    return datetime(
        day.year(), day.month(), day.day(), time.hour(), time.minute(), time.second(), tzinfo=figures.CITY_TIME
    )
