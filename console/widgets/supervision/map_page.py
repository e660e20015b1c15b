"""The command that saves a thematic map as a page for the browser: asked in a small form, made off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFileDialog, QFormLayout, QWidget

from console.models import thematic
from console.models.thematic import AreaKind
from console.reports.map_page import PageWords, ShadedArea, Shading, write_area_page, write_heat_page
from console.widgets.shared import figures
from console.widgets.shared.listing import FORBIDDEN
from console.widgets.shared.panel import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from console.models.statistics import Indicators
    from console.models.thematic import CountedArea
    from console.widgets.cases.queue import QueuePanel
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate
HEAT = "heat"
BEGINNING = date(2000, 1, 1)
"""Before any case."""


@dataclass(frozen=True)
class Theme:
    """An indicator by which areas are shaded.

    Attributes:
        value: of an area's indicators.
        shading: strong where it is out of the ordinary.
    """

    value: Callable[[Indicators], float | None]
    shading: Shading


THEMES = {
    "cases": Theme(lambda i: i.reported, Shading("accent", strongest_low=False, percent=False)),
    "closure_rate": Theme(lambda i: i.closure_rate, Shading("high", strongest_low=True, percent=True)),
    "overdue_share": Theme(lambda i: i.overdue_share, Shading("critical", strongest_low=False, percent=True)),
}


def periods(today: date) -> dict[str, tuple[date, date]]:
    """First and last day of each period that is offered."""
    first = today.replace(day=1)
    last_of_before = first - timedelta(days=1)
    return {
        "month": (first, today),
        "before": (last_of_before.replace(day=1), last_of_before),
        "year": (date(first.year - 1, first.month, 1), last_of_before),
        "whole": (BEGINNING, today),
    }


class MapPageForm(QDialog):
    """Asks what the page shows.

    Args:
        listed: which cases a heat map would show.
        today: the day of the window.
    """

    def __init__(self, listed: str, today: date, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Save a map page"))
        self._periods = periods(today)
        self.theme, self.areas, self.period = QComboBox(), QComboBox(), QComboBox()
        for key, title in (
            ("cases", self.tr("Cases by area")),
            ("closure_rate", self.tr("Closure rate by area")),
            ("overdue_share", self.tr("Overdue share by area")),
            (HEAT, self.tr("Where cases are (heat map)")),
        ):
            self.theme.addItem(title, key)
        for kind, title in (
            (AreaKind.ZONE, self.tr("Zones")),
            (AreaKind.COMMUNITY, self.tr("Communities")),
            (AreaKind.UNIT_GRID, self.tr("Unit grids")),
        ):
            self.areas.addItem(title, kind)
        for key, title in (
            ("month", self.tr("This month")),
            ("before", self.tr("Last month")),
            ("year", self.tr("The last 12 whole months")),
            ("whole", self.tr("All that there is")),
        ):
            self.period.addItem(title, key)
        self.listed = label(self.tr("The cases listed at the right: {words}").format(words=listed), wraps=True)
        self.opens = QCheckBox(self.tr("Open it in the browser"))
        self.opens.setChecked(True)
        self.buttons = QDialogButtonBox()
        self.save = self.buttons.addButton(self.tr("Save …"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._form = QFormLayout(self)
        self._form.addRow(self.tr("Map"), self.theme)
        self._form.addRow(self.tr("Areas"), self.areas)
        self._form.addRow(self.tr("Period"), self.period)
        self._form.addRow(self.listed)
        self._form.addRow(self.opens)
        self._form.addRow(self.buttons)
        self.setMinimumWidth(380)
        self.theme.currentIndexChanged.connect(lambda _i: self._offer())
        self._offer()

    @property
    def is_heat(self) -> bool:
        """Whether the listed cases are wanted, instead of areas."""
        return bool(self.theme.currentData() == HEAT)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the chosen period."""
        return self._periods[self.period.currentData()]

    def _offer(self) -> None:
        """Only what matters for the chosen map."""
        for field in (self.areas, self.period):
            self._form.setRowVisible(field, not self.is_heat)
        self._form.setRowVisible(self.listed, self.is_heat)
        self.adjustSize()


class MapPages(QObject):
    """Asks for, makes, saves and opens map pages; one at a time.

    Args:
        desk: whose.
        cases: the list whose cases a heat map shows.
    """

    saved = Signal(object)
    """The `Path` of a page that was written."""

    def __init__(self, desk: Desk, cases: QueuePanel, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._cases = cases
        self.is_under_way = False
        self.form: MapPageForm | None = None
        self.dialog: QFileDialog | None = None
        self.action = desk.actions.add(
            "map_page", self.tr("Save a map page"), self.ask, group=self.tr("Supervision"), shortcut="Ctrl+M",
            symbol="mdi6.map-plus",
        )  # fmt: skip

    def ask(self) -> None:
        """Ask what is to be shown."""
        if self.is_under_way:
            self._desk.notices.post(self.tr("A map page is being made already: wait for it."))
            return
        form = MapPageForm(self._cases.words(), self._desk.now().date(), self._cases.window())
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.accepted.connect(partial(self._ask_where, form))
        form.finished.connect(self._forget)
        self.form = form
        form.open()

    def _forget(self) -> None:
        self.form = None

    def _ask_where(self, form: MapPageForm) -> None:
        make = self._heat(form) if form.is_heat else self._areas(form)
        title, opens = _title(form), form.opens.isChecked()
        name = FORBIDDEN.sub("_", title) + f" {self._desk.now():%Y-%m-%d %H%M}.html"
        dialog = QFileDialog(self._cases.window(), form.windowTitle(), str(Path.home() / name), "HTML (*.html)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("html")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self._make(make, Path(chosen), opens=opens))
        self.dialog = dialog
        dialog.open()

    def _make(self, make: Callable[[Connection, Path], None], path: Path, *, opens: bool) -> None:
        self.is_under_way = True
        self._desk.notices.post(self.tr("The map page is being made."))
        self._desk.operations.read(
            self, lambda c: make(c, path), lambda _none: self._done(path, opens=opens), self._failed, key="map_page"
        )

    def _done(self, path: Path, *, opens: bool) -> None:
        self.is_under_way = False
        self._desk.notices.post(self.tr("The map page was saved to {path}.").format(path=path))
        if opens and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._desk.notices.post(self.tr("No browser opened: open {path} yourself.").format(path=path), "medium")
        self.saved.emit(path)

    def _failed(self, error: Exception) -> None:
        self.is_under_way = False
        self._desk.notices.post(self._desk.notices.words_for(error), "medium")

    # What the pages say; worked out on the GUI thread, used off it

    def _areas(self, form: MapPageForm) -> Callable[[Connection, Path], None]:
        kind, (first, last), key = form.areas.currentData(), form.days, form.theme.currentData()
        columns = (
            translate("map_page", "Area"), translate("map_page", "Cases"), translate("map_page", "Closed, of due"),
            translate("map_page", "Closure rate"), translate("map_page", "Disposed too late, of due"),
            translate("map_page", "Overdue share"), translate("map_page", "Size"),
        )  # fmt: skip
        begins = form.period.currentText() if first == BEGINNING else f"{first} – {last}"
        words = self._words(_title(form), begins, _legends()[key], translate("map_page", "Nothing was due"))
        chinese, theme = self._desk.language == "zh_CN", THEMES[key]

        def make(connection: Connection, path: Path) -> None:
            counted = thematic.counted_areas(connection, kind, first, last)
            areas = [
                ShadedArea(one.geometry, theme.value(one.indicators), _facts(one, chinese=chinese)) for one in counted
            ]
            write_area_page(path, words, columns, areas, theme.shading, thematic.ground(connection))

        return make

    def _heat(self, form: MapPageForm) -> Callable[[Connection, Path], None]:
        wanted, listed = self._cases.model.filter, self._cases.words()
        legend = translate("map_page", "Cases in a square of {metres} m").format(metres=thematic.CELL_M)
        words = self._words(_title(form), listed, legend, "")
        few, many = translate("map_page", "few"), translate("map_page", "{n} or more")
        total = translate("map_page", "{words} · cases: {n}")

        def make(connection: Connection, path: Path) -> None:
            found = thematic.heat(connection, wanted)
            said = total.format(words=words.period, n=figures.count(found.total))
            write_heat_page(path, replace(words, period=said), few, many, found, thematic.ground(connection))

        return make

    def _words(self, title: str, period: str, legend: str, nothing: str) -> PageWords:
        source = translate("map_page", "Source: cases of the Yuncheng smart urban management centre · {time} · {who}")
        who = self._desk.name(self._desk.person.title, self._desk.person.title_en)
        return PageWords(
            title=title,
            period=period,
            source=source.format(time=figures.moment(self._desk.now()), who=who),
            legend=legend,
            nothing=nothing,
            language=self._desk.language.replace("_", "-"),
        )


def _title(form: MapPageForm) -> str:
    if form.is_heat:
        return translate("map_page", "Where cases are")
    patterns = {
        "cases": translate("map_page", "Cases · {areas}"),
        "closure_rate": translate("map_page", "Closure rate · {areas}"),
        "overdue_share": translate("map_page", "Overdue share · {areas}"),
    }
    return patterns[form.theme.currentData()].format(areas=form.areas.currentText())


def _legends() -> dict[str, str]:
    return {
        "cases": translate("map_page", "Cases reported"),
        "closure_rate": translate("map_page", "Closed, of those due to be closed"),
        "overdue_share": translate("map_page", "Disposed too late or overdue, of those due"),
    }


def _facts(area: CountedArea, *, chinese: bool) -> tuple[str, ...]:
    found = area.indicators
    late = found.disposed_overdue + found.to_dispose_overdue
    is_large = area.area_m2 >= 1e5
    size = figures.number(area.area_m2 / 1e6, 2, "km²") if is_large else figures.number(area.area_m2, 0, "m²")
    return (
        area.name if chinese or not area.name_en else area.name_en,
        figures.count(found.reported),
        f"{figures.count(found.closed)} / {figures.count(found.closings_due)}",
        figures.percent(found.closure_rate),
        f"{figures.count(late)} / {figures.count(found.disposals_due)}",
        figures.percent(found.overdue_share),
        size,
    )
