"""The replay of a window: its commands, its bar, its sign, and the map that follows the clock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.models.replay import marks
from console.widgets.replay.past_map import PastMap
from console.widgets.replay.time_bar import TimeBar
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing

if TYPE_CHECKING:
    from console.models.replay import AlarmMark, Marks
    from console.widgets.shared.desk import Desk
    from console.widgets.shell.window import MainWindow

MINUTE_S = 60.0
RECENT_S = 600.0
"""The past begins so long ago for whoever has looked at none yet."""
ALIKE_S = 0.5
"""An alarm nearer than this is the one that is shown already."""


class Replay(QObject):
    """Lets the window show the past, and come back from it."""

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._desk, self._window, self._clock = desk, window, desk.clock
        self._add_actions()
        self.bar = TimeBar(desk)
        self.map = PastMap(desk, self)
        self.map.stood.connect(self.bar.alarms.show_alarms)
        self.map.draw()
        window.stage.set_bar(self.bar)
        self.bar.period.chosen.connect(self._on_period)
        self._clock.turned.connect(self._on_turned)
        self._clock.moved.connect(self._tell)
        self._clock.changed.connect(self._show_running)
        desk.hours.arrived.connect(self._tell)
        if not self._clock.is_live:
            # The window was made anew, in another look or language, while the past was shown.
            self._on_turned()
            self._read_marks()
            self._show_running()
            self._tell()

    def _add_actions(self) -> None:
        add, group, clock = self._desk.actions.add, self.tr("Replay"), self._clock
        add("replay.open", self.tr("Replay the past, or back to the present"), self.turn, group=group, shortcut="F9",
            symbol="mdi6.history", checkable=True)  # fmt: skip
        for key, title, work, keys, symbol in (
            ("play", self.tr("Play, or stop"), self._play, "F10", "mdi6.play"),
            ("back", self.tr("A minute back"), partial(clock.step, -MINUTE_S), "F6", "mdi6.step-backward"),
            ("forward", self.tr("A minute on"), partial(clock.step, MINUTE_S), "F7", "mdi6.step-forward"),
            ("previous_alarm", self.tr("To the alarm before"), partial(self._go_to_alarm, forward=False), "Shift+F6",
             "mdi6.skip-previous"),
            ("next_alarm", self.tr("To the next alarm"), partial(self._go_to_alarm, forward=True), "Shift+F7",
             "mdi6.skip-next"),
            ("alarms", self.tr("Alarms that stood then"), self._list_alarms, "Ctrl+F9", ""),
            ("slower", self.tr("Slower"), partial(clock.go_faster, -1), "Ctrl+F6", ""),
            ("faster", self.tr("Faster"), partial(clock.go_faster, 1), "Ctrl+F7", ""),
        ):  # fmt: skip
            add(f"replay.{key}", title, work, group=group, shortcut=keys, symbol=symbol).setEnabled(False)
        self._desk.actions["replay.play"].setCheckable(True)

    def turn(self) -> None:
        """Show the past, or the present again."""
        if self._clock.is_live:
            self._take_period()
            self._clock.open(max(self._clock.playing.end - RECENT_S, self._clock.playing.start))
        else:
            self._clock.go_live()

    def _play(self) -> None:
        self._clock.run(running=not self._clock.playing.is_running)
        self._show_running()

    def _go_to_alarm(self, *, forward: bool) -> None:
        found, at = self.bar.slider.marks, self._clock.at
        mark: AlarmMark | None = None
        if found is not None:
            mark = found.next_alarm(at + ALIKE_S) if forward else found.alarm_before(at - ALIKE_S)
        if mark is None:
            self.bar.say(self.tr("No further alarm in this period") if found is not None else self.tr("Reading …"))
            return
        self._clock.run(running=False)
        self._clock.show(mark.at)
        thing = _thing(mark)
        if thing is not None:
            self._desk.selection.select(thing)
        if mark.x is not None and mark.y is not None:
            self._desk.show_place(mark.x, mark.y)

    def _list_alarms(self) -> None:
        self.bar.alarms.open_list()

    def _on_turned(self) -> None:
        live = self._clock.is_live
        self._window.stage.show_bar(shown=not live)
        self._desk.actions["replay.open"].setChecked(not live)
        for key in ("play", "back", "forward", "previous_alarm", "next_alarm", "alarms", "slower", "faster"):
            self._desk.actions[f"replay.{key}"].setEnabled(not live)
        if live:
            self._window.stage.show_past("")
            self.bar.say("")
        elif self.bar.isVisible():
            self.bar.slider.setFocus()

    def _on_period(self) -> None:
        if self._take_period() and not self._clock.is_live:
            self._tell()

    def _take_period(self) -> bool:
        """Take the period that is chosen; says so when there is none."""
        period = self.bar.period.period
        if period is None:
            self.bar.say(self.tr("The end must be after the begin, and the begin must be over."), "high")
            return False
        self._clock.show_period(*period)
        self._read_marks()
        return True

    def _read_marks(self) -> None:
        start, end = map(figures.city_time, (self._clock.playing.start, self._clock.playing.end))
        self._desk.operations.read(
            self, partial(marks, start=start, end=end), self._show_marks, lambda _error: None, key="marks"
        )

    def _show_marks(self, found: Marks) -> None:
        self.bar.slider.show_marks(found)

    def _show_running(self) -> None:
        action = self._desk.actions["replay.play"]
        action.setChecked(self._clock.playing.is_running)

    def _tell(self) -> None:
        """Say which instant is shown, and why it does not go on if it does not."""
        past, hours = self._clock.past, self._desk.hours
        if past is None:
            return
        self._window.stage.show_past(self.tr("Past: {time}").format(time=figures.moment(past)))
        if hours.at(self._clock.at) is not None:
            self.bar.say("")
        elif hours.failure is not None:
            self.bar.say(self._desk.notices.words_for(hours.failure), "high")
        else:
            self.bar.say(self.tr("Reading …"))


def _thing(mark: AlarmMark) -> Thing | None:
    if mark.vehicle_id is not None:
        return Thing("vehicle", str(mark.vehicle_id))
    return None if mark.flood_point_id is None else Thing("flood_point", str(mark.flood_point_id))
