"""The bar below the map by which the past is played: what runs, where it is, how fast, over which period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout

from console.models.replay import SPEEDS
from console.widgets.replay.past_alarms import PastAlarms
from console.widgets.replay.period_field import PeriodField
from console.widgets.replay.time_slider import HEIGHT_PX as SLIDER_PX
from console.widgets.replay.time_slider import TimeSlider
from console.widgets.shared.panel import ElidedLabel, label, margins
from console.widgets.shared.style import Look, font, icon, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.widgets.shared.desk import Desk

ROW_PX = 38
BUTTONS = ("replay.previous_alarm", "replay.back", "replay.play", "replay.forward", "replay.next_alarm")


class TimeBar(QFrame):
    """Shows the clock of the desk and sets it.

    Args:
        desk: whose clock it is; the commands of the replay are registered there before.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        clock = desk.clock
        self.setProperty("surface", "panel")
        self.setFixedHeight(ROW_PX + SLIDER_PX)
        self.time = label("", "title")
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed of the replay"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed}×", speed)
        self.period = PeriodField(clock.present)
        self.said = ElidedLabel("", "secondary")
        self.alarms = PastAlarms(desk)
        self.live = QPushButton(self.tr("Live  (Esc)"))
        self.live.setIcon(icon("mdi6.access-point", "accent"))
        self.slider = TimeSlider()
        self._lay_out(desk)
        self.speed.activated.connect(lambda _row: clock.change_speed(int(self.speed.currentData())))
        self.live.clicked.connect(clock.go_live)
        self.slider.scrubbed.connect(clock.show)
        clock.moved.connect(self._show_instant)
        clock.changed.connect(self._show_clock)
        desk.hours.arrived.connect(self._show_known)
        self._show_clock()
        self._show_instant()

    def _lay_out(self, desk: Desk) -> None:
        row = QHBoxLayout()
        margins(row, 10, 4, 10, 0, 6)
        for key in BUTTONS:
            button = QToolButton()
            button.setDefaultAction(desk.actions[key])
            button.setFixedSize(28, 26)
            row.addWidget(button)
        # Of a fixed size, or every frame would lay out the window anew.
        face = font(Look.current().title_px, semibold=True)
        self.time.setFixedSize(QFontMetrics(face).horizontalAdvance("0000-00-00 00:00:00") + 8, ROW_PX - 8)
        row.addSpacing(4)
        row.addWidget(self.time)
        row.addWidget(self.speed)
        row.addWidget(self.period)
        row.addWidget(self.said, 1)
        row.addWidget(self.alarms)
        row.addWidget(self.live)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self.slider)

    def say(self, words: str, role: str = "secondary") -> None:
        """Say something about the replay; an empty text says nothing."""
        if words == self.said.full_text:
            return
        self.said.setText(words)
        set_role(self.said, role)

    def _show_clock(self) -> None:
        playing = self._desk.clock.playing
        self.slider.show_period(playing.start, playing.end)
        self.speed.setCurrentIndex(SPEEDS.index(playing.speed))

    def _show_instant(self) -> None:
        past = self._desk.clock.past
        if past is not None:
            self.time.setText(f"{past:%Y-%m-%d %H:%M:%S}")
            self.slider.show_at(past.timestamp())

    def _show_known(self) -> None:
        self.slider.show_known(_joined(self._desk.hours.spans))


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that touch as one."""
    found: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
