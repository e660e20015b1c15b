"""How well alarms serve the desks: the figures of a period against the limits of the standards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.models.alarms.performance import WINDOW_S, Performance, performance
from console.widgets.shared import figures
from console.widgets.shared.panel import Stateful, label, line, margins
from console.widgets.shared.plots import BarChart
from console.widgets.shared.style import Look, icon
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import ALARM, SYMBOL, URGENCY, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

WIDTH, HEIGHT = 760, 860
MEASURES = 12
CHART_PX = 96
RATE_FINE, DAY_MOST, PEAK_MOST, FLOOD_MOST, STALE_MOST, TOP_MOST = 1.0, 150, 10, 0.01, 5, 0.05
MIX = {"critical": 0.05, "high": 0.15, "medium": 0.80}
"""Share of announcements of each priority (ISA-18.2, IEC 62682); the two urgent ones are upper limits."""
BARS_MOST = 150
"""More windows than these are charted by the most that several of them had."""
LISTS = ("frequent", "floods", "stale", "chattering")


@dataclass(frozen=True)
class Measure:
    """One figure: its place, name, value and limit in words, and whether it is worse than the limit."""

    place: int
    name: str
    value: str
    limit: str
    is_worse: bool


@dataclass(frozen=True)
class Told:
    """A line of one of the lists below the figures: an alarm or a time, where or how much, and a number to sort by."""

    key: str
    what: str
    where: str
    number: float
    words: str


class AlarmFigures(QFrame):
    """Figures, what was announced over time, and what is behind them, over the window; Esc closes it.

    Args:
        desk: language, time and database.
        window: over which it is shown.
    """

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.setProperty("surface", "float")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        self._found: Performance | None = None

    def build(self) -> Iterator[None]:
        """Make what is shown, a step a turn."""
        self.period = QComboBox()
        self.period.setAccessibleName(self.tr("Period"))
        for days, words in ((1, self.tr("24 hours")), (7, self.tr("7 days")), (30, self.tr("30 days"))):
            self.period.addItem(words, days)
        self.period.setCurrentIndex(1)
        self.period.currentIndexChanged.connect(lambda _place: self.refresh())
        close = QToolButton()
        close.setIcon(icon("mdi6.close"))
        close.setToolTip(self.tr("Close  (Esc)"))
        close.clicked.connect(self.hide)
        self.measures = RecordTable(RecordModel[Measure](self._columns(), lambda m: str(m.place), self))
        self.measures.setAccessibleName(self.tr("Alarm performance"))
        # All of them are seen at once.
        self.measures.setFixedHeight((MEASURES + 1) * Look.current().row_dense_px + 8)
        yield
        self.chart = BarChart()
        self.chart.setFixedHeight(CHART_PX)
        yield
        self.lists: dict[str, QPushButton] = {}
        self.behind = RecordTable(RecordModel[Told](self._list_columns(), lambda t: t.key, self))
        self.behind.setAccessibleName(self.tr("What is behind the figures"))
        self.behind.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        yield
        head = QHBoxLayout()
        margins(head, 12, 0, 8, 0, 8)
        head.addWidget(label(self.tr("Alarm performance"), "title"))
        head.addStretch(1)
        head.addWidget(self.period)
        head.addWidget(close)
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 0, 0, 0, 0, 6)
        box.addWidget(self.measures)
        title = label(self.tr("Most in 10 min over time; the line is the limit"), "secondary")
        title.setContentsMargins(12, 4, 12, 0)
        box.addWidget(line())
        box.addWidget(title)
        box.addWidget(self.chart)
        box.addWidget(line())
        box.addLayout(self._chips())
        box.addWidget(self.behind, 1)
        self.state = Stateful(inside, self.refresh)
        outer = QVBoxLayout(self)
        margins(outer, 1, 10, 1, 6, 8)
        outer.addLayout(head)
        outer.addWidget(self.state, 1)

    def _columns(self) -> tuple[Column[Measure], ...]:
        return (
            Column("", lambda m: SYMBOL["high"] if m.is_worse else "", lambda m: m.place, lambda _m: "high_text", 36),
            Column(self.tr("Figure"), lambda m: m.name),
            Column(
                self.tr("Value"), lambda m: m.value, colour=lambda m: "high_text" if m.is_worse else "", width_px=140
            ),
            Column(self.tr("Limit"), lambda m: m.limit, colour=lambda _m: "secondary", width_px=170),
        )

    def _list_columns(self) -> tuple[Column[Told], ...]:
        return (
            Column(self.tr("Alarm"), lambda t: t.what),
            Column(self.tr("Where"), lambda t: t.where, width_px=240),
            Column(self.tr("Number"), lambda t: t.words, lambda t: t.number, width_px=130),
        )

    def _chips(self) -> QHBoxLayout:
        row = QHBoxLayout()
        margins(row, 12, 4, 12, 0, 6)
        group = QButtonGroup(self)
        for key in LISTS:
            chip = self.lists[key] = QPushButton()
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.clicked.connect(lambda _on: self._show_list())
            group.addButton(chip)
            row.addWidget(chip)
        row.addStretch(1)
        self.lists[LISTS[0]].setChecked(True)
        return row

    def open(self) -> None:
        """Show the figures in the middle of the window and take the keyboard."""
        window = self._window
        width, height = min(WIDTH, window.width() - 24), min(HEIGHT, window.height() - 80)
        self.setFixedSize(width, height)
        self.move((window.width() - width) // 2, 52)
        self.state.show_loading()
        self.show()
        self.raise_()
        self.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Count anew."""
        end = self._desk.now()
        start = end - timedelta(days=self.period.currentData())
        self._desk.operations.read(self, partial(_read, start, end), self._show, self._fail, key="performance")

    def event(self, event: QEvent) -> bool:
        """Esc closes it and does nothing else."""
        kinds = {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return super().event(event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.hide()
        return True

    def _show(self, found: Performance) -> None:
        self.measures.records.show(self._measures(found))
        self._found = found
        self._chart(found)
        words = {
            "frequent": self.tr("Most frequent {n}").format(n=figures.count(len(found.frequent))),
            "floods": self.tr("Floods {n}").format(n=figures.count(len(found.floods))),
            "stale": self.tr("Stale {n}").format(n=figures.count(found.stale)),
            "chattering": self.tr("Chattering {n}").format(n=figures.count(len(found.chattering))),
        }
        for key, chip in self.lists.items():
            chip.setText(words[key])
        self._show_list()
        self.state.show_content()

    def _chart(self, found: Performance) -> None:
        """Bars of the most in ten minutes, of as many windows as one bar has room for."""
        each = -(-found.windows // BARS_MOST)
        tops = [max(found.per_window[place : place + each]) for place in range(0, found.windows, each)]
        begins = [found.start + timedelta(seconds=WINDOW_S * each * place) for place in range(len(tops))]
        is_day = found.windows <= BARS_MOST
        names = [f"{one.astimezone(figures.CITY_TIME):{'%H:%M' if is_day else '%m-%d'}}" for one in begins]
        self.chart.show_bars(names, tops, every=max(1, len(names) // 8))
        self.chart.show_usual([float(PEAK_MOST)] * len(tops))

    def _show_list(self) -> None:
        found = self._found
        if found is None:
            return
        wanted = next(key for key, chip in self.lists.items() if chip.isChecked())
        now = self._desk.now()
        often = {"frequent": found.frequent, "chattering": found.chattering}
        if wanted in often:
            rows = [
                Told(f"{one.kind} {one.who}", word(ALARM, one.kind), one.who, one.count, figures.count(one.count))
                for one in often[wanted]
            ]
        elif wanted == "floods":
            rows = [
                Told(
                    one.start.isoformat(),
                    f"{figures.short_moment(one.start, now)} – {figures.short_moment(one.end, now)}",
                    self.tr("at most {n} in 10 min").format(n=figures.count(one.peak)), one.count,
                    figures.count(one.count),
                )
                for one in found.floods
            ]  # fmt: skip
        else:
            rows = [
                Told(
                    f"{one.kind} {one.who} {one.at}", word(ALARM, one.kind), one.who, (now - one.at).total_seconds(),
                    self.tr("for {time}").format(time=figures.age(now - one.at)),
                )
                for one in found.standing
            ]  # fmt: skip
        self.behind.records.show(rows)

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))

    def _measures(self, found: Performance) -> list[Measure]:
        rate, share = found.announced / found.windows, found.flooded / found.windows
        often = sum(one.count for one in found.frequent) / found.announced if found.announced else None
        daily = rate * 86_400 / WINDOW_S
        at_most = self.tr("at most {n}")
        rows = [
            (self.tr("Alarms per 10 min at each desk, average"), figures.number(rate, 2),
             at_most.format(n=figures.number(RATE_FINE, 0)), rate > RATE_FINE),
            (self.tr("Alarms per day at each desk, average"), figures.number(daily, 0),
             at_most.format(n=DAY_MOST), daily > DAY_MOST),
            (self.tr("Most alarms in 10 min"), figures.count(found.peak),
             at_most.format(n=PEAK_MOST), found.peak > PEAK_MOST),
            (self.tr("Share of time in flood (over 10 in 10 min)"), figures.percent(share),
             at_most.format(n=figures.percent(FLOOD_MOST, 0)), share > FLOOD_MOST),
            (self.tr("Stale now (over 24 h)"), figures.count(found.stale),
             self.tr("under {n}").format(n=STALE_MOST), found.stale >= STALE_MOST),
            (self.tr("Chattering (3 times in a minute)"), figures.count(len(found.chattering)), self.tr("none"),
             bool(found.chattering)),
            (self.tr("Share of the ten most frequent"), figures.percent(often),
             at_most.format(n=figures.percent(TOP_MOST, 0)), often is not None and often > TOP_MOST),
        ]  # fmt: skip
        for urgency, usual in MIX.items():
            part = found.by_urgency.get(urgency, 0) / found.announced if found.announced else None
            rows.append((
                self.tr("Priority {name}").format(name=f"{SYMBOL[urgency]} {word(URGENCY, urgency)}"),
                figures.percent(part), self.tr("about {n}").format(n=figures.percent(usual, 0)),
                urgency != "medium" and part is not None and part > usual,
            ))  # fmt: skip
        for name, seconds in (
            (self.tr("Time until acknowledged, median"), found.median_s),
            (self.tr("Time until acknowledged, 95 % within"), found.slow_s),
        ):
            taken = None if seconds is None else timedelta(seconds=seconds)
            rows.append((name, figures.age(taken), figures.NONE, False))
        return [Measure(place, *row) for place, row in enumerate(rows)]


def _read(start: datetime, end: datetime, connection: Connection) -> Performance:
    return performance(connection, start, end)
