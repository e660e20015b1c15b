"""The entries of a day or of all days, narrowed down by person, table and words, and the state of the day's chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models import audit
from console.models.audit import Wanted
from console.models.audit.trail import SHOWN
from console.models.configuration.references import read_references
from console.widgets.audit.days import BROKEN
from console.widgets.audit.words import BREACH, TABLE, breach_words, summary, what, where_from, who
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Heading, Stateful, line, margins
from console.widgets.shared.searched_table import SearchField
from console.widgets.shared.style import set_role
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.throttle import Debounce
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from console.models.audit import Breach, Entry, Found
    from console.widgets.audit.days import DayRow
    from console.widgets.configuration.words import References
    from console.widgets.shared.desk import Desk

SEARCH_MS = 300
NAMED = 3
"""Breaches that the line above the table names; the others are in the tip and at their entries."""


@dataclass(frozen=True)
class _Shown:
    """What one reading gave; `breaches` are those of the day, or none were asked for."""

    found: Found
    references: References
    breaches: list[Breach] | None


class AuditPage(QWidget):
    """Filters, the state of the chain, and the entries, newest first."""

    chosen = Signal(object)
    """The `Entry` that is to be read in full."""
    checked = Signal(object, object)
    """The chain of a day was checked: the day and its breaches."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.row: DayRow | None = None
        self.references: References = {}
        self._breaches: list[Breach] | None = None
        self._broken: dict[int, Breach] = {}
        self.heading = Heading(self.tr("Who did what"))
        self.person, self.table_field = QComboBox(), QComboBox()
        for combo, name, words in (
            (self.person, self.tr("Person"), self.tr("Everybody")),
            (self.table_field, self.tr("Table"), self.tr("All tables")),
        ):
            combo.setAccessibleName(name)
            combo.setToolTip(name)
            combo.setMinimumContentsLength(16)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.addItem(words, None)
            combo.activated.connect(lambda _place: self.refresh())
        self.text = SearchField(self.tr("Search in keys, reasons, old and new values …"))
        self.chain = ElidedLabel("", "secondary")
        self.copy_button = QPushButton(self.tr("Copy head"))
        self.copy_button.setToolTip(self.tr("Copies day, number of entries and head, to be kept outside of the server"))
        self.copy_button.clicked.connect(self.copy_head)
        columns: list[Column[Entry]] = [
            Column(self.tr("When"), self._when, width_px=126),
            Column(self.tr("Who"), lambda e: who(e, desk.language), width_px=164),
            Column(self.tr("What"), what, width_px=136),
            Column(self.tr("Entry"), lambda e: e.name, width_px=180, spare=2),
            Column(self.tr("Changes"), lambda e: summary(e, self.references, desk.language)),
            Column(self.tr("From"), where_from, width_px=210, spare=1),
            Column(
                self.tr("Chain"),
                self._state_of,
                colour=lambda e: "critical_text" if e.id in self._broken else "secondary",
                width_px=104,
            ),
        ]
        self.model: RecordModel[Entry] = RecordModel(columns, lambda entry: str(entry.id), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Audit trail"))
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.state = Stateful(self.table, self.refresh)
        above = QHBoxLayout()
        margins(above, 12, 8, 12, 8, 8)
        for widget in (self.person, self.table_field, self.text):
            above.addWidget(widget)
        above.addStretch(1)
        chain_row = QHBoxLayout()
        margins(chain_row, 12, 6, 12, 6, 12)
        chain_row.addWidget(self.chain, 1)
        chain_row.addWidget(self.copy_button)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addLayout(above)
        box.addWidget(line())
        box.addLayout(chain_row)
        box.addWidget(self.state, 1)
        self.setFocusProxy(self.table)
        self.state.show_loading()
        self.copy_button.hide()
        self._search = Debounce(SEARCH_MS, lambda _text: self.refresh(), self)
        self.text.textChanged.connect(self._search)
        self.text.left.connect(self._go_to_table)
        self.table.chosen.connect(self.chosen)

    @property
    def day(self) -> date | None:
        """The day whose entries are shown; None for all."""
        return None if self.row is None else self.row.day

    @property
    def wanted(self) -> Wanted:
        """What is asked for now."""
        return Wanted(self.day, self.person.currentData(), self.table_field.currentData(), self.text.text())

    @property
    def is_at_top(self) -> bool:
        """Whether newer entries may come in without moving what is read."""
        return self.table.verticalScrollBar().value() == 0

    def search(self) -> None:
        """Let the keyboard go to the search field."""
        self.text.setFocus()
        self.text.selectAll()

    def show_day(self, row: DayRow) -> None:
        """Show the entries of a day, or of all."""
        is_other = self.row is None or row.day != self.row.day
        self.row = row
        if is_other:
            self._breaches, self._broken = None, {}
            self.refresh()
        self._say_chain()

    def refresh(self) -> None:
        """Read what is asked for anew."""
        if self.row is None:
            return
        wanted = self.wanted

        def work(connection: Connection) -> _Shown:
            references = read_references(connection) | {"staff": audit.posts(connection)}
            broken = None if wanted.day is None else audit.breaches(connection, wanted.day)
            return _Shown(audit.find(connection, wanted), references, broken)

        self._desk.operations.read(self, work, self._show, self._fail, key="trail")

    def copy_head(self) -> None:
        """Put the head of the day on the clipboard, as ``audit-heads`` prints it."""
        row = self.row
        if row is not None and row.day is not None and row.head is not None:
            QGuiApplication.clipboard().setText(audit.Head(row.day, row.entries, row.head).line())
            self._desk.notices.post(self.tr("The head of {day} is on the clipboard.").format(day=row.day))

    def breach_of(self, entry: Entry) -> Breach | None:
        """What is wrong with an entry."""
        return self._broken.get(entry.id)

    def _show(self, shown: _Shown) -> None:
        found, self.references = shown.found, shown.references
        self._breaches = shown.breaches
        self._broken = {b.entry: b for b in shown.breaches or () if b.entry is not None}
        self._offer(
            self.person, [(f"{self._desk.name(t, en)} · {n}" if t else n, n) for n, t, en in found.choices.logins]
        )
        self._offer(self.table_field, [(word(TABLE, name), name) for name in found.choices.subjects])
        self.model.show(found.entries)
        remark = figures.things(found.total, self.tr("1 entry"), self.tr("{n} entries"))
        if found.total > SHOWN:
            words = self.tr("the newest {shown} of {n} entries")
            remark = words.format(n=figures.count(found.total), shown=figures.count(SHOWN))
        title = self.tr("Who did what") if self.day is None else f"{self.tr('Who did what')} · {self.day:%Y-%m-%d}"
        self.heading.say(title, remark)
        if found.entries:
            self.state.show_content()
        elif self.wanted == Wanted(self.day):
            self.state.show_empty(self.tr("Nothing was done on this day."))
        else:
            self.state.show_empty(self.tr("Nothing fits. Ask for less."))
        if shown.breaches is not None and self.day is not None:
            self._say_chain()
            self.checked.emit(self.day, shown.breaches)

    def _offer(self, combo: QComboBox, choices: list[tuple[str, str]]) -> None:
        """Offer what occurs; what is chosen stays chosen."""
        chosen, words = combo.currentData(), combo.currentText()
        if chosen is not None and chosen not in {value for _, value in choices}:
            choices.append((words, chosen))
        while combo.count() > 1:
            combo.removeItem(1)
        for name, value in sorted(choices):
            combo.addItem(name, value)
        combo.setCurrentIndex(max(combo.findData(chosen), 0) if chosen is not None else 0)

    def _say_chain(self) -> None:
        row, breaches = self.row, self._breaches
        has_head = row is not None and row.head is not None and row.day is not None
        self.copy_button.setVisible(has_head)
        if breaches:
            named = "; ".join(breach_words(breach) for breach in breaches[:NAMED])
            more = " …" if len(breaches) > NAMED else ""
            words = self.tr("The chain of this day is broken: {named}").format(named=named)
            self.chain.setText(f"{BROKEN} {words}{more}")
            self.chain.setToolTip("\n".join(breach_words(breach) for breach in breaches))
        elif breaches is None or row is None:
            self.chain.setText("" if self.day is not None else self.tr("Choose a day to see whether its chain holds."))
        elif row.head is None:
            self.chain.setText(self.tr("Nothing of this day is sealed yet."))
        else:
            closed = self.tr("The chain holds. Head of the day (entries: {n}): {head}")
            going_on = self.tr("The chain holds; the day goes on. Head so far (entries: {n}): {head}")
            words = closed if row.is_closed else going_on
            self.chain.setText(words.format(head=row.head.hex(), n=figures.count(row.entries)))
        set_role(self.chain, "critical" if breaches else "secondary")

    def _when(self, entry: Entry) -> str:
        return figures.clock(entry.at, seconds=True) if self.day is not None else figures.moment(entry.at)

    def _state_of(self, entry: Entry) -> str:
        breach = self._broken.get(entry.id)
        if breach is not None:
            return f"{BROKEN} {word(BREACH, breach.kind)}"
        return self.tr("not sealed yet") if entry.place is None else f"{entry.place:,}"

    def _go_to_table(self) -> None:
        self._search.flush()
        self.table.setFocus()
        if self.model.rowCount() and not self.table.selectionModel().hasSelection():
            self.table.selectRow(0)

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))
