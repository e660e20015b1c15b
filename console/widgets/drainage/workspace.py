"""The drainage network: finding a pipe or a manhole, its record, the network in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.models.drainage.lists import (
    LIST_LIMIT,
    NetworkFigures,
    NetworkFilter,
    NetworkRow,
    network_figures,
    network_rows,
)
from console.widgets.shared import figures
from console.widgets.shared.charts import Bar, ChartPanel, ChartStrip, Figure, FigureBoard, ShareBars
from console.widgets.shared.desk import Thing, Workspace
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.panel import Heading, Stateful, margins
from console.widgets.shared.style import icon
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Debounce
from console.widgets.shared.words import COMPONENT_STATE, SYSTEM, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.database.feed import Change
    from console.widgets.shared.desk import Desk

TYPING_MS = 150
DIAMETERS_MM = (300, 500, 800, 1000, 1500)


class DrainageWorkspace(Workspace):
    """Pipes and manholes on list, map and in full."""

    key: ClassVar[str] = "drainage"

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.network = NetworkPanel(desk)
        yield
        self.detail = DetailPanel(desk, self.tr("Choose a pipe or a manhole in the list or on the map."))
        yield
        self.figures = FigureBoard(columns=3)
        self.lengths = ShareBars(value_width=150)
        self.figures_panel = ChartPanel(self.tr("Network"), self.figures, self._ask_figures)
        lengths = ChartPanel(self.tr("Length by system"), self.lengths)
        self.strip = ChartStrip([(self.figures_panel, 2), (lengths, 3)])
        self.strip.setWindowTitle(self.tr("Network in figures"))
        self.left, self.right, self.bottom = self.network, self.detail, self.strip
        self._is_front = False
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)

    def enter(self) -> None:
        """Fetch everything."""
        self._is_front = True
        self.detail.activate(active=True)
        self.refresh()

    def leave(self) -> None:
        """Rest."""
        self._is_front = False
        self.detail.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        if self._is_front:
            self.network.refresh()
            self._ask_figures()
            self.detail.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def prepare_picture(self) -> None:
        """A trunk sewer in the middle of the city."""
        self.network.diameter.setCurrentIndex(self.network.diameter.count() - 2)
        self.network.select_first_when_here()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.subject in {"pipe", "manhole", "gully", "outfall", "pump_station"} for change in changes):
            self.refresh()

    def _ask_figures(self) -> None:
        self.desk.operations.read(self, network_figures, self._show_figures, self._fail_figures, key="figures")

    def _fail_figures(self, error: Exception) -> None:
        self.figures_panel.state.show_failed(self.desk.notices.words_for(error))

    def _show_figures(self, found: NetworkFigures) -> None:
        length_m = sum(s.length_m for s in found.systems)
        manholes = sum(s.manholes for s in found.systems)
        faulty = sum(s.faulty for s in found.systems)
        self.figures.show_figures(
            [
                Figure(figures.distance(length_m), self.tr("of pipes")),
                Figure(figures.count(manholes), self.tr("manholes")),
                Figure(figures.count(faulty), self.tr("damaged or lost")),
                Figure(figures.count(found.gullies), self.tr("gullies")),
                Figure(figures.count(found.outfalls), self.tr("outfalls")),
                Figure(figures.count(found.pump_stations), self.tr("pump stations")),
            ]
        )
        self.figures_panel.state.show_content()
        self.lengths.show_bars(
            [
                Bar(
                    word(SYSTEM, s.system),
                    s.length_m / length_m if length_m else None,
                    figures.things(
                        s.pipes,
                        self.tr("{length} · 1 pipe"),
                        self.tr("{length} · {n} pipes"),
                        length=figures.distance(s.length_m),
                    ),
                )
                for s in found.systems
            ]
        )
        self.strip.folded_line.setText(
            self.tr("Pipes {length} · manholes {manholes} · damaged or lost {faulty} · gullies {gullies}").format(
                length=figures.distance(length_m),
                manholes=figures.count(manholes),
                faulty=figures.count(faulty),
                gullies=figures.count(found.gullies),
            )
        )


class NetworkPanel(QWidget):
    """Pipes or manholes that fit a few fields."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Network"))
        self._desk = desk
        self.heading = Heading(self.tr("Network"))
        self.text = QLineEdit(placeholderText=self.tr("Code or street …"), clearButtonEnabled=True)
        self.text.addAction(icon("mdi6.magnify"), QLineEdit.ActionPosition.LeadingPosition)
        self._subjects = QButtonGroup(self)
        chips = QHBoxLayout()
        margins(chips, 0, 0, 0, 0, 6)
        for subject, title in (("pipe", self.tr("Pipes")), ("manhole", self.tr("Manholes"))):
            chip = QPushButton(title)
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.setObjectName(subject)
            chip.setChecked(subject == "pipe")
            chip.clicked.connect(self.refresh)
            self._subjects.addButton(chip)
            chips.addWidget(chip)
        chips.addStretch(1)
        self.system, self.state_of, self.diameter = QComboBox(), QComboBox(), QComboBox()
        self._fill_fields()
        fields = QHBoxLayout()
        margins(fields, 0, 0, 0, 0, 6)
        for combo in (self.system, self.state_of, self.diameter):
            combo.currentIndexChanged.connect(lambda _i: self.refresh())
            fields.addWidget(combo, 1)
        search = QWidget()
        inside = QVBoxLayout(search)
        margins(inside, 10, 8, 10, 6, 6)
        inside.addLayout(chips)
        inside.addWidget(self.text)
        inside.addLayout(fields)
        columns: list[Column[NetworkRow]] = [
            Column(self.tr("Code"), lambda r: r.code, colour=_colour, width_px=166),
            Column(self.tr("Size"), _size, lambda r: r.size, colour=_colour, width_px=76),
            Column(self.tr("Street"), lambda r: r.street, colour=lambda _r: "secondary"),
        ]
        self.model: RecordModel[NetworkRow] = RecordModel(columns, lambda r: r.code, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Network"))
        self.state = Stateful(self.table, self.refresh)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(search)
        box.addWidget(self.state, 1)
        self.state.show_loading()
        self._wants_first = False
        typed = Debounce(TYPING_MS, self.refresh, self)
        self.text.textChanged.connect(lambda _text: typed())
        self.table.chosen.connect(lambda r: desk.selection.select(Thing(r.subject, r.code)))
        self.table.opened.connect(self._open)
        desk.selection.changed.connect(self._follow)

    def _fill_fields(self) -> None:
        self.system.addItem(self.tr("System: any"), None)
        for code in SYSTEM:
            self.system.addItem(word(SYSTEM, code), code)
        self.state_of.addItem(self.tr("State: any"), None)
        for code in COMPONENT_STATE:
            self.state_of.addItem(word(COMPONENT_STATE, code), code)
        self.diameter.addItem(self.tr("Any size"), None)
        for diameter in DIAMETERS_MM:
            self.diameter.addItem(f"≥ DN{diameter}", diameter)

    @property
    def wanted(self) -> NetworkFilter:
        """What is asked for."""
        button = self._subjects.checkedButton()
        subject = "pipe" if button is None else button.objectName()
        return NetworkFilter(
            subject,
            self.system.currentData(),
            self.state_of.currentData(),
            None,
            self.diameter.currentData(),
            self.text.text(),
        )

    def refresh(self) -> None:
        """Ask anew."""
        wanted = self.wanted
        self.diameter.setEnabled(wanted.subject == "pipe")
        self._desk.operations.read(
            self, lambda connection: network_rows(connection, wanted), self._show, self._fail, key="network"
        )

    def select_first_when_here(self) -> None:
        """Select the first row of the answer that is awaited."""
        self._wants_first = True

    def _show(self, rows: Sequence[NetworkRow]) -> None:
        self.model.show(rows)
        number = figures.count(len(rows))
        remark = self.tr("first {n}").format(n=number) if len(rows) == LIST_LIMIT else number
        self.heading.say(self.tr("Network"), remark)
        if rows:
            self.state.show_content()
            self._follow(self._desk.selection.thing)
            if self._wants_first:
                self._wants_first = False
                self.table.selectRow(0)
        else:
            self.state.show_empty(self.tr("Nothing fits."), "mdi6.pipe-disconnected")

    def _fail(self, error: Exception) -> None:
        if self.model.rowCount() == 0:
            self.state.show_failed(self._desk.notices.words_for(error))

    def _follow(self, thing: Thing | None) -> None:
        is_here = thing is not None and thing.subject in {"pipe", "manhole"}
        self.table.mark(thing.key if is_here and thing is not None else None)

    def _open(self, row: NetworkRow) -> None:
        self._desk.selection.select(Thing(row.subject, row.code))
        self._desk.show_place(row.x, row.y, nearer=True)


def _colour(row: NetworkRow) -> str:
    return "" if row.state == "intact" else "medium_text"


def _size(row: NetworkRow) -> str:
    if row.size is None:
        return figures.NONE
    return f"DN{row.size:.0f}" if row.subject == "pipe" else f"{row.size / 100:.2f} m"
