"""What narrows the queue down: free text at once, an area drawn on the map, other fields on demand, and the order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.map.tools.measure import area_text, measure
from console.models.cases import CaseColumn, CaseFilter, CaseSort, Period, Preset, TimeColumn
from console.widgets.shared.panel import ElidedLabel, label, margins
from console.widgets.shared.style import icon
from console.widgets.shared.throttle import Debounce
from console.widgets.shared.words import KIND, LEVEL, MODE, SOURCE, STATE, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.map.tools import Corners
    from console.models.cases.choices import Choices
    from console.widgets.shared.desk import Desk

TYPING_MS = 200
DAYS = (1, 7, 30, 90, 365)


class FilterBar(QWidget):
    """Search field, area on the map, a foldable block of fields, the order.

    Signals `changed` after the user has changed something; typing counts once it rests.
    """

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.text = QLineEdit(placeholderText=self.tr("Address, description, class, number …"), clearButtonEnabled=True)
        self.text.addAction(icon("mdi6.magnify"), QLineEdit.ActionPosition.LeadingPosition)
        self.text.setAccessibleName(self.tr("Search in the queue"))
        self.more = QToolButton()
        self.more.setCheckable(True)
        self.more.setIcon(icon("mdi6.filter-variant"))
        self.more.setToolTip(self.tr("More filters and the order"))
        self.more.toggled.connect(self._unfold)
        self.draw = QToolButton()
        self.draw.setCheckable(True)
        self.draw.setIcon(icon("mdi6.vector-polygon"))
        self.draw.setToolTip(self.tr("Draw an area on the map: only cases in it are shown"))
        self.draw.clicked.connect(self._toggle_drawing)
        self._area: Corners = ()
        self._is_active = False
        self._fields: dict[str, QComboBox] = {}
        self._awaited: dict[str, object] = {}
        self.row = QHBoxLayout()
        margins(self.row, 0, 0, 0, 0, 4)
        self.row.addWidget(self.text, 1)
        self.row.addWidget(self.draw)
        self.row.addWidget(self.more)
        self._block = QWidget()
        self._block.hide()
        self._make_block()
        box = QVBoxLayout(self)
        margins(box, 10, 4, 10, 6, 6)
        box.addLayout(self.row)
        box.addWidget(self._make_area_line())
        box.addWidget(self._block)
        typed = Debounce(TYPING_MS, self.changed.emit, self)
        self.text.textChanged.connect(lambda _text: typed())
        desk.canvas.area_drawn.connect(self._set_area)
        desk.canvas.tool_changed.connect(self._on_tool)

    def _make_area_line(self) -> QWidget:
        self._area_line = QWidget()
        self._area_words = ElidedLabel("", "secondary")
        drop = self._drop = QToolButton()
        drop.setIcon(icon("mdi6.close"))
        drop.setToolTip(self.tr("Show cases of all places again"))
        drop.clicked.connect(lambda: self._set_area(()))
        symbol = label()
        symbol.setPixmap(icon("mdi6.vector-polygon", "accent").pixmap(16, 16))
        row = QHBoxLayout(self._area_line)
        margins(row, 2, 0, 0, 0, 6)
        row.addWidget(symbol)
        row.addWidget(self._area_words, 1)
        row.addWidget(drop)
        self._area_line.hide()
        return self._area_line

    def _make_block(self) -> None:
        grid = QGridLayout(self._block)
        margins(grid, 0, 0, 0, 0, 6)
        titles: Mapping[str, str] = {
            "zone_ids": self.tr("Zone"),
            "states": self.tr("Stage"),
            "modes": self.tr("Mode"),
            "sources": self.tr("Source"),
            "kinds": self.tr("Kind"),
            "levels": self.tr("Level"),
            "department_ids": self.tr("Department"),
            "class_ids": self.tr("Class"),
            "period": self.tr("Reported"),
            "overdue": self.tr("Overdue"),
        }
        for place, (key, title) in enumerate(titles.items()):
            combo = self._fields[key] = QComboBox()
            combo.setMinimumContentsLength(6)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setAccessibleName(title)
            combo.addItem(self.tr("{field}: any").format(field=title), None)
            combo.currentIndexChanged.connect(lambda _i: self._on_field())
            grid.addWidget(combo, place // 2, place % 2)
        for key, vocabulary in (
            ("states", STATE),
            ("modes", MODE),
            ("sources", SOURCE),
            ("kinds", KIND),
            ("levels", LEVEL),
        ):
            for code in vocabulary:
                self._fields[key].addItem(word(vocabulary, code), code)
        for days in DAYS:
            today = self.tr("last 24 hours") if days == 1 else self.tr("last {n} days").format(n=days)
            self._fields["period"].addItem(today, days)
        self._fields["overdue"].addItem(self.tr("overdue"), True)
        self._fields["overdue"].addItem(self.tr("in time"), False)
        self.order = QComboBox()
        self.order.setAccessibleName(self.tr("Order"))
        self._fill_order()
        self.order.currentIndexChanged.connect(lambda _i: self.changed.emit())
        self.downwards = QToolButton()
        self.downwards.setCheckable(True)
        self.downwards.setToolTip(self.tr("Largest or latest first"))
        self.downwards.setIcon(icon("mdi6.sort-descending"))
        self.downwards.toggled.connect(lambda _on: self.changed.emit())
        clear = QPushButton(self.tr("Clear"))
        clear.clicked.connect(self.clear)
        last = QHBoxLayout()
        margins(last, 0, 0, 0, 0, 4)
        last.addWidget(label(self.tr("Order"), "secondary"))
        last.addWidget(self.order, 1)
        last.addWidget(self.downwards)
        last.addWidget(clear)
        grid.addLayout(last, (len(titles) + 1) // 2, 0, 1, 2)

    def _fill_order(self) -> None:
        titles = {
            None: self.tr("Usual"),
            CaseColumn.DUE: self.tr("Time left"),
            CaseColumn.REPORTED: self.tr("Time of report"),
            CaseColumn.NUMBER: self.tr("Number"),
            CaseColumn.STATE: self.tr("Stage"),
            CaseColumn.CLASS: self.tr("Class"),
            CaseColumn.ZONE: self.tr("Zone"),
            CaseColumn.STREET: self.tr("Street"),
            CaseColumn.DEPARTMENT: self.tr("Department"),
            CaseColumn.SOURCE: self.tr("Source"),
            CaseColumn.MODE: self.tr("Mode"),
            CaseColumn.LEVEL: self.tr("Level"),
            CaseColumn.FILED: self.tr("Time of filing"),
            CaseColumn.DISPATCHED: self.tr("Time of dispatch"),
            CaseColumn.DISPOSED: self.tr("End of disposal"),
            CaseColumn.CLOSED: self.tr("Time of closing"),
            CaseColumn.DEADLINE: self.tr("Deadline"),
        }
        for column, title in titles.items():
            self.order.addItem(title, column)

    def show_choices(self, choices: Choices) -> None:
        """Offer the values that come from the city's tables."""
        for key, values in (
            ("zone_ids", choices.zones),
            ("department_ids", choices.departments),
            ("class_ids", choices.classes),
        ):
            combo = self._fields[key]
            with QSignalBlocker(combo):
                while combo.count() > 1:
                    combo.removeItem(1)
                for value in values:
                    combo.addItem(self._desk.name(value.name, value.name_en), value.id)
        if self._awaited:
            awaited, self._awaited = self._awaited, {}
            with QSignalBlocker(self):
                for key, wanted in awaited.items():
                    self._choose(key, wanted)
            self._on_field()

    def wanted(self, preset: Preset) -> CaseFilter:
        """The filter that is set, within the queue of `preset`."""
        fields: dict[str, Any] = {
            key: frozenset({combo.currentData()})
            for key, combo in self._fields.items()
            if key not in {"period", "overdue"} and combo.currentData() is not None
        }
        days = self._fields["period"].currentData()
        if days is not None:
            fields["periods"] = {TimeColumn.REPORTED: Period(start=self._desk.now() - timedelta(days=days))}
        return CaseFilter(
            preset=preset,
            role=self._desk.person.role,
            text=self.text.text().strip(),
            overdue=self._fields["overdue"].currentData(),
            polygon=self._area,
            **fields,
        )

    def wanted_order(self, preset: Preset) -> CaseSort:
        """The order that is set; usual is the most urgent first for what is in hand, else the newest."""
        column = self.order.currentData()
        if column is None:
            return CaseSort() if preset is Preset.ALL else CaseSort(CaseColumn.DUE, descending=False)
        return CaseSort(column, descending=self.downwards.isChecked())

    def set_field(self, key: str, value: object) -> None:
        """Set one field as if it had been chosen, e.g. ``zone_ids`` to a zone's id."""
        combo = self._fields[key]
        combo.setCurrentIndex(max(0, combo.findData(value)))
        self.more.setChecked(True)

    @property
    def is_set(self) -> bool:
        """Whether anything is narrowed down."""
        return (
            bool(self.text.text().strip())
            or bool(self._area)
            or any(c.currentIndex() > 0 for c in self._fields.values())
        )

    def words(self) -> list[str]:
        """What is narrowed down, field by field."""
        said = [f"{c.accessibleName()}: {c.currentText()}" for c in self._fields.values() if c.currentIndex() > 0]
        if self.text.text().strip():
            said.insert(0, f"“{self.text.text().strip()}”")
        if self._area:
            said.append(self._in_area())
        return said

    def start_drawing(self) -> None:
        """Let the user draw an area on the map."""
        self._desk.canvas.set_tool("draw_area")
        self._desk.canvas.setFocus()

    def activate(self, *, active: bool) -> None:
        """The queue comes to the front, or goes, and with it the area on the map."""
        self._is_active = active
        self._desk.canvas.mark_area(self._area if active else ())

    def clear(self) -> None:
        """Ask for nothing any more."""
        with QSignalBlocker(self):
            self.resume({})
        self._on_field()

    def keep(self) -> dict[str, Any]:
        """What is set, in the form in which filters are saved (``city.saved_filter.wanted``)."""
        fields = {key: combo.currentData() for key, combo in self._fields.items() if combo.currentIndex() > 0}
        kept: dict[str, Any] = {"fields": {**fields, **self._awaited}}
        if self.text.text().strip():
            kept["text"] = self.text.text().strip()
        if self._area:
            kept["area"] = [list(corner) for corner in self._area]
        if self.order.currentData() is not None:
            kept["order"], kept["descending"] = str(self.order.currentData()), self.downwards.isChecked()
        return kept

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Set what `keep` gave and nothing else; values that are not there any more ask nothing."""
        fields = kept.get("fields", {})
        with QSignalBlocker(self), QSignalBlocker(self.text):
            self.text.setText(str(kept.get("text", "")))
            self.order.setCurrentIndex(max(0, self.order.findData(kept.get("order"))))
            self.downwards.setChecked(bool(kept.get("descending", False)))
            self._awaited = {}
            for key in self._fields:
                self._choose(key, fields.get(key))
            self._set_area(tuple((float(x), float(y)) for x, y in kept.get("area", ())))
        self._mark()

    def _choose(self, key: str, value: object) -> None:
        combo = self._fields[key]
        with QSignalBlocker(combo):
            combo.setCurrentIndex(max(0, combo.findData(value)))
            if value is not None and combo.count() == 1:
                self._awaited[key] = value  # the city's values have not come yet

    def _unfold(self, shown: bool) -> None:
        self._block.setVisible(shown)

    def _toggle_drawing(self, on: bool) -> None:
        if on:
            self.start_drawing()
        else:
            self._desk.canvas.set_tool("navigate")

    def _on_tool(self, name: str) -> None:
        self.draw.setChecked(name == "draw_area")
        self._say_area()

    def _say_area(self) -> None:
        """How to draw while it is drawn, else which area counts."""
        corners, is_drawing = self._area, self.draw.isChecked()
        self._area_line.setVisible(is_drawing or bool(corners))
        self._drop.setVisible(not is_drawing)
        if is_drawing:
            self._area_words.setText(self.tr("Click the corners on the map · Enter ends · Esc gives up"))
        elif corners:
            self._area_words.setText(self._in_area())

    def _in_area(self) -> str:
        size = area_text(measure("area", list(self._area)).area_m2)
        return self.tr("In the area on the map, {size}").format(size=size)

    def _set_area(self, corners: Corners) -> None:
        self._area = corners
        self._say_area()
        self.draw.setIcon(icon("mdi6.vector-polygon", "accent" if corners else "secondary"))
        if self._is_active:
            self._desk.canvas.mark_area(corners)
        self.changed.emit()

    def _on_field(self) -> None:
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        is_narrowed = any(combo.currentIndex() > 0 for combo in self._fields.values())
        self.more.setIcon(icon("mdi6.filter-variant", "accent" if is_narrowed else "secondary"))
