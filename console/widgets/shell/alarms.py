"""Standing alarms at a desk: read when they change, shown in the top bar, led to their places."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QKeySequence

from console.models import alarms
from console.models.sensors import FloodPoint, Grade
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.throttle import Throttle
from console.widgets.shared.words import ALARM, ALARM_UNIT, SYMBOL, word
from console.widgets.shell.alarm_bar import AlarmLine, AlarmList, Standing
from console.widgets.shell.live import trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.database.feed import Change
    from console.models.alarms import Alarm, Board
    from console.widgets.shared.desk import Desk
    from console.widgets.shell.window import MainWindow

AGAIN_MS = 200
NOTHING = alarms.Board([], {}, {})
URGENCY = {Grade.FLOODING: "high", Grade.CLOSING: "critical", Grade.SEVERE: "critical"}
"""Urgency of water above a limit."""
HOME = {"vehicle": "fleet", "flood_point": "flood", "rain_gauge": "flood"}
"""Workspace that shows what an alarm is about, if the one in front does not."""


class Alarms(QObject):
    """Keeps the alarm bar true and goes where an alarm is."""

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self._board: Board = NOTHING
        self._points: Sequence[FloodPoint] = ()
        self._standing = Standing((), {}, {})
        self._bar = window.top.alarms
        self.list = AlarmList(desk.now, window)
        self._ask_again = Throttle(AGAIN_MS, self._ask, self)
        group = self.tr("Alarms")
        go = desk.actions.add("alarm.go", self.tr("Go to the most urgent alarm"), self.go, group=group, shortcut="F3")
        desk.actions.add("alarm.list", self.tr("All alarms that stand"), self.open_list, group=group,
            shortcut="Shift+F3")  # fmt: skip
        self._bar.key.setText(go.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        self._bar.opened.connect(self.go)
        self._bar.list_wanted.connect(self.open_list)
        self.list.chosen.connect(self._go)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self._ask)
        desk.changes.state_changed.connect(self._ask)
        self._ask()

    @property
    def standing(self) -> Standing:
        """What is shown."""
        return self._standing

    def show_water(self, points: Sequence[FloodPoint]) -> None:
        """Water above a limit stands as an alarm, also before a monitor has raised one."""
        self._points = points
        self._show()

    def go(self) -> None:
        """Select what the most urgent alarm is about and bring it near."""
        if self._standing.lines:
            self._go(self._standing.lines[0])

    def open_list(self) -> None:
        """Show every alarm that stands."""
        self.list.open_below(self._bar)

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.subject == "alarm" for change in changes):
            self._ask_again()

    def _ask(self) -> None:
        self._desk.operations.read(self, alarms.board, self._show_board, _quiet, key="alarms")

    def _show_board(self, board: Board) -> None:
        self._board = board
        self._show()

    def _show(self) -> None:
        named = {a.flood_point_id for a in self._board.alarms if a.kind == "flooding"} | self._board.quiet_points
        water = [p for p in self._points if p.grade in URGENCY and not p.silent and p.id not in named]
        lines = sorted([*map(line_of, self._board.alarms), *map(line_of_water, water)], key=_order)
        risen = Counter(URGENCY[p.grade] for p in water)
        self._standing = Standing(
            [replace(line, rank=rank) for rank, line in enumerate(lines)],
            Counter(self._board.standing) + risen,
            Counter(self._board.waiting) + risen,
        )
        self._bar.show_standing(self._standing, self._desk.now())
        self.list.show_standing(self._standing)

    def _go(self, line: AlarmLine) -> None:
        if line.thing is None:
            return
        home = HOME.get(line.thing.subject, "")
        if not self._desk.canvas.layer(line.thing.subject).visible and home in self._window.workspaces:
            self._window.show_workspace(home)
        self._desk.selection.select(line.thing)
        if line.place is not None:
            self._desk.show_place(*line.place, nearer=True)


def line_of(alarm: Alarm) -> AlarmLine:
    """An alarm of the database in words."""
    thing: Thing | None = None
    if alarm.vehicle_id is not None:
        thing = Thing("vehicle", str(alarm.vehicle_id))
    elif alarm.flood_point_id is not None:
        thing = Thing("flood_point", str(alarm.flood_point_id))
    elif alarm.sensor_id is not None:
        thing = Thing("rain_gauge", str(alarm.sensor_id))
    unit = ALARM_UNIT.get(alarm.kind)
    what = word(ALARM, alarm.kind)
    if unit is not None and alarm.value is not None:
        what += " " + figures.number(alarm.value, 0, unit)
        if alarm.limit_value is not None:
            what += _limit(alarm.limit_value, unit)
    place = None if alarm.x is None or alarm.y is None else (alarm.x, alarm.y)
    return AlarmLine(
        key=f"alarm:{alarm.id}",
        rank=0,
        urgency=alarm.urgency,
        state=alarm.state,
        at=alarm.raised_at,
        who=alarm.plate or alarm.flood_point or alarm.sensor,
        what=what,
        thing=thing,
        place=place,
        is_waiting=alarm.state in alarms.WAITING,
    )


def line_of_water(point: FloodPoint) -> AlarmLine:
    """Water above a limit in words."""
    limit = point.flooding_cm if point.grade == Grade.FLOODING else point.closing_cm
    what = f"{word(ALARM, 'flooding')} {figures.number(point.depth_cm, 0, 'cm')}{_limit(limit, 'cm')}"
    return AlarmLine(
        key=f"water:{point.id}",
        rank=0,
        urgency=URGENCY[point.grade],
        state="unacknowledged",
        at=point.at,
        who=point.name,
        what=f"{what} {trend(point.rate_cm)}".rstrip(),
        thing=Thing("flood_point", str(point.id)),
        place=(point.x, point.y),
        is_waiting=True,
    )


def _limit(value: float, unit: str) -> str:
    return QCoreApplication.translate("alarms", ", limit {value} {unit}").format(value=f"{value:g}", unit=unit)


def _order(line: AlarmLine) -> tuple[int, bool, float]:
    age = -line.at.timestamp() if line.at is not None else 0.0
    return list(SYMBOL).index(line.urgency), not line.is_waiting, age


def _quiet(_error: Exception) -> None:
    """What stood still stands; the banner over the map says that the database is away."""
