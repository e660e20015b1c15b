"""The lists at the left of the fleet: trucks, permits, traffic areas, sites; one of them is seen at a time."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.models.haulage.checks import Level, worst
from console.widgets.configuration.cells import MARK_COLOUR, MARK_WIDTH, Item, items
from console.widgets.configuration.words import MARK, choice_word, name_of
from console.widgets.fleet.book import AREAS, DUMP_SITES, PERMITS, WORK_SITES, Kind
from console.widgets.fleet.verdicts import COLOUR, SYMBOL
from console.widgets.shared import figures
from console.widgets.shared.panel import Heading, Stateful, margins
from console.widgets.shared.style import icon
from console.widgets.shared.table import Column, RecordModel, RecordTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.widgets.fleet.book import Book
    from console.widgets.shared.desk import Desk

TRUCKS = "vehicle"


class FleetLists(QWidget):
    """A row of chips, and the list of the one that is pressed.

    Args:
        trucks: the list of trucks.
        rows: the other lists, by the key of their kind.
    """

    shown = Signal(str)
    """Key of the list that is in front now."""

    def __init__(self, trucks: QWidget, rows: dict[str, RowList]) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Trucks and permits"))
        self.rows = rows
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {TRUCKS: trucks, **self.rows}
        self.chips: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout()
        margins(row, 10, 8, 10, 6, 4)
        for key, page in self._pages.items():
            chip = self.chips[key] = QPushButton(self._title(key))
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.clicked.connect(lambda _on, key=key: self.show_list(key))
            group.addButton(chip)
            row.addWidget(chip)
            self._stack.addWidget(page)
        row.addStretch(1)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self._stack, 1)
        self.chips[TRUCKS].setChecked(True)

    @property
    def current(self) -> str:
        """Key of the list in front."""
        return next(key for key, page in self._pages.items() if page is self._stack.currentWidget())

    def show_list(self, key: str) -> None:
        """Bring a list to the front."""
        self.chips[key].setChecked(True)
        self._stack.setCurrentWidget(self._pages[key])
        self.shown.emit(key)

    def _title(self, key: str) -> str:
        return {
            TRUCKS: self.tr("Trucks"),
            PERMITS.key: self.tr("Permits"),
            AREAS.key: self.tr("Areas"),
            WORK_SITES.key: self.tr("Work sites"),
            DUMP_SITES.key: self.tr("Dump sites"),
        }[key]


class RowList(QWidget):
    """The rows of one kind with what is drafted of them, narrowed down by text.

    Args:
        desk: the time and language.
        book: rows and drafts.
        kind: what is listed.
    """

    chosen = Signal(str)
    """Key of the row that is to be looked at."""
    opened = Signal(str)
    """Key of the row that is to be seen on the map."""
    wanted = Signal()
    """A new row is wanted."""

    def __init__(self, desk: Desk, book: Book, kind: Kind) -> None:
        super().__init__()
        self._desk, self._book, self._kind = desk, book, kind
        title = QCoreApplication.translate("words", kind.title)
        self.heading = Heading(title)
        self.text = QLineEdit(placeholderText=self.tr("Search …"), clearButtonEnabled=True)
        self.text.addAction(icon("mdi6.magnify"), QLineEdit.ActionPosition.LeadingPosition)
        self.new = QPushButton(icon("mdi6.plus"), QCoreApplication.translate("words", kind.new))
        self.new.setVisible(book.may_edit)
        self.new.clicked.connect(self.wanted)
        self.model: RecordModel[Item] = RecordModel(_columns(desk, book, kind), lambda item: item.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(title)
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.state = Stateful(self.table, lambda: book.read(kind))
        search = QHBoxLayout()
        margins(search, 10, 8, 10, 6, 6)
        search.addWidget(self.text, 1)
        search.addWidget(self.new)
        self.which: QComboBox | None = self._choices() if kind is PERMITS else None
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addLayout(search)
        if self.which is not None:
            row = QHBoxLayout()
            margins(row, 10, 0, 10, 6, 6)
            row.addWidget(self.which, 1)
            box.addLayout(row)
        box.addWidget(self.state, 1)
        self.state.show_loading()
        self.text.textChanged.connect(self._narrow)
        self.table.chosen.connect(lambda item: self.chosen.emit(item.key))
        self.table.opened.connect(lambda item: self.opened.emit(item.key))
        book.changed.connect(self._on_changed)
        book.failed.connect(self._on_failed)

    def _narrow(self, text: str) -> None:
        self.table.narrow(text)
        self._count()

    def _choices(self) -> QComboBox:
        """Which permits are listed."""
        which = QComboBox()
        which.setAccessibleName(self.tr("Which permits"))
        for key, words in (
            ("all", self.tr("All permits")),
            ("in_force", self.tr("In force today")),
            ("fault", self.tr("With something wrong")),
            ("over", self.tr("Expired or revoked")),
        ):
            which.addItem(words, key)
        which.currentIndexChanged.connect(lambda _place: self.refresh())
        return which

    def refresh(self) -> None:
        """Show rows, drafts and verdicts as they are now."""
        self._on_changed(self._kind.key)

    def _fits(self, item: Item) -> bool:
        which = "all" if self.which is None else self.which.currentData()
        today = self._desk.now().astimezone(figures.CITY_TIME).date()
        if which == "in_force":
            return _is_in_force(item, today)
        if which == "fault":
            return worst(self._book.verdicts.get(item.key, ())) is Level.FAULT
        last = item.values.get("valid_to")
        is_over = item.values.get("revoked_at") is not None or (isinstance(last, date) and last < today)
        return which == "all" or is_over

    def _on_changed(self, key: str) -> None:
        if key != self._kind.key:
            return
        self.new.setVisible(self._book.may_edit)
        self.model.show([item for item in items(self._book.drafts[key]) if item.mark or self._fits(item)])
        self._count()
        if self._book.drafts[key].keys:
            self.state.show_content()
        else:
            self.state.show_empty(QCoreApplication.translate("words", self._kind.empty), self._kind.symbol)

    def _count(self) -> None:
        shown, whole = self.model.rowCount(), len(self._book.drafts[self._kind.key].keys)
        words = self.tr("{n} of {all}") if shown != whole else "{all}"
        title = QCoreApplication.translate("words", self._kind.title)
        self.heading.say(title, words.format(n=figures.count(shown), all=figures.count(whole)))

    def _on_failed(self, key: str, words: str) -> None:
        if key == self._kind.key and self.model.rowCount() == 0:
            self.state.show_failed(words)


def hours_words(values: object, until: object) -> str:
    """Hours of the day; all day when both are the same."""
    if not isinstance(values, time) or not isinstance(until, time):
        return figures.NONE
    if values == until:
        return QCoreApplication.translate("lists", "all day")
    return f"{values:%H:%M}–{until:%H:%M}"


def _columns(desk: Desk, book: Book, kind: Kind) -> list[Column[Item]]:
    mark: Column[Item] = Column(
        "",
        lambda item: MARK[item.mark][0] if item.mark else "",
        colour=lambda item: MARK_COLOUR.get(item.mark, "accent"),
        width_px=MARK_WIDTH,
    )
    makers: dict[str, Callable[[Desk, Book], list[Column[Item]]]] = {
        PERMITS.key: _permit_columns,
        AREAS.key: _area_columns,
        WORK_SITES.key: _site_columns,
        DUMP_SITES.key: _dump_columns,
    }
    return [mark, *makers[kind.key](desk, book)]


def _text(item: Item, name: str) -> str:
    value = item.values.get(name)
    return figures.NONE if value is None else str(value)


def _permit_columns(desk: Desk, book: Book) -> list[Column[Item]]:
    translate = QCoreApplication.translate

    def name(item: Item, field: str, table: str) -> str:
        found = book.references.get(table, {}).get(item.values.get(field))  # type: ignore[arg-type]
        return figures.NONE if found is None else name_of(found, desk.language) if table == "vehicle" else found.name

    def company(item: Item) -> str:
        found = book.references.get("vehicle", {}).get(item.values.get("vehicle_id"))  # type: ignore[arg-type]
        return "" if found is None else found.detail

    def colour(item: Item) -> str:
        return "" if _is_in_force(item, desk.now().astimezone(figures.CITY_TIME).date()) else "disabled"

    def level(item: Item) -> Level | None:
        verdicts = book.verdicts.get(item.key)
        return None if verdicts is None else worst(verdicts)

    def check(item: Item) -> str:
        found = level(item)
        return "" if found is None else SYMBOL[found]

    def check_colour(item: Item) -> str:
        found = level(item)
        return "" if found is None else COLOUR[found]

    return [
        Column(translate("lists", "Plate"), lambda i: name(i, "vehicle_id", "vehicle"), colour=colour, width_px=100),
        Column(
            translate("lists", "From → to"),
            lambda i: f"{name(i, 'work_site_id', 'work_site')} → {name(i, 'dump_site_id', 'dump_site')}",
            colour=lambda i: colour(i) or "secondary",
        ),
        Column(
            translate("lists", "Hours"),
            lambda i: hours_words(i.values.get("hours_from"), i.values.get("hours_to")),
            colour=lambda i: colour(i) or "secondary",
            width_px=100,
            spare=3,
        ),
        Column(translate("lists", "Check"), check, colour=check_colour, width_px=60),
        Column(translate("lists", "Until"), _until, colour=colour, width_px=88, spare=2),
        Column(translate("lists", "Company"), company, colour=lambda _i: "secondary", spare=1),
        Column(translate("lists", "Number"), lambda i: _text(i, "permit_no"), colour=lambda _i: "secondary", spare=1),
    ]


def _is_in_force(item: Item, today: date) -> bool:
    first, last = item.values.get("valid_from"), item.values.get("valid_to")
    if item.values.get("revoked_at") is not None or not isinstance(first, date) or not isinstance(last, date):
        return False
    return first <= today <= last


def _until(item: Item) -> str:
    if item.values.get("revoked_at") is not None:
        return QCoreApplication.translate("lists", "revoked")
    return _text(item, "valid_to")


def _area_columns(desk: Desk, book: Book) -> list[Column[Item]]:
    del desk, book
    translate = QCoreApplication.translate
    return [
        Column(translate("lists", "Name"), lambda i: _text(i, "name")),
        Column(translate("lists", "Rule"), _rule, colour=lambda _i: "secondary", width_px=96),
        Column(
            translate("lists", "Hours"),
            lambda i: hours_words(i.values.get("hours_from"), i.values.get("hours_to")),
            colour=lambda _i: "secondary",
            width_px=100,
        ),
    ]


def _rule(item: Item) -> str:
    kind = str(item.values.get("kind"))
    return f"≤ {_text(item, 'speed_kmh')} km/h" if kind == "slow" else choice_word("traffic_area", "kind", kind)


def _site_columns(desk: Desk, book: Book) -> list[Column[Item]]:
    del desk, book
    translate = QCoreApplication.translate
    return [
        Column(translate("lists", "Code"), lambda i: _text(i, "code"), colour=lambda _i: "secondary", width_px=76),
        Column(translate("lists", "Name"), lambda i: _text(i, "name")),
    ]


def _dump_columns(desk: Desk, book: Book) -> list[Column[Item]]:
    capacity: Column[Item] = Column(
        QCoreApplication.translate("lists", "Capacity m³"),
        lambda i: figures.count(value) if isinstance(value := i.values.get("capacity_m3"), (int, float)) else "",
        lambda i: value if isinstance(value := i.values.get("capacity_m3"), (int, float)) else None,
        colour=lambda _i: "secondary",
        width_px=104,
    )
    return [*_site_columns(desk, book), capacity]
