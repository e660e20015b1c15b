"""Water and rain of the chosen flood point over a period: its limits, what is not to be believed, the lag."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QVBoxLayout, QWidget

from console.models.water_course import water_course
from console.widgets.flood.water import show_course
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Stateful, margins
from console.widgets.shared.style import set_role
from console.widgets.shared.throttle import Throttle
from console.widgets.shared.words import READING, word
from console.widgets.shell.live import trend

if TYPE_CHECKING:
    from console.models.sensors import FloodPoint
    from console.models.water_course import WaterCourse
    from console.widgets.flood.chart import RainLevelChart
    from console.widgets.shared.desk import Desk

SPANS_H = (3, 6, 24, 72, 168)
"""Hours of the periods up to now; a day can be chosen, too."""
USUAL_H = 24
PAST_MS = 1_000
"""So often the course follows a past instant."""
DOUBTFUL = 1
"""Quality of a reading that is marked."""


class CoursePanel(QWidget):
    """One flood point: how deep now and whether it rises, and its course with rain on one axis of time.

    Args:
        desk: whose flood points they are.
        chart: where the course is drawn.
    """

    def __init__(self, desk: Desk, chart: RainLevelChart) -> None:
        super().__init__()
        self._desk = desk
        self._point_id: int | None = None
        self.course: WaterCourse | None = None
        self.period = QComboBox()
        for hours in SPANS_H:
            days = self.tr("Last {days} days").format(days=hours // 24)
            self.period.addItem(self.tr("Last {hours} h").format(hours=hours) if hours <= USUAL_H else days, hours)
        self.period.addItem(self.tr("Another day"), 0)
        self.period.setCurrentIndex(self.period.findData(USUAL_H))
        self.period.setAccessibleName(self.tr("Period of water and rain"))
        self.period.currentIndexChanged.connect(self._on_period)
        today = desk.now().astimezone(figures.CITY_TIME).date()
        self.day = QDateEdit(QDate(today.year, today.month, today.day))
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setMaximumDate(self.day.date())
        self.day.setAccessibleName(self.tr("Day of water and rain"))
        self.day.dateChanged.connect(lambda _day: self.refresh())
        self.day.hide()
        self.told = ElidedLabel(self.tr("Rain and level"), "secondary")
        self.doubt = ElidedLabel("", "high")
        self.doubt.hide()
        self.chart = chart
        self.state = Stateful(self.chart, self.refresh)
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        head.addWidget(self.told, 1)
        head.addWidget(self.day)
        head.addWidget(self.period)
        box = QVBoxLayout(self)
        margins(box, 14, 8, 14, 8, 4)
        box.addLayout(head)
        box.addWidget(self.doubt)
        box.addWidget(self.state, 1)
        self.state.show_empty(self.tr("Choose a flood point to see its water and rain."), "mdi6.waves")
        self._follow = Throttle(PAST_MS, self.refresh, self)
        desk.clock.moved.connect(self._on_moved)

    @property
    def point_id(self) -> int | None:
        """Which flood point is shown."""
        return self._point_id

    def show_point(self, point_id: int | None) -> None:
        """Show another flood point."""
        if point_id != self._point_id:
            self._point_id = point_id
            self.state.show_loading()
            self.refresh()

    def refresh(self) -> None:
        """Read level and rain anew."""
        if self._point_id is not None:
            start, end = self._span()
            ask = partial(water_course, point_id=self._point_id, start=start, end=end, at=self._desk.clock.past)
            self._desk.operations.read(self, ask, self._show, self._fail, key="course")

    def _span(self) -> tuple[datetime, datetime]:
        now, hours = self._desk.clock.now(), int(self.period.currentData())
        if hours:
            return now - timedelta(hours=hours), now
        day = self.day.date()
        begin = datetime(day.year(), day.month(), day.day(), tzinfo=figures.CITY_TIME)
        return begin, min(begin + timedelta(days=1), max(now, begin + timedelta(hours=1)))

    def _on_moved(self) -> None:
        if self.isVisible():
            self._follow()

    def _on_period(self) -> None:
        self.day.setVisible(self.period.currentData() == 0)
        self.refresh()

    def _show(self, course: WaterCourse | None) -> None:
        self.course = course
        if course is None:
            self.told.setText(self.tr("Rain and level"))
            self._say(self.tr("No sensor here: nobody knows the water. Look at the video or send somebody."), "high")
            self.state.show_empty(self.tr("Nothing is measured at this flood point."), "mdi6.waves")
            return
        self.told.setText(" · ".join(self._words(course)))
        self._say(*self._doubt(course.point))
        rain_is_known = course.rain is not None and len(course.rain) > 0
        if not len(course.level) and not len(course.bad_at) and not rain_is_known:
            self.state.show_empty(self.tr("Nothing was heard of it in this period."), "mdi6.access-point-off")
            return
        show_course(self.chart, course)
        self.state.show_content()

    def _say(self, doubt: str, role: str) -> None:
        self.doubt.setVisible(bool(doubt))
        self.doubt.setText(f"▲ {doubt}")
        set_role(self.doubt, role)

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))

    def _words(self, course: WaterCourse) -> list[str]:
        """What is told in one line: the place, the water now with its trend and age, rain and lag of the period."""
        point = course.point
        words = [point.name]
        if point.depth_cm is not None and point.at is not None:
            depth = figures.number(point.depth_cm, 1, "cm")
            is_read = self.tr("last read {depth}").format(depth=depth)
            words.append(f"{depth} {trend(point.rate_cm)}".strip() if point.believed else is_read)
            words.append(self.tr("{age} old").format(age=figures.age(self._desk.clock.now() - point.at)))
        if course.lag is not None:
            lag = figures.span(timedelta(seconds=course.lag.seconds))
            words.append(
                self.tr("water follows rain after {lag} (fit {fit})").format(lag=lag, fit=f"{course.lag.fit:.2f}")
            )
        if point.believed and point.rate_cm is not None:
            words.append(self.tr("{rate} cm in 10 min").format(rate=f"{point.rate_cm:+.1f}"))
        if course.highest_cm is not None:
            words.append(self.tr("deepest {depth}").format(depth=figures.number(course.highest_cm, 1, "cm")))
        if course.fallen_mm is not None and course.distance_m is not None:
            rain = self.tr("rain {mm} mm, gauge {distance} away")
            words.append(rain.format(mm=f"{course.fallen_mm:.1f}", distance=figures.distance(course.distance_m)))
        if course.gauge is not None and course.gauge.silent:
            words.append(self.tr("rain gauge silent"))
        if any(not limit.enabled for limit in course.limits):
            words.append(self.tr("some limits raise no alarm"))
        return words

    def _doubt(self, point: FloodPoint) -> tuple[str, str]:
        """Why the depth is not to be believed, in words, and how loud; empty when it is."""
        if point.at is None:
            return self.tr("Its sensor was never heard: nobody knows the water. Send somebody."), "high"
        age = figures.age(self._desk.clock.now() - point.at)
        if point.silent:
            silent = self.tr("Silent for {age}: nobody knows the water. Look at the video or send somebody.")
            return silent.format(age=age), "high"
        if point.depth_cm is None:
            return self.tr("It reads what cannot be: nobody knows the water. Send somebody."), "high"
        if point.stuck:
            return self.tr("Stuck: the reading no longer moves, the water may be another. Send somebody."), "high"
        return (word(READING, str(DOUBTFUL)) if point.quality == DOUBTFUL else "", "medium")
