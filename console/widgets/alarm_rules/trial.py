"""A rule on trial: what it would have raised in a period, by day, as a list and on the map, beside what it raises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.map import Extent, Features
from console.widgets.alarm_rules.run import BackTestRun
from console.widgets.alarm_rules.words import amount
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.panel import ElidedLabel, Stateful, label, line, margins
from console.widgets.shared.plots import BarChart
from console.widgets.shared.table import Column, RecordModel, RecordTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.alarms import AlarmRule
    from console.models.monitors.backtest import BackTest, WouldBe
    from console.widgets.shared.desk import Desk

LAYER = "would_be"
DAYS = {"day": 1, "week": 7, "month": 30}
MARKS = {"added": "＋", "gone": "−", "same": "="}
LINE_PX, LEAST_PX, WIDGET_MOST = 44, 196, 16777215
BY_HOUR = timedelta(days=2)
"""A period that is shorter is charted by hours."""
LEAST_M = 400.0
"""So much of the map is seen around the alarms at least."""


@dataclass(frozen=True)
class Verdict:
    """An alarm of a trial: what becomes of it by the change, ``added``, ``gone`` or ``same``."""

    key: str
    becomes: str
    alarm: WouldBe


class TrialPanel(QWidget):
    """Period, trial, and what came of it; on the map as long as the workspace is in front.

    Args:
        desk: map, language and database.
    """

    wanted = Signal()
    """A trial of the rule that is shown is wanted."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Trial on the past"))
        self._desk = desk
        self._is_front = self._is_folded = False
        self._rule: AlarmRule | None = None
        self._span: tuple[datetime, datetime] | None = None
        self.found: BackTest | None = None
        self.verdicts: list[Verdict] = []
        self.run = BackTestRun(desk.operations.url, desk.language, self)
        self.told = ElidedLabel()
        self.period = QComboBox()
        self.days: tuple[QDateEdit, QDateEdit] = (QDateEdit(), QDateEdit())
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.attempt = QPushButton(self.tr("Try it"))
        self.stop = QPushButton(self.tr("Stop"))
        self.all = QToolButton()
        self.chips: dict[str, QPushButton] = {}
        self.chart = BarChart()
        self.model: RecordModel[Verdict] = RecordModel(self._columns(), lambda v: v.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Alarms of the trial"))
        inside = QWidget()
        row = QHBoxLayout(inside)
        margins(row, 0, 0, 0, 0, 12)
        row.addWidget(self.chart, 2)
        row.addWidget(line(vertical=True))
        row.addWidget(self.table, 4)
        self.state = Stateful(inside)
        self._build()
        self.table.chosen.connect(lambda verdict: desk.selection.select(Thing(LAYER, verdict.key)))
        self.table.opened.connect(self._show_place)
        desk.selection.changed.connect(self._on_selected)
        self.run.progress.connect(lambda share: self.bar.setValue(round(1000 * share)))
        self.run.found.connect(self._on_found)
        self.run.failed.connect(self._on_failed)
        self.forget()

    def _columns(self) -> list[Column[Verdict]]:
        now = self._desk.now
        return [
            Column("", lambda v: MARKS[v.becomes], width_px=36),
            Column(self.tr("When"), lambda v: figures.short_moment(v.alarm.raised_at, now()), width_px=92),
            Column(self.tr("Where"), lambda v: v.alarm.who),
            Column(self.tr("Grade"), lambda v: str(v.alarm.grade), lambda v: v.alarm.grade, width_px=50, spare=1),
            Column(self.tr("Value"), self._value, lambda v: v.alarm.value, width_px=90),
            Column(self.tr("Stood for"), _stood, _stood_s, width_px=104, spare=2),
        ]

    def _build(self) -> None:
        for key, words in (
            ("day", self.tr("Last day")),
            ("week", self.tr("Last 7 days")),
            ("month", self.tr("Last 30 days")),
            ("other", self.tr("Other days")),
        ):
            self.period.addItem(words, key)
        self.period.setCurrentIndex(1)
        self.period.setAccessibleName(self.tr("Period of the trial"))
        today = self._desk.now().astimezone(figures.CITY_TIME).date()
        day = QDate(today.year, today.month, today.day)
        for edit, days, name in zip(
            self.days, (-7, 0), (self.tr("First day"), self.tr("Last day of the period")), strict=True
        ):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setMaximumDate(day)
            edit.setDate(day.addDays(days))
            edit.setAccessibleName(name)
        self.period.currentIndexChanged.connect(lambda _place: self._show_days())
        self._show_days()
        self.bar.setFixedSize(120, 6)
        self.attempt.clicked.connect(self.wanted)
        self.stop.clicked.connect(self.cancel)
        head = QHBoxLayout()
        margins(head, 14, 8, 14, 6, 8)
        head.addWidget(label(self.tr("Trial on the past"), "title"))
        head.addStretch(1)
        group = QButtonGroup(self)
        for key, words in (("", self.tr("All")), ("added", ""), ("gone", "")):
            chip = self.chips[key] = QPushButton(words)
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.clicked.connect(lambda _on: self._fill())
            group.addButton(chip)
            head.addWidget(chip)
        self.chips[""].setChecked(True)
        for widget in (self.all, self.bar, *self.days, self.period, self.stop, self.attempt):
            head.addWidget(widget)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(line())
        box.addLayout(head)
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        margins(below, 14, 0, 14, 8, 4)
        below.addWidget(self.told)
        below.addWidget(self.state, 1)
        box.addWidget(self._below, 1)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes: elsewhere the map shows nothing of a trial."""
        self._is_front = active
        self._draw()

    def fold(self, *, folded: bool) -> None:
        """Where there is little height, take one line as long as there is no trial."""
        self._is_folded = folded
        self._fit()

    def begin(self, rule: AlarmRule, name: str) -> None:
        """Try a rule in the period that is chosen.

        Args:
            rule: as it would be saved.
            name: what it is called.
        """
        start, end = self.span()
        if start >= end:
            self.state.show_failed(self.tr("The first day comes after the last one."))
            return
        self.forget()
        self._rule, self._span = rule, (start, end)
        self.told.setText(self.tr("{rule} is being tried …").format(rule=name))
        self.state.show_empty(
            self.tr("What was recorded is judged by the rule; you can go on working meanwhile."), "mdi6.history"
        )
        self.bar.setValue(0)
        self._show_running(running=True)
        self.run.start(rule, start, end)

    def cancel(self) -> None:
        """Give the trial up."""
        if self.run.is_running:
            self.run.cancel()
            self.forget()

    def forget(self) -> None:
        """Show no trial."""
        self.run.cancel()
        self.found, self._rule, self.verdicts = None, None, []
        self._show_running(running=False)
        self.told.setText("")
        self.state.show_empty(
            self.tr("Choose a rule and try it, changed or as it is: what would it have raised?"), "mdi6.history"
        )
        self._fill()

    def span(self) -> tuple[datetime, datetime]:
        """From when to when is tried."""
        now = self._desk.now()
        days = DAYS.get(self.period.currentData())
        if days is not None:
            return now - timedelta(days=days), now
        first, last = (datetime(d.year(), d.month(), d.day(), tzinfo=figures.CITY_TIME) for d in self._chosen())
        return first, last + timedelta(days=1)

    def _chosen(self) -> tuple[QDate, QDate]:
        return self.days[0].date(), self.days[1].date()

    def show_all(self) -> None:
        """Let the map show all alarms of the trial."""
        places = [(v.alarm.x, v.alarm.y) for v in self._shown() if v.alarm.x is not None and v.alarm.y is not None]
        if places:
            xs, ys = [x for x, _ in places], [y for _, y in places]
            self._desk.canvas.zoom_to(
                Extent(min(xs) - LEAST_M, min(ys) - LEAST_M, max(xs) + LEAST_M, max(ys) + LEAST_M)
            )

    def _show_days(self) -> None:
        for edit in self.days:
            edit.setVisible(self.period.currentData() == "other")

    def _show_running(self, *, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.attempt.setVisible(not running)
        self._fit()

    def _fit(self) -> None:
        is_line = self._is_folded and self._rule is None
        self._below.setVisible(not is_line)
        self.setMaximumHeight(LINE_PX if is_line else WIDGET_MOST)
        self.setMinimumHeight(LINE_PX if is_line else LEAST_PX)

    def _on_failed(self, words: str) -> None:
        self._show_running(running=False)
        self.told.setText("")
        self.state.show_failed(words or self.tr("The trial broke off; the log says why."))

    def _on_found(self, found: BackTest) -> None:
        self._show_running(running=False)
        self.found = found
        named = [("same", one) for one in found.same]
        named += [("added", one) for one in found.added] + [("gone", one) for one in found.gone]
        named.sort(key=lambda pair: pair[1].raised_at)
        self.verdicts = [Verdict(str(place), becomes, one) for place, (becomes, one) in enumerate(named)]
        self.told.setText(self._words(found))
        self._fill()
        if not found.judged:
            self.state.show_empty(self.tr("Nothing is recorded in this period."), "mdi6.database-off-outline")
        elif not self.verdicts:
            self.state.show_empty(self.tr("It would have raised nothing."), "mdi6.check-circle-outline")
        else:
            self._chart()
            self.state.show_content()

    def _words(self, found: BackTest) -> str:
        if self._span is None or not found.judged:
            return ""
        start, end = self._span
        begun = start if found.since is None or found.since - start < timedelta(hours=1) else found.since
        words = self.tr(
            "Would have raised {n} from {start} to {end} · as it is {are}: {added} added, {gone} gone · "
            "really raised {were}"
        )
        return words.format(
            n=figures.count(len(found.would_be)), start=figures.moment(begun), end=figures.moment(end),
            are=figures.count(found.are), added=figures.count(len(found.added)), gone=figures.count(len(found.gone)),
            were=figures.count(found.were),
        )  # fmt: skip

    def _shown(self) -> list[Verdict]:
        wanted = next(key for key, chip in self.chips.items() if chip.isChecked())
        return [one for one in self.verdicts if wanted in ("", one.becomes)]

    def _fill(self) -> None:
        counts = {key: sum(one.becomes == key for one in self.verdicts) for key in ("added", "gone")}
        self.chips["added"].setText(self.tr("＋ {n} added").format(n=figures.count(counts["added"])))
        self.chips["gone"].setText(self.tr("− {n} gone").format(n=figures.count(counts["gone"])))
        for chip in (*self.chips.values(), self.all):
            chip.setVisible(bool(self.verdicts))
        self.model.show(self._shown())
        self._draw()

    def _chart(self) -> None:
        """Bars of what would be raised, and a fine line at what is raised now."""
        if self._span is None:
            return
        start, end = (moment.astimezone(figures.CITY_TIME) for moment in self._span)
        by_hour = end - start <= BY_HOUR
        step = timedelta(hours=1) if by_hour else timedelta(days=1)
        begins = [start.replace(minute=0, second=0, microsecond=0)]
        if not by_hour:
            begins[0] = begins[0].replace(hour=0)
        while begins[-1] + step < end:
            begins.append(begins[-1] + step)
        would, are = (self._per(begins, step, kinds) for kinds in (("same", "added"), ("same", "gone")))
        names = [f"{one:%H:00}" if by_hour else f"{one:%m-%d}" for one in begins]
        self.chart.show_bars(names, would, every=max(1, len(names) // 6))
        self.chart.show_usual(are)

    def _per(self, begins: Sequence[datetime], step: timedelta, kinds: tuple[str, ...]) -> list[int]:
        at = [one.alarm.raised_at for one in self.verdicts if one.becomes in kinds]
        counts = [0] * len(begins)
        for moment in at:
            place = int((moment - begins[0]) / step)
            counts[min(max(place, 0), len(begins) - 1)] += 1
        return counts

    def _draw(self) -> None:
        """Put what is listed on the map; nothing while another workspace is in front."""
        shown = [one for one in self._shown() if one.alarm.x is not None] if self._is_front else []
        self._desk.canvas.set_live(
            LAYER,
            Features.from_xy(
                np.array([one.key for one in shown], dtype="U8"),
                [one.alarm.x or 0.0 for one in shown],
                [one.alarm.y or 0.0 for one in shown],
                {
                    "becomes": np.array([one.becomes for one in shown], dtype="U5"),
                    "label": np.array([one.alarm.who for one in shown], dtype="U24"),
                },
            ),
        )

    def _on_selected(self, thing: Thing | None) -> None:
        self.table.mark(thing.key if thing is not None and thing.subject == LAYER else None)

    def _show_place(self, verdict: Verdict) -> None:
        if verdict.alarm.x is not None and verdict.alarm.y is not None:
            self._desk.show_place(verdict.alarm.x, verdict.alarm.y, nearer=True)

    def _value(self, verdict: Verdict) -> str:
        return amount(verdict.alarm.value, self._rule.unit if self._rule is not None else "")


def _stood_s(verdict: Verdict) -> float | None:
    one = verdict.alarm
    return None if one.cleared_at is None else (one.cleared_at - one.raised_at).total_seconds()


def _stood(verdict: Verdict) -> str:
    seconds = _stood_s(verdict)
    return figures.NONE if seconds is None else figures.span(timedelta(seconds=seconds))
