"""The detail panel: whatever is selected, on map or list, read and shown in full."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from console.models import areas, cases, components, drainage, fleet, haulage, replay, sensors
from console.widgets.shared import place_sheets, sheets
from console.widgets.shared.as_of import AsOfLine
from console.widgets.shared.case_sheet import case_sheet
from console.widgets.shared.evidence.strip import EvidenceStrip
from console.widgets.shared.panel import Facts, Heading, Stateful, label, line, margins, scrolled
from console.widgets.shared.presence import PresenceLine
from console.widgets.shared.steps import Unveiling
from console.widgets.shared.throttle import Debounce, Throttle
from console.widgets.shared.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.widgets.shared.desk import Desk, Thing
    from console.widgets.shared.sheets import Section, Sheet

CLOCK_MS = 15_000
AGAIN_MS = 200
PAST_MS = 1_000
"""What follows the clock through the past is read so often."""
TABLE_OF = {"case": "case_file", "vehicle": "vehicle", "flood_point": "flood_point"}
LIVE = frozenset({"vehicle", "flood_point", "rain_gauge", "site"})
log = logging.getLogger(__name__)


def _readers() -> Mapping[str, tuple[Callable[[Connection, str], Any], Callable[[Any, Desk], Sheet]]]:
    """How each subject is read, off the GUI thread, and what is said of it."""
    return {
        "case": (lambda c, key: cases.detail(c, int(key)), case_sheet),
        "pipe": (drainage.pipe, sheets.pipe_sheet),
        "manhole": (drainage.manhole, sheets.manhole_sheet),
        "vehicle": (lambda c, key: fleet.vehicle(c, int(key)), sheets.vehicle_sheet),
        "flood_point": (lambda c, key: sensors.flood_point(c, int(key)), sheets.flood_point_sheet),
        "rain_gauge": (lambda c, key: sensors.rain_gauge(c, int(key)), place_sheets.rain_gauge_sheet),
        "site": (haulage.site, place_sheets.site_sheet),
        "component": (components.component, sheets.component_sheet),
        "unit_grid": (areas.unit_grid, sheets.unit_grid_sheet),
        "street": (lambda c, key: areas.street(c, int(key)), sheets.street_sheet),
        "zone": (lambda c, key: areas.zone(c, int(key)), sheets.zone_sheet),
    }


def _past_readers() -> Mapping[str, Callable[[Connection, str, datetime], Any]]:
    """The same of what is read as it was at an instant; the other subjects have no past."""
    return {
        "case": lambda c, key, at: cases.detail(c, int(key), at),
        "vehicle": lambda c, key, at: replay.vehicle_at(c, int(key), at),
        "flood_point": lambda c, key, at: sensors.flood_point(c, int(key), at=at),
        "rain_gauge": lambda c, key, at: sensors.rain_gauge(c, int(key), at=at),
    }


class DetailPanel(QWidget):
    """Shows the selected thing of the desk while its workspace is in front.

    Args:
        desk: whose selection is followed.
        hint: what to say while nothing is selected.
        below: what stands below the details, such as what can be done with it.
    """

    past_shown = Signal(bool)
    """Whether a case is shown as it was once, so that nothing can be done with it here."""

    def __init__(self, desk: Desk, hint: str, *below: QWidget) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Details"))
        self._desk = desk
        self._hint = hint
        self._readers, self._past_readers = _readers(), _past_readers()
        self._thing: Thing | None = None
        self._as_of: datetime | None = None
        self._has_missed = False
        self._record: object | None = None
        self._sheet: Sheet | None = None
        self._wants_place = False
        self._is_active = False
        self._errand: QWidget | None = None
        self._hidden: list[QWidget] = []
        self._said = (self.tr("Details"), "")
        self.heading = Heading(self.tr("Details"))
        self.timeline = Timeline(desk.memory)
        self.timeline.chosen.connect(self.show_as_of)
        self.evidence = EvidenceStrip(desk)
        self.evidence.tray.grown.connect(self._bring_into_sight)
        self.as_of_line = AsOfLine()
        self.as_of_line.left.connect(self._go_back)
        self._body = QVBoxLayout()
        margins(self._body, 14, 12, 14, 16, 12)
        inside = QWidget()
        inside.setProperty("surface", "panel")
        inside.setLayout(self._body)
        self._scroll = scroll = scrolled(inside)
        for kept in (self.timeline, self.evidence):
            kept.setParent(inside)
            kept.hide()
        self.state = Stateful(scroll, self.refresh)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        self.presence = PresenceLine(desk)
        box.addWidget(self.presence)
        box.addWidget(self.as_of_line)
        box.addWidget(self.state, 1)
        for widget in below:
            box.addWidget(widget)
        self._details = (self.presence, self.as_of_line, self.state)
        self._listen()
        self._show_nothing()

    def _listen(self) -> None:
        """Follow what is selected, what changes, and the clock."""
        desk = self._desk
        self.refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        desk.selection.changed.connect(self._on_selected)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.telemetry.connect(self._on_telemetry)
        self._follow_soon = Throttle(PAST_MS, self._follow_clock, self)
        self._follow_at_rest = Debounce(PAST_MS // 2, self._follow_clock, self)
        desk.clock.turned.connect(self._follow_clock)
        desk.clock.moved.connect(self._on_moved)
        timer = QTimer(self, interval=CLOCK_MS)
        timer.timeout.connect(self._tell)
        timer.start()

    def show_errand(self, errand: QWidget | None) -> None:
        """Show `errand` in place of the details, under the same heading, until it is None again."""
        if self._errand is errand:
            return
        box = self.layout()
        if self._errand is not None:
            self._errand.hide()
        elif box is not None:
            self._hidden = [widget for widget in self._details if not widget.isHidden()]
            for widget in self._hidden:
                widget.hide()
        self._errand = errand
        if errand is None:
            for widget in self._hidden:
                widget.show()
            self.heading.say(*self._said)
        elif box is not None:
            box.addWidget(errand)
            errand.show()

    def _say(self, title: str, remark: str = "") -> None:
        """Title of the details; under an errand they wait with it."""
        self._said = (title, remark)
        if self._errand is None:
            self.heading.say(title, remark)

    @property
    def sheet(self) -> Sheet | None:
        """What is shown."""
        return self._sheet

    def activate(self, *, active: bool) -> None:
        """Follow the selection from now on, or rest."""
        self._is_active = active
        if active and self._thing != self._desk.selection.thing:
            self._on_selected(self._desk.selection.thing)
        elif active:
            self._follow_clock()
            self.refresh()

    def refresh(self) -> None:
        """Read the selected thing anew."""
        if self._thing is None:
            return
        reader: Callable[[Connection, str], Any] = self._readers[self._thing.subject][0]
        if self._as_of is not None:
            reader = partial(_read_past, self._past_readers[self._thing.subject], self._as_of)
        self._desk.operations.read(
            self,
            partial(_call, reader, self._thing.key),
            partial(self._show, self._thing, self._as_of),
            self._fail,
            key="detail",
        )

    @property
    def as_of(self) -> datetime | None:
        """The instant as of which the thing is shown; None for how it is."""
        return self._as_of

    def show_as_of(self, at: datetime | None) -> None:
        """Show a case or what lives on the map as it was at an instant; None shows it as it is."""
        if at != self._as_of:
            self._set_as_of(at)
            self.refresh()

    def _go_back(self) -> None:
        """Back to now: the whole window, if that shows the past."""
        if self._desk.clock.is_live:
            self.show_as_of(None)
        else:
            self._desk.clock.go_live()

    def _on_moved(self) -> None:
        if not self._is_active or self._thing is None:
            return
        if self._desk.operations.is_reading(self, "detail"):
            self._has_missed = True
        else:
            # The pictures of a case are not read with every second that is played.
            (self._follow_at_rest if self._thing.subject == "case" else self._follow_soon)()

    def _catch_up(self) -> None:
        """Follow the clock if it has gone on while something was read."""
        if self._has_missed:
            self._has_missed = False
            self._on_moved()

    def _follow_clock(self) -> None:
        if self._is_active and self._thing is not None and self._thing.subject in self._past_readers:
            self.show_as_of(self._desk.clock.past)

    def _set_as_of(self, at: datetime | None) -> None:
        self._as_of = at
        self._show_evidence()
        self.as_of_line.show_time(at)
        self.timeline.mark(at)
        self.past_shown.emit(at is not None)

    def _bring_into_sight(self, widget: QWidget) -> None:
        """What somebody has just brought is seen, once it has its place."""
        QTimer.singleShot(0, widget, lambda: self._scroll.ensureWidgetVisible(widget))

    def _show_evidence(self) -> None:
        thing = self._thing
        is_case = thing is not None and thing.subject == "case"
        self.evidence.show_case(int(thing.key) if is_case and thing is not None else None, self._as_of)

    def _on_selected(self, thing: Thing | None) -> None:
        if not self._is_active:
            return
        self._thing = thing if thing is not None and thing.subject in self._readers else None
        follows = self._thing is not None and self._thing.subject in self._past_readers
        self._set_as_of(self._desk.clock.past if follows else None)
        self._record = self._sheet = None
        if self._thing is None:
            self._desk.operations.cancel(self, "detail")
            self._show_nothing()
            return
        self._wants_place = True
        self.state.show_loading()
        self.refresh()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        thing = self._thing
        if thing is None or not self._is_active:
            return
        table = TABLE_OF.get(thing.subject, thing.subject)
        if any(c.subject == table and c.key == thing.key for c in changes):
            self.refresh_soon()

    def _on_telemetry(self) -> None:
        if self._is_active and self._thing is not None and self._thing.subject in LIVE:
            self.refresh_soon()

    def _show_nothing(self) -> None:
        self._say(self.tr("Details"))
        self.state.show_empty(self._hint, "mdi6.cursor-default-click-outline")

    def _fail(self, error: Exception) -> None:
        self._catch_up()
        if self._sheet is None:
            self.state.show_failed(self._desk.notices.words_for(error))

    def _show(self, thing: Thing, as_of: datetime | None, record: object | None) -> None:
        if (thing, as_of) != (self._thing, self._as_of):
            return
        self._catch_up()
        self._record = record
        if record is None:
            self._say(self.tr("Details"))
            past = self._as_of is not None
            self.state.show_empty(
                self.tr("This was not there yet.") if past else self.tr("This is not there any more.")
            )
            return
        self._tell()

    def _tell(self) -> None:
        """Turn the record into words; time runs even when the record stays."""
        if self._record is None or self._thing is None:
            return
        _, describe = self._readers[self._thing.subject]
        at = self._as_of
        sheet = describe(self._record, self._desk if at is None else replace(self._desk, now=lambda: at))
        if sheet != self._sheet:
            self._sheet = sheet
            log.debug("details of %s %s are shown", self._thing.subject, self._thing.key)
            self._say(sheet.title, sheet.remark)
            self._fill(sheet.sections)
            # Filling takes its time, and so does painting: one turn each.
            Unveiling([self.state], self).start()
        self.state.show_content()
        if self._wants_place:
            self._wants_place = False
            if sheet.place is not None:
                self._desk.show_place(*sheet.place)

    def _fill(self, sections: Sequence[Section]) -> None:
        # An item that is only taken out lives on, and the one after it never learns that its widget has grown.
        for kept in (self.timeline, self.evidence):
            kept.hide()
            self._body.removeWidget(kept)
        while (item := self._body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        first = True
        for section in sections:
            if not (section.facts or section.timeline or section.is_evidence):
                continue
            if not first:
                self._body.addWidget(line())
            first = False
            stays = self._kept(section)
            if stays is not None:
                self._body.addWidget(stays)
                stays.show()
                continue
            if section.title:
                self._body.addWidget(label(section.title, "secondary"))
            self._body.addWidget(_times(section) if section.is_timeline else _facts(section))
        self._body.addStretch(1)

    def _kept(self, section: Section) -> QWidget | None:
        """The widget that stays from one sheet to the next, with what it shows; None for facts."""
        if section.timeline:
            self.timeline.show_entries(section.timeline)
            return self.timeline
        return self.evidence if section.is_evidence else None


def _read_past(
    reader: Callable[[Connection, str, datetime], Any], at: datetime, connection: Connection, key: str
) -> Any:
    return reader(connection, key, at)


def _call(reader: Callable[[Connection, str], Any], key: str, connection: Connection) -> Any:
    return reader(connection, key)


def _facts(section: Section) -> QWidget:
    made = Facts()
    made.show_facts(section.facts)
    return made


def _times(section: Section) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    margins(grid, 0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for row, (at, words, role) in enumerate(section.facts):
        grid.addWidget(label(at, "secondary"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(words, role, wraps=True, selectable=True), row, 1)
    return made
